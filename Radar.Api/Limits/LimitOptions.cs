using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Radar.Api.Limits;

/// <summary>
/// How much a caller may ask, in cost units: a read costs 1, one with many items 1 for each 100 of them, opening a stream 10. A caller is a
/// key or token, and where nobody is asked who it is, an address. Section <c>Limits</c>.
/// </summary>
public sealed class LimitOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Limits";

    /// <summary>
    /// Units per second that a caller gets, over all replicas of the API; 0 is no limit. Not given: 500 with <c>Auth:Mode</c> keys or jwt,
    /// otherwise no limit.
    /// </summary>
    [Range(0, 1_000_000)]
    public int? UnitsPerSecond { get; set; }

    /// <summary>Units that a caller may use at once after a pause. Not given: what it gets in 4 s.</summary>
    [Range(10, 10_000_000)]
    public int? Burst { get; set; }

    /// <summary>Streams of one key or token in one process, beside <c>Api:StreamClientsPerAddressMax</c>.</summary>
    [Range(1, 1_000_000)]
    public int StreamsPerCaller { get; set; } = 100;
}

/// <summary>Checks <see cref="LimitOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class LimitOptionsValidator : IValidateOptions<LimitOptions>;
