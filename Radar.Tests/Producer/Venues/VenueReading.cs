using System.Text;
using Radar.Market;
using Radar.Producer.Replay;
using Radar.Producer.Venues.Protocol;

namespace Radar.Tests.Producer.Venues;

/// <summary>What parsers of venues make of a message.</summary>
internal static class VenueReading
{
    /// <param name="expected">What kind of message it is; null is any.</param>
    public static List<Tick> Read(VenueTrades venue, string json, VenueMessage? expected = VenueMessage.Trades)
    {
        var trades = new List<Tick>();
        var result = venue.Read(Encoding.UTF8.GetBytes(json), trades);
        if (expected is not null)
            Assert.Equal(expected, result);
        return trades;
    }

    /// <summary>One parser reads trades, and for all others the message is foreign.</summary>
    public static void AssertOfOneVenue(string json)
    {
        var results = new CaptureParsers(SymbolRule.Upper).ByMessage.Select(venue => venue.Read(Encoding.UTF8.GetBytes(json), [])).ToList();
        Assert.Single(results, result => result == VenueMessage.Trades);
        Assert.Equal(results.Count - 1, results.Count(result => result == VenueMessage.Foreign));
    }

    /// <summary>A message that is cut anywhere gives no trades.</summary>
    /// <param name="check">Gets what each parser makes of it.</param>
    public static void AssertCut(string json, Action<VenueMessage> check)
    {
        for (int length = 1; length < json.Length; length++)
        {
            byte[] cut = Encoding.UTF8.GetBytes(json[..length]);
            var trades = new List<Tick>();
            Assert.All(new CaptureParsers(SymbolRule.Upper).ByMessage, venue => check(venue.Read(cut, trades)));
            Assert.Empty(trades);
        }
    }
}
