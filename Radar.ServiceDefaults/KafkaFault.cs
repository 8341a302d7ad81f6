using System.Text.RegularExpressions;
using Confluent.Kafka;
using Radar.Market;
using Radar.ServiceDefaults.Tls;

namespace Radar.ServiceDefaults;

/// <summary>
/// What went wrong with Kafka, in a few words. librdkafka's errors say that a broker does not answer; why, only its log lines do, with its
/// own threads, addresses and states in them. One per host; any thread.
/// </summary>
public sealed partial class KafkaFault(TimeProvider time)
{
    private const string NotTrusted =
        "its TLS certificate is not trusted, out of date, or for another name: Kafka:Client:ssl.ca.location";

    /// <summary>An older line is about something that has passed: librdkafka tries again every few seconds, at most ten.</summary>
    private static readonly TimeSpan CauseAge = TimeSpan.FromSeconds(30);

    /// <summary>Parts of librdkafka's and the operating systems' sentences, and what they mean; the first that fits.</summary>
    private static readonly (string Part, string Words)[] Causes =
    [
        ("Connection refused", "connection refused"),
        ("actively refused", "connection refused"),
        ("Failed to resolve", "its name is not known to DNS"),
        ("Unsupported SASL mechanism", "the broker does not support the mechanism of Kafka:Client:sasl.mechanism"),
        ("SASL mechanism", "the broker does not support the mechanism of Kafka:Client:sasl.mechanism"),
        ("SASL authentication error", "user or password is refused: Kafka:Client:sasl.username and sasl.password"),
        ("Authentication failed", "user or password is refused: Kafka:Client:sasl.username and sasl.password"),
        ("certificate verify failed", NotTrusted),
        ("PLAINTEXT broker listener", "it does not use TLS, which Kafka:Client:security.protocol asks for"),
        ("SSL handshake failed", "the TLS handshake failed: Kafka:Client:security.protocol and ssl.…"),
        ("ApiVersion", "it closes the connection; a listener with TLS or SASL needs Kafka:Client:security.protocol"),
        ("security.protocol", "it closes the connection; a listener with TLS or SASL needs Kafka:Client:security.protocol"),
        ("timed out", "no answer in time"),
        ("unreachable", "its address cannot be reached"),
        ("No route to host", "its address cannot be reached"),
        ("reset by peer", "the connection was reset"),
    ];

    private readonly KafkaCertificates? _certificates;
    private volatile Cause? _cause;
    private Task? _look;

    internal KafkaFault(TimeProvider time, KafkaCertificates certificates)
        : this(time) => _certificates = certificates;

    /// <summary>A line of librdkafka's about a connection that failed.</summary>
    public void Note(string line)
    {
        if (CauseIn(line) is not { } words)
            return;
        if (words != NotTrusted || _certificates is null)
            _cause = new Cause(words, time.GetTimestamp());
        else if (_look is null or { IsCompleted: true })
            _look = LookAsync(_certificates, line);
    }

    /// <summary>The cause where a connection failed a moment ago, else what the error says; no address and no secret.</summary>
    public Explanation Of(Error error) => IsConnection(error) && _cause is { } cause && time.GetElapsedTime(cause.At) < CauseAge
        ? Explanation.Of(cause.Words)
        : WordsOf(error);

    /// <summary>What the error says, without what is librdkafka's own; in public, what its code says.</summary>
    public static Explanation WordsOf(Error error) => OwnWords(error.Code) is { } words
        ? Explanation.Of(words)
        : new(Shown(error.Code.GetReason()), Shown(error.Reason));

    private static string? OwnWords(ErrorCode code) => code switch
    {
        ErrorCode.Local_Transport => "the connection broke or was not made",
        ErrorCode.Local_AllBrokersDown => "no broker can be reached",
        ErrorCode.Local_TimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.Local_MsgTimedOut => "no answer in time",
        ErrorCode.Local_Resolve => "its name is not known to DNS",
        ErrorCode.Local_Authentication => "user or password is refused: Kafka:Client:sasl.username and sasl.password",
        ErrorCode.Local_Ssl => "the TLS handshake failed: Kafka:Client:security.protocol and ssl.…",
        _ => null,
    };

    private static string Shown(string reason) => LogText.Line(Own().Replace(reason, "").Trim());

    /// <summary>Null where the line is about something else.</summary>
    internal static string? CauseIn(string line) =>
        Array.Find(Causes, cause => line.Contains(cause.Part, StringComparison.OrdinalIgnoreCase)).Words;

    private async Task LookAsync(KafkaCertificates certificates, string line)
    {
        await Task.Yield(); // librdkafka's thread does not wait
        _cause = new Cause(await certificates.FaultAsync(line) ?? NotTrusted, time.GetTimestamp());
    }

    private static bool IsConnection(Error error) => error.Code is ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown
        or ErrorCode.Local_TimedOut or ErrorCode.Local_Resolve or ErrorCode.Local_Authentication or ErrorCode.Local_Ssl;

    /// <summary>Thread and broker before a sentence, state and time behind it, and who it is from.</summary>
    [GeneratedRegex(@"\[thrd:[^\]]*\]:?|\S+/(?:bootstrap|\d+):|\(after \d+ms in state [^)]*\)|\b(?:Local|Broker): ")]
    private static partial Regex Own();

    private sealed record Cause(string Words, long At);
}
