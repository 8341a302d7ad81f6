using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.ServiceDefaults;

/// <summary>What went wrong with Redis, in a few words: what its client says about a lost connection fills half a page.</summary>
public static class RedisFault
{
    /// <summary>The server's own sentence where it gave one; otherwise the kind of failure.</summary>
    public static string Of(Exception e) => RedisRightsException.SentenceOf(e) ?? e switch
    {
        RedisConnectionException connection => connection.FailureType.ToString(),
        RedisServerException or FormatException => e.Message, // what is stored may be what is wrong
        TimeoutException => "no answer in time",
        _ => e.GetType().Name,
    };
}
