using System.ComponentModel.DataAnnotations;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Producer.Live;
using Radar.Producer.Replay;
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

    /// <summary>
    /// Whether symbols are upper-cased, or keep the case in which their source spells them, so that <c>kPEPE</c> and <c>KPEPE</c> are two.
    /// The producer, the consumer and the API of a topic have the same; <c>keep</c> needs a <c>Kafka:Topic</c> of its own.
    /// </summary>
    public SymbolCase SymbolCase { get; set => HandOn(SymbolRule.Of(field = value)); }

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

    private void HandOn(SymbolRule symbols) =>
        Synthetic.SymbolRule = Replay.SymbolRule = Live.SymbolRule = Topic.SymbolRule = symbols;
}

/// <summary>Section <c>Producer:Synthetic</c>.</summary>
public sealed class SyntheticOptions
{
    /// <summary>Of <c>Producer:SymbolCase</c>.</summary>
    internal SymbolRule SymbolRule { get; set; } = SymbolRule.Upper;

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

    /// <summary>
    /// Minutes before the start of which a new topic gets trades at once, a few of each symbol in a minute; fewer minutes where there are
    /// more than 138 symbols. Null is a day, or 0 where <see cref="Count"/> is set.
    /// </summary>
    [Range(0, 10_080)]
    public int? PastMinutes { get; set; }
}

/// <summary>Checks <see cref="ProducerOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class ProducerOptionsValidator : IValidateOptions<ProducerOptions>;
