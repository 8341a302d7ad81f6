using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.CoinbaseAdvanced;

/// <summary>Coinbase Advanced Trade.</summary>
internal static class CoinbaseAdvancedVenue
{
    public static Venue Venue { get; } = new(
        "coinbase-advanced",
        "Coinbase Advanced Trade",
        [new VenueCapture(static () => new CoinbaseAdvancedTrades(), "advanced-trade-ws.coinbase.com")],
        new VenueMarket("All", static () => new CoinbaseAdvancedProtocol()));
}
