using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Bybit;

/// <summary>Bybit v5: spot, linear and inverse contracts.</summary>
internal static class BybitVenue
{
    public static Venue Venue { get; } = new(
        "bybit",
        "Bybit",
        [
            new VenueCapture(static () => new BybitTrades(), "bybit.com"),
            new VenueCapture(static () => new BybitTrades(BybitMarket.Spot), "bybit.com/v5/public/spot"),
            new VenueCapture(static () => new BybitTrades(BybitMarket.Linear), "bybit.com/v5/public/linear"),
            new VenueCapture(static () => new BybitTrades(BybitMarket.Inverse), "bybit.com/v5/public/inverse"),
            new VenueCapture(static () => new BybitTrades(BybitMarket.Option), "bybit.com/v5/public/option"),
        ],
        new VenueMarket("Spot", static () => new BybitProtocol(BybitMarket.Spot)),
        new VenueMarket("Linear", static () => new BybitProtocol(BybitMarket.Linear)),
        new VenueMarket("Inverse", static () => new BybitProtocol(BybitMarket.Inverse)));
}
