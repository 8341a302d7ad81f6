using System.ComponentModel.DataAnnotations;
using Radar.Producer.Mapping;

namespace Radar.Producer.Topics;

/// <summary>
/// Section <c>Producer:Topic</c>: another topic of the same Kafka, and where in its records a tick is. Its offsets are committed in the
/// transactions that write our topic, which no two clusters can share: a topic of another cluster has to be mirrored first.
/// </summary>
/// <remarks>
/// A place is <c>/a/b</c> (a JSON pointer into the trade, RFC 6901), <c>value:/a/b</c> (into the whole value, where <see cref="Items"/>
/// makes trades of its parts), <c>key</c> (the record's key as text), <c>key:/a/b</c> (into a key that is JSON), <c>header:name</c>,
/// <c>constant:text</c> or, as a time, <c>timestamp</c> (the record's own). The defaults are the members of our own event. Empty is
/// "not there", for what is not required.
/// </remarks>
public sealed class TopicOptions : MappingOptions
{
    private static readonly TopicOptions Defaults = new();

    /// <summary>The topic to read.</summary>
    [RegularExpression("[A-Za-z0-9._-]{1,249}")]
    public string? Name { get; set; }

    /// <summary>Consumer group whose offsets define what is done; null is <c>&lt;its topic&gt;-to-&lt;our topic&gt;</c>.</summary>
    [StringLength(200, MinimumLength = 1)]
    public string? Group { get; set; }

    /// <summary>Where a partition begins that the group has never read.</summary>
    public TopicStart Start { get; set; } = TopicStart.Earliest;

    /// <summary>
    /// Pointer to a list of which every item is a trade: <c>/data</c>, or <c>value</c> where the value itself is the list. Null takes the
    /// value as one trade.
    /// </summary>
    [StringLength(1_000)]
    public string? Items { get; set; }

    /// <summary>Path of the symbol; its case is that of <c>Producer:SymbolCase</c>.</summary>
    [StringLength(1_000)]
    public string Symbol { get; set; } = "/symbol";

    /// <summary>Path of the price; a JSON number or a decimal string.</summary>
    [StringLength(1_000)]
    public string Price { get; set; } = "/price";

    /// <summary>Path of the event time.</summary>
    [StringLength(1_000)]
    public string Time { get; set; } = "/timestamp";

    /// <summary>Path of the traded units; a JSON number or a decimal string.</summary>
    [StringLength(1_000)]
    public string Size { get; set; } = "/size";

    /// <summary>Path of the venue's identity of the trade; an integer or a text.</summary>
    [StringLength(1_000)]
    public string TradeId { get; set; } = "/trade_id";

    /// <summary>Path of the side; a text, a number or a boolean that <see cref="MappingOptions.Sides"/> names.</summary>
    [StringLength(1_000)]
    public string Side { get; set; } = "/side";

    /// <summary>Path of the venue's name.</summary>
    [StringLength(1_000)]
    public string Venue { get; set; } = "/venue";

    /// <summary>Path of the mark of a correction or cancel; see <see cref="MappingOptions.Corrections"/>.</summary>
    [StringLength(1_000)]
    public string Correction { get; set; } = "";

    /// <summary>Records of one transaction.</summary>
    [Range(1, 100_000)]
    public int BatchRecordsMax { get; set; } = 5_000;

    /// <summary>Milliseconds from the first record of a transaction to its commit; readers see its ticks only then.</summary>
    [Range(1, 10_000)]
    public int BatchMs { get; set; } = 50;

    /// <summary>
    /// Milliseconds after which Kafka aborts a transaction whose producer is gone. Until then, and until Kafka looks (every 10 s by
    /// default), readers of our topic wait behind what a crashed producer left open.
    /// </summary>
    [Range(1_000, 900_000)]
    public int TransactionTimeoutMs { get; set; } = 10_000;

    /// <summary>
    /// A name that no other replica has and that this one keeps when it is restarted, such as that of a pod in a stateful set: what it
    /// left open is then aborted as soon as it is back. Null is a new name at each start.
    /// </summary>
    [RegularExpression("[A-Za-z0-9._-]{1,100}")]
    public string? Instance { get; set; }

    /// <summary>The path of each field and its setting; one that has its default is the preset's where there is one.</summary>
    internal IEnumerable<(TickField Field, string Setting, string Path)> Paths(Preset? preset)
    {
        return
        [
            Of(TickField.Symbol, nameof(Symbol), Symbol, Defaults.Symbol), Of(TickField.Price, nameof(Price), Price, Defaults.Price),
            Of(TickField.Time, nameof(Time), Time, Defaults.Time), Of(TickField.Size, nameof(Size), Size, Defaults.Size),
            Of(TickField.TradeId, nameof(TradeId), TradeId, Defaults.TradeId), Of(TickField.Side, nameof(Side), Side, Defaults.Side),
            Of(TickField.Venue, nameof(Venue), Venue, Defaults.Venue),
            Of(TickField.Correction, nameof(Correction), Correction, Defaults.Correction),
        ];

        (TickField, string, string) Of(TickField field, string setting, string path, string byDefault) =>
            (field, setting, preset is null || path != byDefault ? path
                : preset.Pointer(field) ?? (field is TickField.Symbol ? path : ""));
    }

    /// <summary>The group in force.</summary>
    internal string GroupOf(string ourTopic) => Group ?? $"{Name}-to-{ourTopic}";
}

/// <summary>Where a partition begins that was never read.</summary>
public enum TopicStart
{
    /// <summary>At the oldest record.</summary>
    Earliest,

    /// <summary>Behind the newest record.</summary>
    Latest,
}
