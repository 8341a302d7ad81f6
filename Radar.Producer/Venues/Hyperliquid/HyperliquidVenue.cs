using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Hyperliquid;

/// <summary>Hyperliquid: perpetuals, and what else has a coin's name of letters.</summary>
internal static class HyperliquidVenue
{
    public static Venue Venue { get; } = new(
        "hyperliquid",
        "Hyperliquid",
        [new VenueCapture(static () => new HyperliquidTrades(), "hyperliquid.xyz")],
        new VenueMarket("All", static () => new HyperliquidProtocol()));
}
