using System.Diagnostics;
using Radar.Market;

namespace Radar.Api;

/// <summary>Spans of reads from Redis, where somebody listens.</summary>
internal static class RedisSpan
{
    private static readonly ActivitySource Activities = new(TelemetryNames.Api);

    /// <summary>Reads in a span named <paramref name="operation"/>.</summary>
    public static async Task<T> TraceAsync<T>(string operation, Func<Task<T>> read)
    {
        using Activity? span = Begin(operation);
        try
        {
            return await read();
        }
        catch (Exception e)
        {
            Fail(span, e);
            throw;
        }
    }

    public static Activity? Begin(string operation) =>
        Activities.StartActivity(operation, ActivityKind.Client)?
            .SetTag("db.system.name", "redis").SetTag("db.operation.name", operation);

    public static void Fail(Activity? span, Exception e) =>
        span?.SetStatus(ActivityStatusCode.Error).SetTag(TelemetryNames.ErrorType, e.GetType().Name);
}
