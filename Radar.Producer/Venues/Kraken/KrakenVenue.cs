using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Kraken;

/// <summary>Kraken, spot.</summary>
internal static class KrakenVenue
{
    public static Venue Venue { get; } = new(
        "kraken",
        "Kraken",
        [new VenueCapture(static () => new KrakenTrades(), "kraken.com")],
        new VenueMarket("Spot", static () => new KrakenProtocol()));
}
