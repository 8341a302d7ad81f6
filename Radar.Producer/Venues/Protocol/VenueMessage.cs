namespace Radar.Producer.Venues.Protocol;

/// <summary>What a venue's message turned out to be.</summary>
internal enum VenueMessage
{
    /// <summary>Not of this venue, as far as the message shows.</summary>
    Foreign,

    /// <summary>Of this venue, and no new trade.</summary>
    NoTrade,

    /// <summary>One or more trades.</summary>
    Trades,

    /// <summary>
    /// Trades that happened before the subscription, repeated. Only where <see cref="VenueTrades.ReportsAll"/>; of use to a reader that
    /// knows by their ids which ones it has.
    /// </summary>
    Repeats,

    /// <summary>
    /// Trades that did not happen in the order book and only take their place in the numbering. Only where
    /// <see cref="VenueTrades.ReportsAll"/>.
    /// </summary>
    OffBook,

    /// <summary>Not known yet to be a new trade; a later message or <see cref="VenueTrades.End"/> adds it, or it was none.</summary>
    Held,

    /// <summary>Cut off or not as the venue writes it; <see cref="VenueTrades.Fault"/> says what.</summary>
    Broken,
}
