using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>The Redis user lacks a right. Nothing was written. The message is for the log.</summary>
/// <param name="what">Which, as a sentence without its full stop.</param>
public sealed class RedisRightsException(Explanation what) : RedisException($"{what.Detailed}. {Mend}")
{
    /// <summary>What an administrator of Redis does.</summary>
    public const string Mend =
        "Grant the user of ConnectionStrings:redis what is missing: ACL SETUSER <user> ~radar* &radar* +@read +@write +@scripting "
        + "+@pubsub +@transaction +@connection +info.";

    private const string CommandBegin = "permissions to run the '";

    private Explanation What => what;

    /// <summary>What a right that is missing is, with the remedy; null where that is not what went wrong.</summary>
    public static Explanation? Explain(Exception e) => Find(e)?.Within(static missing => $"{missing}. {Mend}");

    /// <summary>True where a right is missing.</summary>
    public static bool IsMissing(Exception e) => Find(e) is not null;

    private static Explanation? Find(Exception e) => e switch
    {
        RedisRightsException rights => rights.What,
        RedisServerException refused when refused.Message.Contains("NOPERM", StringComparison.Ordinal) =>
            new(RightOf(refused.Message), $"Redis refuses: {refused.Message}"),

        // The client sends what belongs together at once: that MULTI is refused shows at its end only.
        RedisServerException refused when refused.Message.Contains("EXEC without MULTI", StringComparison.Ordinal) =>
            new("This user may not MULTI", $"This user may not MULTI ({refused.Message})"),
        RedisServerException refused when refused.Message.Contains("user executing the script", StringComparison.Ordinal)
            || refused.Message.Contains("ACL failure in script", StringComparison.Ordinal) =>
            new("This user may not run a command of a script", $"This user may not run a command of a script ({refused.Message})"),
        RedisServerException refused when refused.Message.StartsWith("EXECABORT", StringComparison.Ordinal) =>
            new(
                "Redis refuses a command of a transaction, for want of a right or of memory",
                $"Redis refuses a command of a transaction, for want of a right or of memory ({refused.Message})"),
        _ => null,
    };

    /// <summary>The right, where the server's words show which one it is.</summary>
    private static string RightOf(string words)
    {
        int begin = words.IndexOf(CommandBegin, StringComparison.Ordinal) + CommandBegin.Length;
        int end = begin < CommandBegin.Length ? -1 : words.IndexOf('\'', begin);
        if (end > begin && words[begin..end] is { Length: <= 40 } command && command.All(IsOfCommand))
            return $"Redis refuses this user the command {command}";
        return words.Contains("channel", StringComparison.Ordinal) ? "Redis refuses this user a channel"
            : words.Contains("key", StringComparison.Ordinal) ? "Redis refuses this user a key"
            : "Redis refuses this user a right";
    }

    private static bool IsOfCommand(char character) => char.IsAsciiLetter(character) || character is '|' or '_' or '-';
}
