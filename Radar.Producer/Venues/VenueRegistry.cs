using Radar.Producer.Venues.Binance;
using Radar.Producer.Venues.Bitstamp;
using Radar.Producer.Venues.Bybit;
using Radar.Producer.Venues.Coinbase;
using Radar.Producer.Venues.CoinbaseAdvanced;
using Radar.Producer.Venues.Hyperliquid;
using Radar.Producer.Venues.Kraken;
using Radar.Producer.Venues.Okx;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues;

/// <summary>Every venue that Radar reads. A new one is a folder beside this file and a line here.</summary>
internal static class VenueRegistry
{
    /// <summary>In the order in which the parsers are tried where only the messages show the venue.</summary>
    public static IReadOnlyList<Venue> All { get; } =
    [
        BinanceVenue.Venue,
        CoinbaseVenue.Venue,
        KrakenVenue.Venue,
        BitstampVenue.Venue,
        BybitVenue.Venue,
        OkxVenue.Venue,
        CoinbaseAdvancedVenue.Venue,
        HyperliquidVenue.Venue,
    ];

    /// <summary>Those that can be followed live.</summary>
    public static IEnumerable<Venue> Live => All.Where(venue => venue.Markets.Count > 0);

    /// <summary>Their names for people: <c>Binance, Coinbase Exchange, Kraken and Bitstamp</c>.</summary>
    public static string Titles { get; } =
        string.Join(", ", All.SkipLast(1).Select(venue => venue.Title)) + " and " + All[^1].Title;

    /// <summary>The live venue of a source; null where the source is none.</summary>
    public static Venue? FindLive(string source) =>
        Live.FirstOrDefault(venue => venue.Name.Equals(source, StringComparison.OrdinalIgnoreCase));
}
