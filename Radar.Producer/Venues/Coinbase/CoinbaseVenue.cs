using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Coinbase;

/// <summary>Coinbase Exchange.</summary>
internal static class CoinbaseVenue
{
    public static Venue Venue { get; } = new(
        "coinbase",
        "Coinbase Exchange",
        [new VenueCapture(static () => new CoinbaseTrades(), "coinbase.com")],
        new VenueMarket("Spot", static () => new CoinbaseProtocol()));
}
