using System.Diagnostics;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api.Queries;

/// <summary>Spans of reads from Redis, where they are recorded.</summary>
internal sealed class RedisSpan(IConnectionMultiplexer redis)
{
    private static readonly ActivitySource Activities = new(TelemetryNames.Api);

    private readonly RedisSpans _spans = new(Activities, redis);

    /// <summary>Reads in a span named <paramref name="operation"/>, within the time of the request.</summary>
    /// <param name="deadline">Of the request.</param>
    /// <param name="operation">The Redis command.</param>
    /// <param name="key">A key that is read; in a cluster, it determines the server. Reads of many servers name the one of that
    /// key.</param>
    /// <param name="read">The read.</param>
    public async Task<T> TraceAsync<T>(Deadline deadline, string operation, RedisKey key, Func<Task<T>> read)
    {
        using Activity? span = Begin(operation, key);
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
    /// <param name="key">As of <see cref="TraceAsync{T}"/>.</param>
    public Activity? Begin(string operation, RedisKey key)
    {
        Activity? span = _spans.Start(operation);
        if (span is { IsAllDataRequested: true })
            _spans.ServerOf(key)?.Tag(span);
        return span;
    }

    public static void Fail(Activity? span, Exception e) =>
        span?.SetStatus(ActivityStatusCode.Error).SetTag(TelemetryNames.ErrorType, e.GetType().Name);
}
