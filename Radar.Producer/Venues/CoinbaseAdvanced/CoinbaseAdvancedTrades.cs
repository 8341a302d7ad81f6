using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.CoinbaseAdvanced;

/// <summary>
/// Coinbase Advanced Trade, channel <c>market_trades</c>
/// (https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels#market-trades-channel):
/// <code>
/// {"channel":"market_trades","client_id":"","timestamp":"2023-02-09T20:19:35.39625135Z","sequence_num":0,"events":[{"type":"update",
///  "trades":[{"trade_id":"280232","product_id":"ETH-USD","price":"1260.01","size":"0.3","side":"BUY","time":"2019-08-14T20:42:27Z"}]}]}
/// </code>
/// <c>side</c> is the maker's, so the aggressor's is the other one. A <c>snapshot</c> repeats, after a subscription, what was traded before
/// it. The newest trade may come first; ids count, so that they give the order.
/// </summary>
internal sealed class CoinbaseAdvancedTrades : VenueTrades
{
    private const string Venue = "coinbase-advanced";

    private static readonly MemberNames Message = new("channel", "timestamp", "sequence_num", "events");
    private static readonly ulong Envelope = Message.Bits("channel", "timestamp", "sequence_num", "events");

    private static readonly ulong Channel = Message.Bits("channel");
    private static readonly ulong Events = Message.Bits("events");

    private static readonly TradeShape Trade = new("product_id", "price", "size", "time", "trade_id", "side", buy: "SELL", sell: "BUY");

    private static readonly Comparer<Tick> ById = Comparer<Tick>.Create((x, y) =>
        string.CompareOrdinal(x.Symbol, y.Symbol) is not 0 and var symbols ? symbols : x.TradeId.Number!.Value.CompareTo(y.TradeId.Number));

    protected override VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return VenueMessage.Foreign;
        ulong seen = 0;
        bool isTrades = false;
        Utf8JsonReader events = default;
        while (reader.NextMember())
        {
            ulong bit = Message.Bit(reader);
            seen |= bit;
            reader.ToValue();
            if (bit == Channel && reader.TokenType == JsonTokenType.String)
                isTrades = reader.ValueTextEquals("market_trades"u8);
            else if (bit == Events)
                events = reader;
            reader.Skip();
        }

        reader.ToEnd();
        if ((seen & Envelope) != Envelope || events.TokenType != JsonTokenType.StartArray)
            return VenueMessage.Foreign;
        return isTrades ? ReadEvents(ref events, trades) : VenueMessage.NoTrade;
    }

    private VenueMessage ReadEvents(ref Utf8JsonReader events, List<Tick> trades)
    {
        int first = trades.Count;
        bool hasUpdate = false, hasSnapshot = false;
        while (events.Read() && events.TokenType == JsonTokenType.StartObject)
        {
            bool isUpdate = false, isSnapshot = false;
            Utf8JsonReader list = default;
            while (events.NextMember())
            {
                bool isType = events.ValueTextEquals("type"u8), isList = events.ValueTextEquals("trades"u8);
                events.ToValue();
                if (isType && events.TokenType == JsonTokenType.String)
                    (isUpdate, isSnapshot) = (events.ValueTextEquals("update"u8), events.ValueTextEquals("snapshot"u8));
                else if (isList)
                    list = events;
                events.Skip();
            }

            if (list.TokenType != JsonTokenType.StartArray || !(isUpdate || isSnapshot))
                return BrokenBecause("an event without type or trades");
            (hasUpdate, hasSnapshot) = (hasUpdate || isUpdate, hasSnapshot || isSnapshot);
            if (isSnapshot && !ReportsAll)
                continue;
            while (list.Read() && list.TokenType == JsonTokenType.StartObject)
            {
                if (ReadTrade(ref list, trades) == VenueMessage.Broken)
                    return VenueMessage.Broken;
            }
        }

        if (trades.Count == first)
            return VenueMessage.NoTrade;
        if (hasUpdate && hasSnapshot && ReportsAll)
            return BrokenBecause("a snapshot and an update in one message");
        trades.Sort(first, trades.Count - first, ById);
        return hasUpdate ? VenueMessage.Trades : VenueMessage.Repeats;
    }

    private VenueMessage ReadTrade(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (!Trade.TryRead(ref reader, Names, out var trade) || trade.Id.Number is null)
            return BrokenBecause($"a trade without one of {Trade.Names}");
        return Add(trades, Venue, trade);
    }
}
