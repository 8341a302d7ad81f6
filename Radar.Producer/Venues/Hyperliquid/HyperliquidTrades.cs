using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Hyperliquid;

/// <summary>
/// Hyperliquid, channel <c>trades</c> (https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions):
/// <code>
/// {"channel":"trades","data":[{"coin":"BTC","side":"B","px":"61000.0","sz":"0.01","hash":"0x…","time":1723161255342,"tid":734539876,
///  "users":["0x…","0x…"]}]}
/// </code>
/// <c>side</c> is the taker's: <c>B</c> buys, <c>A</c> sells. <c>tid</c> is a hash and does not count. The first message after a
/// subscription holds recent trades, unmarked; those that a capture has already are left out.
/// </summary>
internal sealed class HyperliquidTrades : VenueTrades
{
    private const string Venue = "hyperliquid";

    private static readonly TradeShape Trade = new("coin", "px", "sz", "time", "tid", "side", buy: "B", sell: "A");

    private static readonly HashSet<string> Channels = new(StringComparer.Ordinal)
    {
        "subscriptionResponse", "l2Book", "bbo", "allMids", "candle", "activeAssetCtx", "activeSpotAssetCtx", "error",
    };

    protected override VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return VenueMessage.Foreign;
        string? channel = null;
        int members = 0;
        bool hasData = false;
        Utf8JsonReader data = default;
        while (reader.NextMember())
        {
            members++;
            bool isChannel = reader.ValueTextEquals("channel"u8), isData = reader.ValueTextEquals("data"u8);
            reader.ToValue();
            if (isChannel && reader.TokenType == JsonTokenType.String)
                channel = reader.GetString();
            else if (isData)
                data = reader;
            hasData |= isData;
            reader.Skip();
        }

        reader.ToEnd();
        if (channel == "pong" && members == 1)
            return VenueMessage.NoTrade;
        if (channel is null || !hasData || members != 2)
            return VenueMessage.Foreign;
        if (channel == "trades" && data.TokenType == JsonTokenType.StartArray)
            return ReadTrades(ref data, trades);
        var content = channel == "error" ? JsonTokenType.String : JsonTokenType.StartObject;
        bool isKnown = Channels.Contains(channel) && data.TokenType == content;
        return isKnown ? VenueMessage.NoTrade : VenueMessage.Foreign;
    }

    private VenueMessage ReadTrades(ref Utf8JsonReader data, List<Tick> trades)
    {
        int first = trades.Count;
        while (data.Read() && data.TokenType == JsonTokenType.StartObject)
        {
            if (ReadTrade(ref data, trades) is not VenueMessage.Trades and var result)
                return result;
        }

        InOrder(trades, first);
        LeaveOutRepeats(trades, first);
        return trades.Count > first ? VenueMessage.Trades : VenueMessage.NoTrade;
    }

    /// <summary>Foreign where a member is not there: other venues have a channel of this name.</summary>
    private VenueMessage ReadTrade(ref Utf8JsonReader reader, List<Tick> trades) =>
        Trade.TryRead(ref reader, Names, out var trade) ? Add(trades, Venue, trade) : VenueMessage.Foreign;
}
