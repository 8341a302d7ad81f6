using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Live;

/// <summary>
/// The sequence where ids are names: a trade was sent where its id is remembered. After an interruption or a broken message, the first
/// trade of a symbol that is not remembered begins a gap, unless trades that were sent come before it.
/// </summary>
internal sealed class NamedTrades : ITradeSequence
{
    // More than a venue repeats after a subscription or gives by REST.
    private const int RememberedMax = 4_000;

    private readonly Dictionary<string, SymbolTrades> _symbols = new(StringComparer.Ordinal);

    public int Held { get; private set; }

    public string MostHeld => _symbols.MaxBy(symbol => symbol.Value.Entries).Key;

    public Passage Take(in LiveTrade trade, out Gap gap)
    {
        gap = default;
        var tick = trade.Tick;
        if (!_symbols.TryGetValue(tick.Symbol, out var symbol))
            _symbols.Add(tick.Symbol, symbol = new SymbolTrades());
        if (symbol.HasGap)
        {
            symbol.Hold(trade);
            Held++;
            return Passage.Held;
        }

        if (symbol.Sent.Contains(tick.TradeId))
        {
            // What follows it in the order of the venue follows it without a gap.
            symbol.Trust();
            return Passage.Duplicate;
        }

        if (symbol.IsDoubtful && symbol.LastMs >= 0)
        {
            gap = Gap.Unnumbered(tick.Symbol, symbol.LastMs, tick.TradeId);
            symbol.GapSinceMs = symbol.LastMs;
            symbol.Hold(trade);
            Held++;
            return Passage.Gap;
        }

        symbol.Advance(tick);
        return Passage.Pass;
    }

    public bool TakeRefilled(in Tick tick)
    {
        var symbol = _symbols[tick.Symbol];
        if (tick.TimestampMs < symbol.GapSinceMs || !symbol.Sent.TryAdd(tick.TradeId))
            return false;
        symbol.LastMs = Math.Max(symbol.LastMs, tick.TimestampMs);
        return true;
    }

    public IEnumerable<LiveTrade> Release(string name)
    {
        var symbol = _symbols[name];
        var released = symbol.Release(name, out int count);
        Held -= count;
        return released;
    }

    public void Interrupt() => Doubt();

    public void Doubt()
    {
        foreach (var symbol in _symbols.Values)
            symbol.Doubt();
    }

    private sealed class SymbolTrades : HeldTrades
    {
        public readonly RecentIds Sent = new(RememberedMax);
        public long LastMs = -1;
        public long GapSinceMs;

        public void Advance(in Tick tick)
        {
            Sent.TryAdd(tick.TradeId);
            LastMs = Math.Max(LastMs, tick.TimestampMs);
            Trust();
        }
    }
}
