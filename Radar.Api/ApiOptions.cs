using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Radar.Api;

/// <summary>Options of the API; section <c>Api</c>.</summary>
public sealed class ApiOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Api";

    /// <summary>Lag above which an answer is called stale and health degraded, in ms.</summary>
    [Range(0, 86_400_000)]
    public int StaleAfterMs { get; set; } = 10_000;

    /// <summary>Pause between two measurements of the lag, in ms.</summary>
    [Range(50, 60_000)]
    public int LagIntervalMs { get; set; } = 1000;

    /// <summary>How long Kafka may take to tell where its partitions end, in ms; the lag is unknown after that.</summary>
    [Range(100, 60_000)]
    public int KafkaTimeoutMs { get; set; } = 3000;

    /// <summary>
    /// How long a measured lag counts, in ms: three intervals, and as long as Kafka may take. A newer one is there by then, or the
    /// monitor has stopped.
    /// </summary>
    internal long LagExpiresMs => (3L * LagIntervalMs) + KafkaTimeoutMs;
}

/// <summary>Checks <see cref="ApiOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class ApiOptionsValidator : IValidateOptions<ApiOptions>;
