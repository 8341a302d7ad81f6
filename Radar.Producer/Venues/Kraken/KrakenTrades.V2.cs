using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Kraken;

/// <content>
/// WebSocket v2, channel <c>trade</c>, the oldest trade first:
/// <code>
/// {"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":4136.4,"qty":0.23374249,"ord_type":"limit",
///   "trade_id":4665906,"timestamp":"2023-09-25T07:49:37.708706Z"}]}
/// </code>
/// <c>side</c> is the taker's. A <c>snapshot</c> repeats, after a subscription, what was traded before it. v1 has objects too, for
/// its events: <c>{"event":"heartbeat"}</c>.
/// </content>
internal sealed partial class KrakenTrades
{
    private static readonly MemberNames Members = new(
        "channel", "type", "data", "method", "success", "req_id", "result", "error", "symbol", "time_in", "time_out", "warnings", "event",
        "connectionID", "status", "version", "channelName", "pair", "subscription", "channelID", "reqid", "errorMessage", "timestamp");

    /// <summary>Members of an answer to a method, all of them; other venues' answers have others, such as an id.</summary>
    private static readonly ulong Answer =
        Members.Bits("method", "success", "req_id", "result", "error", "symbol", "time_in", "time_out", "warnings");

    private static readonly ulong Heartbeat = Members.Bits("channel");
    private static readonly ulong ChannelData = Members.Bits("channel", "type", "data");

    /// <summary>v1's events, each with a member that it has.</summary>
    private static readonly Dictionary<string, ulong> Events = new(StringComparer.Ordinal)
    {
        ["heartbeat"] = Members.Bits("event"),
        ["systemStatus"] = Members.Bits("status", "version"),
        ["subscriptionStatus"] = Members.Bits("status"),
        ["pong"] = Members.Bits("event"),
    };

    private static readonly ulong Event = Members.Bits(
        "event", "connectionID", "status", "version", "channelName", "pair", "subscription", "channelID", "reqid", "errorMessage");

    private static readonly HashSet<string> Methods = new(StringComparer.Ordinal) { "subscribe", "unsubscribe", "pong" };

    private static readonly HashSet<string> Channels = new(StringComparer.Ordinal)
    {
        "heartbeat", "status", "trade", "ticker", "book", "level3", "ohlc", "instrument",
    };

    private VenueMessage ReadObject(ref Utf8JsonReader reader, List<Tick> trades)
    {
        string? channel = null, method = null, happened = null;
        ulong seen = 0;
        var kind = VenueMessage.NoTrade;
        Utf8JsonReader data = default;
        while (reader.NextMember())
        {
            seen |= Members.Bit(reader);
            if (reader.ValueTextEquals("channel"u8))
            {
                channel = OneOf(ref reader, Channels);
            }
            else if (reader.ValueTextEquals("event"u8))
            {
                happened = OneOf(ref reader, Events.Keys);
            }
            else if (reader.ValueTextEquals("method"u8))
            {
                method = OneOf(ref reader, Methods);
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.ToValue();
                if (reader.TokenType == JsonTokenType.String)
                    kind = reader.ValueTextEquals("update"u8) ? VenueMessage.Trades : VenueMessage.Repeats;
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                reader.ToValue();
                data = reader;
                reader.Skip();
            }
            else
            {
                reader.SkipValue();
            }
        }

        reader.ToEnd();
        if (channel != "trade" || !IsOfTrades(data))
            return IsOfKraken(channel, method, happened, seen, data) ? VenueMessage.NoTrade : VenueMessage.Foreign;
        if (kind == VenueMessage.NoTrade)
        {
            Fault = "trades with no type";
            return VenueMessage.Broken;
        }

        if (kind != VenueMessage.Trades && !ReportsAll)
            return VenueMessage.NoTrade;
        return ResultOf(ReadTradeObjects(ref data, trades), kind);
    }

    private static string? OneOf(ref Utf8JsonReader reader, ICollection<string> names)
    {
        reader.ToValue();
        string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return text is not null && names.Contains(text) ? text : null;
    }

    /// <summary>Whether a message without trades is of this venue: one name is not enough, others have channels and methods, too.</summary>
    private static bool IsOfKraken(string? channel, string? method, string? happened, ulong seen, in Utf8JsonReader data)
    {
        if (channel is not null)
        {
            return channel == "heartbeat" ? seen == Heartbeat
                : channel != "trade" && (seen & ChannelData) == ChannelData && data.TokenType == JsonTokenType.StartArray;
        }

        if (method is not null)
            return (seen & ~Answer) == 0 && (method == "pong" || (seen & Members.Bits("success")) != 0);
        return happened is not null && (seen & ~Event) == 0 && (seen & Events[happened]) == Events[happened];
    }

    /// <summary>False for a list of objects that are no trades of this venue.</summary>
    private static bool IsOfTrades(Utf8JsonReader data)
    {
        if (data.TokenType != JsonTokenType.StartArray || !data.Read() || data.TokenType != JsonTokenType.StartObject)
            return data.TokenType is not JsonTokenType.None;
        bool hasSymbol = false, hasSize = false;
        while (data.NextMember())
        {
            hasSymbol |= data.ValueTextEquals("symbol"u8);
            hasSize |= data.ValueTextEquals("qty"u8);
            data.SkipValue();
        }

        return hasSymbol && hasSize;
    }

    private VenueMessage ReadTradeObjects(ref Utf8JsonReader reader, List<Tick> trades)
    {
        var result = VenueMessage.NoTrade;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Fault = "trades that are no list";
            return VenueMessage.Broken;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject && result != VenueMessage.Broken)
            result = ReadTradeObject(ref reader, trades);
        return result;
    }

    private VenueMessage ReadTradeObject(ref Utf8JsonReader reader, List<Tick> trades)
    {
        string? symbol = null;
        decimal price = -1, size = -1;
        long time = -1, id = -1;
        var side = Side.Unknown;
        while (reader.NextMember())
        {
            if (reader.ValueTextEquals("symbol"u8))
            {
                reader.ToValue();
                symbol = reader.Symbol(Names);
            }
            else if (reader.ValueTextEquals("price"u8))
            {
                reader.ToValue();
                price = reader.Decimal();
            }
            else if (reader.ValueTextEquals("qty"u8))
            {
                reader.ToValue();
                size = reader.Decimal();
            }
            else if (reader.ValueTextEquals("timestamp"u8))
            {
                reader.ToValue();
                time = reader.Time();
            }
            else if (reader.ValueTextEquals("trade_id"u8))
            {
                reader.ToValue();
                id = reader.Integer();
            }
            else if (reader.ValueTextEquals("side"u8))
            {
                reader.ToValue();
                if (reader.TokenType == JsonTokenType.String)
                    side = reader.ValueTextEquals("buy"u8) ? Side.Buy : reader.ValueTextEquals("sell"u8) ? Side.Sell : Side.Unknown;
            }
            else
            {
                reader.SkipValue();
            }
        }

        if (id < 0)
        {
            Fault = "a trade with no trade_id";
            return VenueMessage.Broken;
        }

        return Add(trades, Venue, symbol, price, size, time, new TradeId(id), side);
    }
}
