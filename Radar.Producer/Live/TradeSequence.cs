using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Live;

/// <summary>What a trade is after those before it.</summary>
internal enum Passage
{
    /// <summary>The next one: it is to be sent.</summary>
    Pass,

    /// <summary>The next one, though its id is an earlier one, or one far too high: the venue has reset its ids.</summary>
    Renumbered,

    /// <summary>It has been sent.</summary>
    Duplicate,

    /// <summary>Not to be sent; it only advances the last known id.</summary>
    Known,

    /// <summary>Trades before it are missing. It waits, and what follows it does.</summary>
    Gap,

    /// <summary>It waits, because trades before it are missing.</summary>
    Held,
}

/// <summary>The sequence where ids count: what lies between two of them is missing.</summary>
/// <param name="idsHaveHoles">
/// Whether the venue leaves ids out. Then a jump means missing trades only after a connection was interrupted or a message was broken.
/// </param>
internal sealed class TradeSequence(bool idsHaveHoles) : ITradeSequence
{
    // A trade that is younger by this than the last one, under an earlier id, is none that was sent.
    private const long RenumberedMs = 60_000;

    // The busiest symbols have about 10^7 trades a day. Ids that are further apart than ten such days are of different numberings, or one
    // of them is wrong; believed, it would make duplicates of all that follow.
    private const long JumpMax = 100_000_000;

    private readonly Dictionary<string, SymbolTrades> _symbols = new(StringComparer.Ordinal);

    public int Held { get; private set; }

    public string MostHeld => _symbols.MaxBy(symbol => symbol.Value.Entries).Key;

    /// <summary>Takes a trade that stands for itself.</summary>
    public Passage Take(in Tick tick, VenueMessage kind, out Gap gap) =>
        Take(new LiveTrade(tick, kind, tick.TradeId.Number!.Value), out gap);

    public Passage Take(in LiveTrade trade, out Gap gap)
    {
        var (tick, kind) = (trade.Tick, trade.Kind);
        gap = default;
        if (!_symbols.TryGetValue(tick.Symbol, out var symbol))
            _symbols.Add(tick.Symbol, symbol = new SymbolTrades());
        if (symbol.HasGap)
        {
            Hold(symbol, trade);
            return Passage.Held;
        }

        long id = tick.TradeId.Number!.Value;
        if (symbol.LastId >= 0 && Math.Abs(id - symbol.LastId) > JumpMax)
            return TakeFar(symbol, tick, kind);
        if (symbol.LastId >= 0 && id <= symbol.LastId)
            return TakeEarlier(symbol, tick, kind);

        bool isBefore = kind == VenueMessage.Repeats && !symbol.IsFollowed;
        bool mayBeGap = symbol.LastId >= 0 && !isBefore && (!idsHaveHoles || symbol.IsDoubtful);
        if (mayBeGap && trade.FirstId > symbol.LastId + 1)
        {
            gap = new Gap(tick.Symbol, symbol.LastId + 1, trade.FirstId - 1, symbol.LastMs);
            symbol.GapLastId = trade.FirstId - 1;
            Hold(symbol, trade);
            return Passage.Gap;
        }

        symbol.Advance(id, tick.TimestampMs);
        symbol.IsFollowed |= kind == VenueMessage.Trades;
        return isBefore || kind == VenueMessage.OffBook ? Passage.Known : Passage.Pass;
    }

    public bool TakeRefilled(in Tick tick) => true;

    public IEnumerable<LiveTrade> Release(string name)
    {
        var symbol = _symbols[name];
        var released = symbol.Release(name, out int count);
        symbol.Advance(symbol.GapLastId, symbol.LastMs);
        Held -= count;
        return released;
    }

    public void Interrupt()
    {
        foreach (var symbol in _symbols.Values)
            symbol.IsFollowed = true;
        Doubt();
    }

    public void Doubt()
    {
        foreach (var symbol in _symbols.Values)
            symbol.Doubt();
    }

    /// <summary>Only a trade that just happened shows which of two numberings is current.</summary>
    private static Passage TakeFar(SymbolTrades symbol, in Tick tick, VenueMessage kind)
    {
        if (kind != VenueMessage.Trades)
            return Passage.Duplicate;
        symbol.Advance(tick.TradeId.Number!.Value, tick.TimestampMs);
        symbol.IsFollowed = true;
        return Passage.Renumbered;
    }

    private static Passage TakeEarlier(SymbolTrades symbol, in Tick tick, VenueMessage kind)
    {
        if (kind == VenueMessage.Trades && tick.TimestampMs > symbol.LastMs + RenumberedMs)
        {
            symbol.Advance(tick.TradeId.Number!.Value, tick.TimestampMs);
            return Passage.Renumbered;
        }

        // A snapshot that reaches back to what was sent leaves nothing out between that and its end.
        if (kind == VenueMessage.Repeats)
            symbol.Trust();
        return Passage.Duplicate;
    }

    private void Hold(SymbolTrades symbol, in LiveTrade trade)
    {
        symbol.Hold(trade);
        Held++;
    }

    private sealed class SymbolTrades : HeldTrades
    {
        public long LastId = -1;
        public long LastMs;
        public long GapLastId;
        public bool IsFollowed;

        public void Advance(long id, long timestampMs)
        {
            LastId = id;
            LastMs = Math.Max(LastMs, timestampMs);
            Trust();
        }
    }
}
