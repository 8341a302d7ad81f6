using System.ComponentModel.DataAnnotations;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Producer.Live;
using Radar.Producer.Topics;

namespace Radar.Producer;

/// <summary>Section <c>Producer</c>.</summary>
public sealed class ProducerOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Producer";

    /// <summary>
    /// Where ticks come from: <c>none</c>, <c>synthetic</c>, <c>replay</c>, <c>kafka</c> or a live venue (docs/sources.md), in any case.
    /// </summary>
    [Required]
    public string Source { get; set => field = value?.ToLowerInvariant()!; } = SourceNames.Synthetic;

    /// <summary>
    /// How a recorded or live tick is named: <c>{symbol}</c> is the venue's own name, <c>{venue}</c> the venue with its market,
    /// upper-cased. <c>{venue}:{symbol}</c> distinguishes spot and futures of one name.
    /// </summary>
    [Required]
    public string SymbolFormat { get; set; } = "{symbol}";

    /// <summary>Ticks of each symbol that are traced in a second, the first ones; 0 traces none.</summary>
    [Range(0, 1_000_000)]
    public int TracesPerSymbolPerSecond { get; set; } = 1;

    /// <summary>Ticks of all symbols together that are traced in a second, at most.</summary>
    [Range(0, 1_000_000)]
    public int TracesPerSecondMax { get; set; } = 1000;

    /// <summary>Compression of batches on the wire.</summary>
    public CompressionType Compression { get; set; } = CompressionType.Lz4;

    /// <summary>How long a batch waits for more ticks, in milliseconds.</summary>
    [Range(0, 10_000)]
    public double LingerMs { get; set; } = 5;

    /// <summary>Largest batch, in bytes.</summary>
    [Range(1_000, 100_000_000)]
    public int BatchBytes { get; set; } = 1_000_000;

    /// <summary>Ticks that may wait for their acknowledgement; the source is slowed at this limit.</summary>
    [Range(1, 10_000_000)]
    public int QueueTicksMax { get; set; } = 100_000;

    /// <summary>How long a stop waits for the last acknowledgements, in milliseconds.</summary>
    [Range(0, 600_000)]
    public int FlushMs { get; set; } = 20_000;

    /// <summary>
    /// For brokers that keep little, such as the embedded one: bytes that may lie in a partition unconsumed by the group
    /// <c>Kafka:ConsumerGroup</c>. The source is held back at this limit. 0 is no limit.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long UnconsumedBytesMax { get; set; }

    /// <summary>Of the source <c>synthetic</c>.</summary>
    [ValidateObjectMembers]
    public SyntheticOptions Synthetic { get; } = new();

    /// <summary>Of the source <c>replay</c>.</summary>
    [ValidateObjectMembers]
    public ReplayOptions Replay { get; } = new();

    /// <summary>Of the sources that are live venues.</summary>
    [ValidateObjectMembers]
    public LiveOptions Live { get; } = new();

    /// <summary>Of the source <c>kafka</c>.</summary>
    [ValidateObjectMembers]
    public TopicOptions Topic { get; } = new();
}

/// <summary>Section <c>Producer:Synthetic</c>.</summary>
public sealed class SyntheticOptions
{
    /// <summary>Two runs with one seed make the same ticks, timestamps aside.</summary>
    [Range(int.MinValue, int.MaxValue)]
    public int Seed { get; set; } = 1;

    /// <summary>Symbols by name; empty takes the six defaults, or <see cref="SymbolCount"/> made-up ones.</summary>
    [MaxLength(100_000)]
    public IList<string> Symbols { get; } = [];

    /// <summary>Number of made-up symbols <c>SYM00001</c>…; 0 takes <see cref="Symbols"/>.</summary>
    [Range(0, 100_000)]
    public int SymbolCount { get; set; }

    /// <summary>Ticks per second over all symbols; 0 is as fast as possible.</summary>
    [Range(0, 100_000_000)]
    public double Rate { get; set; } = 50;

    /// <summary>Ticks until the source ends; 0 is no end.</summary>
    [Range(0, long.MaxValue)]
    public long Count { get; set; }
}

/// <summary>Section <c>Producer:Replay</c>.</summary>
public sealed class ReplayOptions
{
    /// <summary>Files, folders (with all below them) or globs (<c>*</c>, <c>?</c>, <c>**</c>).</summary>
    [MaxLength(10_000)]
    public IList<string> Paths { get; } = [];

    /// <summary>1 is the recorded pace, n is n times as fast, 0 as fast as possible.</summary>
    [Range(0, 1_000_000)]
    public double Speed { get; set; } = 1;

    /// <summary>Begin again at the end.</summary>
    public bool Loop { get; set; }

    /// <summary>Symbol of files that name none.</summary>
    [StringLength(32)]
    public string? Symbol { get; set; }

    /// <summary>Venue of files that name none.</summary>
    [StringLength(64)]
    public string? Venue { get; set; }

    /// <summary>
    /// The line that CSV files without a header lack, columns separated by commas: <c>id,price,qty,quote_qty,time,is_buyer_maker</c>.
    /// </summary>
    public string? Header { get; set; }

    /// <summary>
    /// What the times of CSV files count. A number less than a day counts from midnight where there is a column with the date, any other
    /// from 1970.
    /// </summary>
    public TimeUnit TimeUnit { get; set; }

    /// <summary>Columns of CSV files, where their names are not the usual ones.</summary>
    public CsvColumns Columns { get; private set; } = new();

    /// <summary>Copies the settings of how files are read, but not of which ones.</summary>
    internal void CopyFormatTo(ReplayOptions other) =>
        (other.Symbol, other.Venue, other.Header, other.TimeUnit, other.Columns) = (Symbol, Venue, Header, TimeUnit, Columns);
}

/// <summary>
/// Section <c>Producer:Replay:Columns</c>: the header's name of each column. Null finds it by usual names, an empty name leaves it out.
/// </summary>
public sealed class CsvColumns
{
    /// <summary>Usually <c>symbol</c>, <c>ticker</c>, <c>pair</c>, <c>instrument</c> or <c>product_id</c>.</summary>
    public string? Symbol { get; set; }

    /// <summary>Usually <c>price</c>, <c>px</c> or <c>last</c>.</summary>
    public string? Price { get; set; }

    /// <summary>Usually <c>size</c>, <c>amount</c>, <c>qty</c>, <c>quantity</c> or <c>volume</c>.</summary>
    public string? Size { get; set; }

    /// <summary>Usually <c>timestamp</c>, <c>time</c>, <c>ts</c>, <c>datetime</c> or <c>date</c>.</summary>
    public string? Timestamp { get; set; }

    /// <summary>Usually <c>date</c>, beside a column <c>time</c>: the day of what may be a time of day.</summary>
    public string? Date { get; set; }

    /// <summary>Usually <c>trade_id</c> or <c>id</c>.</summary>
    public string? TradeId { get; set; }

    /// <summary>Usually <c>side</c>, of the taker: <c>buy</c> or <c>sell</c>.</summary>
    public string? Side { get; set; }

    /// <summary>Usually <c>is_buyer_maker</c>, in the place of a side: true is a sale.</summary>
    public string? BuyerIsMaker { get; set; }

    /// <summary>Usually <c>venue</c> or <c>exchange</c>.</summary>
    public string? Venue { get; set; }
}

/// <summary>Checks <see cref="ProducerOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class ProducerOptionsValidator : IValidateOptions<ProducerOptions>;
