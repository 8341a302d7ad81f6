using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Binance;

/// <summary>Binance: spot and USD-M futures live, and captures of Binance.US and COIN-M futures.</summary>
internal static class BinanceVenue
{
    public static Venue Venue { get; } = new(
        "binance",
        "Binance",
        [
            new VenueCapture(static () => new BinanceTrades(), "binance.com", "binance.vision"),
            new VenueCapture(static () => new BinanceTrades(BinanceMarket.Us), "binance.us"),
            new VenueCapture(static () => new BinanceTrades(BinanceMarket.CoinFutures), "dstream.binance.com"),
        ],
        new VenueMarket("Spot", static () => new BinanceProtocol(BinanceMarket.Spot)),
        new VenueMarket("UsdFutures", static () => new BinanceProtocol(BinanceMarket.UsdFutures)));
}
