using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>The Redis user lacks a right. Nothing was written.</summary>
/// <param name="what">Which, as a sentence without its full stop.</param>
public sealed class RedisRightsException(string what) : RedisException($"{what}. {Mend}")
{
    /// <summary>What an administrator of Redis does.</summary>
    public const string Mend =
        "Grant the user of ConnectionStrings:redis what is missing: ACL SETUSER <user> ~radar* &radar* +@read +@write +@scripting "
        + "+@pubsub +@transaction +@connection +info.";

    /// <summary>What a right that is missing is, with the remedy; null where that is not what went wrong.</summary>
    public static string? SentenceOf(Exception e) => e switch
    {
        RedisRightsException rights => rights.Message,
        RedisServerException refused when refused.Message.Contains("NOPERM", StringComparison.Ordinal) =>
            $"Redis refuses: {refused.Message}. {Mend}",
        _ => null,
    };
}
