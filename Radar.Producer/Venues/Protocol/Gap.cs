using Radar.Market;

namespace Radar.Producer.Venues.Protocol;

/// <summary>Trades that are missing.</summary>
/// <param name="Symbol">As ticks have it.</param>
/// <param name="First">First missing id.</param>
/// <param name="Last">Last missing id.</param>
/// <param name="SinceMs">Time of the trade before, Unix ms.</param>
/// <param name="Next">Id of the trade behind the gap, where ids do not count.</param>
internal readonly record struct Gap(string Symbol, long First, long Last, long SinceMs, TradeId Next = default)
{
    /// <summary>A gap of a venue whose ids do not count: how many are missing is not known.</summary>
    public static Gap Unnumbered(string symbol, long sinceMs, TradeId next) => new(symbol, 0, -1, sinceMs, next);

    /// <summary>Whether ids count.</summary>
    public bool IsNumbered => Last >= First;

    /// <summary>Number of ids.</summary>
    public long Count => Last - First + 1;
}

/// <summary>A page of trades from a venue's REST.</summary>
/// <param name="Trades">In any order.</param>
/// <param name="Next">Where to read on, for <see cref="VenueProtocol.RefillUrl"/>; null is nowhere.</param>
internal readonly record struct RefillPage(IReadOnlyList<Tick> Trades, long? Next)
{
    /// <summary>A page of a venue that is read backwards by id: the next one ends before its lowest id.</summary>
    /// <param name="trades">With numbers as ids.</param>
    /// <param name="gap">Ends the reading where the page reaches its beginning.</param>
    public static RefillPage Backwards(IReadOnlyList<Tick> trades, Gap gap)
    {
        long first = trades.Count == 0 ? 0 : trades.Min(trade => trade.TradeId.Number!.Value);
        return new RefillPage(trades, first > gap.First ? first : null);
    }
}
