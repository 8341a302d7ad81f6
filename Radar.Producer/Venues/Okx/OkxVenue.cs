using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Okx;

/// <summary>OKX, all instruments.</summary>
internal static class OkxVenue
{
    public static Venue Venue { get; } = new(
        "okx",
        "OKX",
        [new VenueCapture(static () => new OkxTrades(), "okx.com", "okex.com")],
        new VenueMarket("All", static () => new OkxProtocol()));
}
