using System.Diagnostics;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Queries;

/// <summary>Spans of reads from Redis, where they are recorded.</summary>
internal sealed class RedisSpan(MarketReader reader)
{
    private static readonly ActivitySource Activities = new(TelemetryNames.Api);

    private readonly RedisSpans _spans = reader.SpansOf(Activities);

    /// <summary>Reads in a span named <paramref name="operation"/>, within the time of the request.</summary>
    /// <param name="deadline">Of the request.</param>
    /// <param name="operation">The Redis command.</param>
    /// <param name="keys">The partition that is read; null where the read begins with the epoch that is served.</param>
    /// <param name="read">The read.</param>
    public async Task<T> TraceAsync<T>(Deadline deadline, string operation, RedisKeys? keys, Func<Task<T>> read)
    {
        using Activity? span = Begin(operation, keys);
        try
        {
            return await deadline.WithinAsync(read());
        }
        catch (Exception e)
        {
            Fail(span, e);
            throw;
        }
    }

    /// <summary>Begins a span alone.</summary>
    /// <param name="operation">The Redis command.</param>
    /// <param name="keys">As of <see cref="TraceAsync{T}"/>.</param>
    public Activity? Begin(string operation, RedisKeys? keys) => reader.StartSpan(_spans, operation, keys);

    public static void Fail(Activity? span, Exception e) =>
        span?.SetStatus(ActivityStatusCode.Error).SetTag(TelemetryNames.ErrorType, e.GetType().Name);
}
