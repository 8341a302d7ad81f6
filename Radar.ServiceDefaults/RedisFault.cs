using System.Net.Sockets;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.ServiceDefaults;

/// <summary>What went wrong with Redis, in a few words: its client's message about a lost connection fills half a page.</summary>
public static class RedisFault
{
    /// <summary>What a certificate's fault says better, where there is one.</summary>
    internal const string NoTls = "the TLS handshake failed: its certificate, or ssl=true";

    private const string Refused = "user or password is missing or wrong";

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
        ("LOADING ", "It loads its data, and answers when it has done so."),
        ("MISCONF ", "It takes no writes, since it cannot save its data: its own log shows why. Free its disk, or fix the rights there."),
    ];

    /// <summary>
    /// The cause and the remedy where they are known, else, in the log, the server's own sentence where it gave one, else the kind of
    /// failure.
    /// </summary>
    /// <param name="e">What was thrown.</param>
    /// <param name="cause">Why the connection failed, where that is known.</param>
    public static Explanation Of(Exception e, string? cause = null) => RightOf(e) ?? OwnWords(e, cause) ?? e switch
    {
        DamagedStateException damaged => damaged.Explanation.Within(LogText.Line),
        RedisServerException => new("it refuses a command; the log has its words", LogText.Line(e.Message)),
        RedisCommandException => new("its client refuses a command; the log has its words", LogText.Line(e.Message)),
        FormatException => new("what it holds cannot be read; the log says what", LogText.Line(e.Message)),
        _ => new("it failed unexpectedly; the log says how", e.GetType().Name),
    };

    private static Explanation? OwnWords(Exception e, string? cause) =>
        (RefusalOf(e) ?? CauseOf(e, cause) ?? e switch
        {
            RedisConnectionException => cause ?? "no connection",
            RedisCommandException when e.Message.Contains("database does not exist", StringComparison.Ordinal) =>
                "it has no database of the number that ConnectionStrings:redis names; a server has 0 to 15 unless its setting databases "
                + "says otherwise",
            TimeoutException => "no answer in time",
            _ => null,
        }) is { } words ? Explanation.Of(words) : null;

    private static string? CauseOf(Exception e, string? known) => CauseOf(e) is var cause && cause == NoTls ? known ?? cause : cause;

    /// <summary>
    /// Why a connection failed, without what the client adds about itself: addresses, queues and pools. Null where that does not show.
    /// </summary>
    public static string? CauseOf(Exception? e) => e switch
    {
        null => null,
        AggregateException all => all.InnerExceptions.Select(CauseOf).FirstOrDefault(cause => cause is not null),
        SocketException socket => socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "connection refused",
            SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "its name is not known to DNS",
            SocketError.TimedOut => "no answer in time",
            SocketError.HostUnreachable or SocketError.NetworkUnreachable => "its address cannot be reached",
            SocketError.ConnectionReset or SocketError.ConnectionAborted => "the connection was reset",
            _ => "the connection broke",
        },
        System.Security.Authentication.AuthenticationException => NoTls,
        _ when IsAbout(e, "WRONGPASS") || IsAbout(e, "NOAUTH") || IsAbout(e, "invalid password") => Refused,
        _ => CauseOf(e.InnerException) ?? (e is RedisConnectionException connection ? CauseOf(connection.FailureType) : null),
    };

    private static string? CauseOf(ConnectionFailureType failure) => failure switch
    {
        ConnectionFailureType.AuthenticationFailure => Refused,
        ConnectionFailureType.SocketClosed or ConnectionFailureType.SocketFailure => "the connection broke",
        ConnectionFailureType.Loading => "it loads its data",
        ConnectionFailureType.ProtocolFailure => "what answers is no Redis",
        _ => null,
    };

    private static bool IsAbout(Exception e, string words) =>
        e is RedisException && e.Message.Contains(words, StringComparison.OrdinalIgnoreCase);

    /// <summary>True where a server answers, and refuses: it is not away.</summary>
    public static bool IsRefusal(Exception e) =>
        e is RedisServerException or RedisCommandException || RedisRightsException.IsMissing(e) || RefusalOf(e) is not null;

    private static Explanation? RightOf(Exception e) => RedisRightsException.Explain(e)?.Within(LogText.Line);

    private static string? RefusalOf(Exception e) => e switch
    {
        RedisServerException => Array.Find(Refusals, refusal => e.Message.Contains(refusal.Words, StringComparison.Ordinal)).Sentence,

        // The client knows the roles of its servers, and says this only where one that it is connected to is a replica.
        RedisConnectionException when e.Message.Contains("not eligible for replica", StringComparison.Ordinal) => ReadOnly,
        _ => null,
    };
}
