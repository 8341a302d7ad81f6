using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>Spans of Redis commands, with the attributes that the semantic conventions give them.</summary>
public sealed class RedisSpans(ActivitySource source, IConnectionMultiplexer redis)
{
    private readonly string _database = redis.GetDatabase().Database.ToString(CultureInfo.InvariantCulture);

    /// <summary>Starts a span; null without a listener.</summary>
    /// <param name="operation">The Redis command; the span's name.</param>
    /// <param name="parent">Its parent; without one, the current span.</param>
    public Activity? Start(string operation, ActivityContext parent = default) =>
        source.StartActivity(operation, ActivityKind.Client, parent)?
            .SetTag(TelemetryNames.DbSystem, "redis")
            .SetTag(TelemetryNames.DbOperation, operation)
            .SetTag(TelemetryNames.DbNamespace, _database);

    /// <summary>The server that a command on <paramref name="key"/> goes to; null where there is none now.</summary>
    public ServerAddress? ServerOf(RedisKey key, CommandFlags flags = CommandFlags.None)
    {
        try
        {
            return ServerAddress.Of(redis.GetServer(key, null, flags).EndPoint);
        }
        catch (Exception e) when (e is RedisException or InvalidOperationException)
        {
            return null;
        }
    }
}
