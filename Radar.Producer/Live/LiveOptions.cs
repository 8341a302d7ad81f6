using System.ComponentModel.DataAnnotations;
using Radar.Market;

namespace Radar.Producer.Live;

/// <summary>Section <c>Producer:Live</c>: of the sources that are live venues.</summary>
public sealed class LiveOptions
{
    /// <summary>Of <c>Producer:SymbolCase</c>.</summary>
    internal SymbolRule SymbolRule { get; set; } = SymbolRule.Upper;

    /// <summary>What to follow, as the venue spells it, in any case: <c>btcusdt</c>, <c>BTC-USD</c>, <c>BTC/USD</c>.</summary>
    [MaxLength(10_000)]
    public IList<string> Symbols { get; } = [];

    /// <summary>Which market of the venue: <c>Spot</c>, or <c>UsdFutures</c> of Binance; null is the venue's first.</summary>
    public string? Market { get; set; }

    /// <summary>Address of the venue's WebSocket, without streams; null is the venue's own. <c>ws</c> only on this machine.</summary>
    public string? WebSocketUrl { get; set; }

    /// <summary>
    /// Address of the venue's REST, without paths; null is the venue's own, empty refills no gaps. <c>http</c> only on this machine.
    /// </summary>
    public string? RestUrl { get; set; }

    /// <summary>How long a connection may be silent, its heartbeat included, in milliseconds; 0 is what suits the venue.</summary>
    [Range(0, 3_600_000)]
    public int SilenceMs { get; set; }

    /// <summary>When a connection is replaced by a fresh one, in minutes; 0 is what suits the venue (Binance cuts after 1440).</summary>
    [Range(0, 1_000_000)]
    public int LifetimeMinutes { get; set; }

    /// <summary>How long a connection that is replaced is read on while its successor already receives, in milliseconds.</summary>
    [Range(0, 60_000)]
    public int OverlapMs { get; set; } = 3_000;

    /// <summary>How long connecting, and the answer to a subscription, may take, in milliseconds.</summary>
    [Range(1, 600_000)]
    public int ConnectTimeoutMs { get; set; } = 15_000;

    /// <summary>Longest wait before the first new attempt after a failure, in milliseconds. It doubles with each further failure.</summary>
    [Range(1, 600_000)]
    public int BackoffMs { get; set; } = 1_000;

    /// <summary>Longest wait before a new attempt, in milliseconds.</summary>
    [Range(1, 3_600_000)]
    public int BackoffMaxMs { get; set; } = 60_000;

    /// <summary>Symbols on one connection; 0 is what suits the venue.</summary>
    [Range(0, 1_024)]
    public int SymbolsPerConnection { get; set; }

    /// <summary>Largest message, in bytes; a larger one ends its connection.</summary>
    [Range(1_024, 64 << 20)]
    public int MessageBytesMax { get; set; } = 1 << 20;

    /// <summary>Ticks read ahead of Kafka; at this limit connections are not read.</summary>
    [Range(1, 1_000_000)]
    public int QueueTicksMax { get; set; } = 10_000;

    /// <summary>
    /// Ticks of a connection that may wait for earlier gaps to be refilled; at this limit the gap that holds back most stays one.
    /// </summary>
    [Range(1, 10_000_000)]
    public int HeldTicksMax { get; set; } = 100_000;

    /// <summary>Trades of one gap that are asked for; of a larger gap the newest.</summary>
    [Range(1, 1_000_000)]
    public int RefillTradesMax { get; set; } = 20_000;

    /// <summary>How long one REST request may take, in milliseconds.</summary>
    [Range(1, 600_000)]
    public int RestTimeoutMs { get; set; } = 10_000;

    /// <summary>
    /// How long refilling one gap may take, in milliseconds; what is missing then stays so. After a reconnect every symbol may have a gap,
    /// and all share the pace that the venue allows: Binance's 200 symbols of a connection take 200 s.
    /// </summary>
    [Range(1, 3_600_000)]
    public int RefillMs { get; set; } = 600_000;

    /// <summary>Attempts to fill one gap.</summary>
    [Range(1, 100)]
    public int RefillAttemptsMax { get; set; } = 4;
}
