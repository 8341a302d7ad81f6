using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.ServiceDefaults;

/// <summary>What went wrong with Redis, in a few words: its client's message about a lost connection fills half a page.</summary>
public static class RedisFault
{
    private const string ReadOnly =
        "It is a replica, which takes no writes. Point ConnectionStrings:redis at the primary, or promote this server (REPLICAOF NO ONE).";

    /// <summary>
    /// Error texts of servers that refuse writes, and what they mean. Redis 6.2 puts the script's line before the text, newer versions
    /// behind it.
    /// </summary>
    private static readonly (string Words, string Sentence)[] Refusals =
    [
        ("OOM command not allowed", "Its memory is full (maxmemory), so it takes no writes. Raise maxmemory, or free memory on it."),
        ("READONLY You can't write", ReadOnly),
        ("NOREPLICAS Not enough",
            "It takes no writes, since fewer replicas follow it than its min-replicas-to-write. Bring them back, or lower that setting."),
        ("MISCONF ", "It takes no writes, since it cannot save its data: its own log shows why. Free its disk, or fix the rights there."),
    ];

    /// <summary>
    /// The cause and the remedy where they are known, else the server's own sentence where it gave one, else the kind of failure.
    /// </summary>
    public static string Of(Exception e) => RedisRightsException.SentenceOf(e) ?? RefusalOf(e) ?? e switch
    {
        RedisConnectionException connection => connection.FailureType.ToString(),
        RedisServerException or FormatException => e.Message, // what is stored may be what is wrong
        TimeoutException => "no answer in time",
        _ => e.GetType().Name,
    };

    /// <summary>True where a server answers, and refuses: it is not away.</summary>
    public static bool IsRefusal(Exception e) =>
        e is RedisServerException || RedisRightsException.SentenceOf(e) is not null || RefusalOf(e) is not null;

    private static string? RefusalOf(Exception e) => e switch
    {
        RedisServerException => Array.Find(Refusals, refusal => e.Message.Contains(refusal.Words, StringComparison.Ordinal)).Sentence,

        // The client knows the roles of its servers, and says this only where one that it is connected to is a replica.
        RedisConnectionException when e.Message.Contains("not eligible for replica", StringComparison.Ordinal) => ReadOnly,
        _ => null,
    };
}
