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

        // The client sends what belongs together at once: that MULTI is refused shows at its end only.
        RedisServerException refused when refused.Message.Contains("EXEC without MULTI", StringComparison.Ordinal) =>
            $"This user may not MULTI ({refused.Message}). {Mend}",
        RedisServerException refused when refused.Message.Contains("user executing the script", StringComparison.Ordinal)
            || refused.Message.Contains("ACL failure in script", StringComparison.Ordinal) =>
            $"This user may not run a command of a script ({refused.Message}). {Mend}",
        RedisServerException refused when refused.Message.StartsWith("EXECABORT", StringComparison.Ordinal) =>
            $"Redis refuses a command of a transaction, for want of a right or of memory ({refused.Message}). {Mend}",
        _ => null,
    };
}
