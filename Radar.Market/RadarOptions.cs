using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Radar.Market;

/// <summary>What all services of a state agree on; section <c>Radar</c>.</summary>
public sealed class RadarOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Radar";

    /// <summary>
    /// Name of the state: its keys begin with <c>radar-&lt;name&gt;:</c>, and its consumer group is <c>radar-&lt;name&gt;</c> unless
    /// <see cref="KafkaOptions.ConsumerGroup"/> is set. Null is the state without a name.
    /// </summary>
    [RegularExpression("[a-z0-9][a-z0-9-]{0,30}")]
    public string? Name { get; set; }

    /// <summary>
    /// Whether prices of 0 and less are taken, as oil futures and spreads have them; otherwise they are refused. Producers, consumers and
    /// APIs of a topic have the same: a state that was built without is rebuilt.
    /// </summary>
    public bool AllowNonPositivePrices { get; set; }
}

/// <summary>Checks <see cref="RadarOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class RadarOptionsValidator : IValidateOptions<RadarOptions>;
