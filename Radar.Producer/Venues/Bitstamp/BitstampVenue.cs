using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Bitstamp;

/// <summary>Bitstamp; captures only.</summary>
internal static class BitstampVenue
{
    public static Venue Venue { get; } = new(
        "bitstamp",
        "Bitstamp",
        [new VenueCapture(static () => new BitstampTrades(), "bitstamp.net")]);
}
