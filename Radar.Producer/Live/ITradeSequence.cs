using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Live;

/// <summary>A trade that waits, or is to be taken.</summary>
/// <param name="Tick">With an id.</param>
/// <param name="Kind"><see cref="VenueMessage.Trades"/>, <c>Repeats</c> or <c>OffBook</c>.</param>
/// <param name="FirstId">First id of several consecutive ones that the tick stands for; where ids are names it means nothing.</param>
internal readonly record struct LiveTrade(Tick Tick, VenueMessage Kind, long FirstId);

/// <summary>
/// Follows the trades of each symbol over all connections: what was sent is not sent again, what is missing is noticed, and what follows a
/// gap waits until the gap is dealt with. Pure; one user.
/// </summary>
internal interface ITradeSequence
{
    /// <summary>Trades that wait.</summary>
    int Held { get; }

    /// <summary>The symbol of which most of them are, where there are any.</summary>
    string MostHeld { get; }

    /// <summary>Takes the next trade in the order of its connection.</summary>
    /// <param name="trade">The trade.</param>
    /// <param name="gap">What is missing, where the result is <see cref="Passage.Gap"/>.</param>
    Passage Take(in LiveTrade trade, out Gap gap);

    /// <summary>Whether a trade that REST gave for a gap is one that was not sent.</summary>
    bool TakeRefilled(in Tick tick);

    /// <summary>
    /// The gap of a symbol is dealt with. Returns what waited, to be taken again, each before the next is asked for: a doubt that came up
    /// between two of them comes up between them again.
    /// </summary>
    IEnumerable<LiveTrade> Release(string name);

    /// <summary>From here on the trades come from another connection.</summary>
    void Interrupt();

    /// <summary>A message could not be read; it may have held trades of any symbol.</summary>
    void Doubt();
}
