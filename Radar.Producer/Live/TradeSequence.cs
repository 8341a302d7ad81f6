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

/// <summary>
/// Follows the trade ids of each symbol over all connections: what was sent is not sent again, what is missing is noticed, and what
/// follows a gap waits until the gap is dealt with. Pure; one user.
/// </summary>
/// <param name="idsHaveHoles">
/// Whether the venue leaves ids out. Then a jump means missing trades only after a connection was interrupted or a message was broken.
/// </param>
internal sealed class TradeSequence(bool idsHaveHoles)
{
    // A trade that is younger by this than the last one, under an earlier id, is none that was sent.
    private const long RenumberedMs = 60_000;

    // The busiest symbols have about 10^7 trades a day. Ids that are further apart than ten such days are of different numberings, or one
    // of them is wrong; believed, it would make duplicates of all that follow.
    private const long JumpMax = 100_000_000;

    private readonly Dictionary<string, SymbolTrades> _symbols = new(StringComparer.Ordinal);

    /// <summary>Trades that wait.</summary>
    public int Held { get; private set; }

    /// <summary>The symbol of which most of them are, where there are any.</summary>
    public string MostHeld => _symbols.MaxBy(symbol => symbol.Value.Held?.Count ?? 0).Key;

    /// <summary>Takes the next trade in the order of its connection.</summary>
    /// <param name="tick">With an integer id.</param>
    /// <param name="kind"><see cref="VenueMessage.Trades"/>, <c>Repeats</c> or <c>OffBook</c>.</param>
    /// <param name="gap">What is missing, where the result is <see cref="Passage.Gap"/>.</param>
    public Passage Take(in Tick tick, VenueMessage kind, out Gap gap)
    {
        gap = default;
        if (!_symbols.TryGetValue(tick.Symbol, out var symbol))
            _symbols.Add(tick.Symbol, symbol = new SymbolTrades());
        if (symbol.Held is not null)
        {
            Hold(symbol, tick, kind);
            return Passage.Held;
        }

        long id = tick.TradeId.Number!.Value;
        if (symbol.LastId >= 0 && Math.Abs(id - symbol.LastId) > JumpMax)
            return TakeFar(symbol, tick, kind);
        if (symbol.LastId >= 0 && id <= symbol.LastId)
            return TakeEarlier(symbol, tick, kind);

        bool isBefore = kind == VenueMessage.Repeats && !symbol.IsFollowed;
        bool mayBeGap = symbol.LastId >= 0 && !isBefore && (!idsHaveHoles || symbol.IsDoubtful);
        if (mayBeGap && id > symbol.LastId + 1)
        {
            gap = new Gap(tick.Symbol, symbol.LastId + 1, id - 1, symbol.LastMs);
            symbol.Held = [];
            symbol.GapLastId = id - 1;
            Hold(symbol, tick, kind);
            return Passage.Gap;
        }

        symbol.Advance(id, tick.TimestampMs);
        symbol.IsFollowed |= kind == VenueMessage.Trades;
        return isBefore || kind == VenueMessage.OffBook ? Passage.Known : Passage.Pass;
    }

    /// <summary>
    /// The gap of a symbol is dealt with. Returns what waited, to be taken again, each before the next is asked for: a doubt that came up
    /// between two of them comes up between them again.
    /// </summary>
    public IEnumerable<(Tick Tick, VenueMessage Kind)> Release(string name)
    {
        var symbol = _symbols[name];
        var held = symbol.Held ?? throw new InvalidOperationException($"{name} has no gap.");
        symbol.Advance(symbol.GapLastId, symbol.LastMs);
        symbol.Held = null;
        Held -= held.Count(entry => entry is not null);
        return Again();

        IEnumerable<(Tick, VenueMessage)> Again()
        {
            foreach (var entry in held)
            {
                if (entry is { } trade)
                    yield return trade;
                else
                    symbol.Doubt();
            }
        }
    }

    /// <summary>From here on the trades come from another connection.</summary>
    public void Interrupt()
    {
        foreach (var symbol in _symbols.Values)
            symbol.IsFollowed = true;
        Doubt();
    }

    /// <summary>A message could not be read; it may have held trades of any symbol.</summary>
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
            symbol.IsDoubtful = false;
        return Passage.Duplicate;
    }

    private void Hold(SymbolTrades symbol, in Tick tick, VenueMessage kind)
    {
        symbol.Held!.Add((tick, kind));
        Held++;
    }

    private sealed class SymbolTrades
    {
        public long LastId = -1;
        public long LastMs;
        public long GapLastId;
        public bool IsFollowed;
        public bool IsDoubtful;

        /// <summary>Trades that wait; null between them is a doubt.</summary>
        public List<(Tick Tick, VenueMessage Kind)?>? Held;

        public void Advance(long id, long timestampMs)
        {
            LastId = id;
            LastMs = Math.Max(LastMs, timestampMs);
            IsDoubtful = false;
        }

        /// <summary>Trades may be missing from here on.</summary>
        public void Doubt()
        {
            if (Held is null)
                IsDoubtful = true;
            else if (Held[^1] is not null)
                Held.Add(null);
        }
    }
}
