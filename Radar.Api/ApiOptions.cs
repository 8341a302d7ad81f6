using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Radar.Api;

/// <summary>Options of the API; section <c>Api</c>.</summary>
public sealed class ApiOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Api";

    /// <summary>Every origin, in <see cref="CorsOrigins"/>.</summary>
    internal const string AnyOrigin = "*";

    /// <summary>Lag above which an answer is called stale and health degraded, in ms.</summary>
    [Range(0, 86_400_000)]
    public int StaleAfterMs { get; set; } = 10_000;

    /// <summary>The freshness objective: the share of events, in percent, that must be visible within <see cref="ObjectiveMs"/>.</summary>
    [Range(50, 99.999)]
    public double ObjectivePercent { get; set; } = 99;

    /// <summary>How long after its Kafka timestamp an event is visible in time, in ms.</summary>
    [Range(1, 3_600_000)]
    public int ObjectiveMs { get; set; } = 500;

    /// <summary>The time over which the share is taken, in days.</summary>
    [Range(1, 90)]
    public int ObjectiveDays { get; set; } = 30;

    /// <summary>Pause between two measurements of the lag, in ms.</summary>
    [Range(50, 60_000)]
    public int LagIntervalMs { get; set; } = 1000;

    /// <summary>How long Kafka may take to answer where its partitions end, in ms; the lag is unknown after that.</summary>
    [Range(100, 60_000)]
    public int KafkaTimeoutMs { get; set; } = 3000;

    /// <summary>
    /// How long a request may wait for Redis and Kafka, in ms; it is answered with 503 after that. A stream has none once it is open.
    /// </summary>
    [Range(50, 600_000)]
    public int RequestDeadlineMs { get; set; } = 2000;

    /// <summary>Pause between two comparisons of the live board with Redis, in ms: a lost last change is noticed after that.</summary>
    [Range(20, 60_000)]
    public int BoardAuditMs { get; set; } = 1000;

    /// <summary>Pause between two heartbeats of a stream, in ms.</summary>
    [Range(50, 300_000)]
    public int StreamHeartbeatMs { get; set; } = 5000;

    /// <summary>Streams that one process serves at once.</summary>
    [Range(1, 1_000_000)]
    public int StreamClientsMax { get; set; } = 10_000;

    /// <summary>Streams from one address. Behind a proxy all clients have its address, unless <see cref="Proxies"/> names it.</summary>
    [Range(1, 1_000_000)]
    public int StreamClientsPerAddressMax { get; set; } = 500;

    /// <summary>
    /// Bytes that may wait for one client, or one change, whatever its size; tickers are conflated beyond that, other streams are closed.
    /// </summary>
    [Range(1024, 1_073_741_824)]
    public int StreamQueueBytesMax { get; set; } = 8_388_608;

    /// <summary>
    /// Bytes that may wait for the clients of all streams of one process; new streams are refused beyond that, and slow ones conflated or
    /// closed.
    /// </summary>
    [Range(1_048_576, 1_099_511_627_776)]
    public long StreamWaitingBytesMax { get; set; } = 268_435_456;

    /// <summary>How long a client may take for the next 64 KB of what it is sent, in ms; it is disconnected after that.</summary>
    [Range(100, 600_000)]
    public int StreamWriteTimeoutMs { get; set; } = 10_000;

    /// <summary>
    /// Addresses of the proxies in front of the API, or their networks (<c>10.0.0.0/8</c>). Of requests from these, and of no others,
    /// <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> count. Empty, the default: of none.
    /// </summary>
    public IList<string> Proxies { get; } = [];

    /// <summary>Whether <c>/docs</c> and <c>/openapi/v1.json</c> are served.</summary>
    public bool Docs { get; set; } = true;

    /// <summary>
    /// Origins whose pages may read the API from a browser (CORS), as <c>https://charts.example.com</c>; <c>*</c> alone is every one.
    /// Empty, the default: only the API's own pages may.
    /// </summary>
    public IList<string> CorsOrigins { get; } = [];

    /// <summary>
    /// How long a measured lag counts, in ms: three intervals, and as long as Kafka may take. A newer one is there by then, or the
    /// monitor has stopped.
    /// </summary>
    internal long LagExpiresMs => (3L * LagIntervalMs) + KafkaTimeoutMs;
}

/// <summary>Checks <see cref="ApiOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class ApiOptionsValidator : IValidateOptions<ApiOptions>;

/// <summary>Checks what no attribute can express.</summary>
internal sealed class CorsOriginsValidator : IValidateOptions<ApiOptions>
{
    public ValidateOptionsResult Validate(string? name, ApiOptions options)
    {
        var faults = options.CorsOrigins.Select(Fault).OfType<string>().ToList();
        if (options.CorsOrigins.Count > 1 && options.CorsOrigins.Contains(ApiOptions.AnyOrigin))
            faults.Add("Api:CorsOrigins: * is every origin and stands alone.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>A browser compares origins by letter, so one that is written otherwise would silently never match.</summary>
    private static string? Fault(string origin) =>
        origin == ApiOptions.AnyOrigin
        || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            && uri.GetLeftPart(UriPartial.Authority) == origin)
            ? null
            : $"Api:CorsOrigins: '{origin}' is not an origin as browsers send it: scheme, host in lower case and port where it is not the "
                + "usual one, without a slash at the end, as https://charts.example.com.";
}
