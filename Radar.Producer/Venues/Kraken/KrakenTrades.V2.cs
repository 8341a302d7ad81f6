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
    private static readonly HashSet<string> Events = new(StringComparer.Ordinal)
    {
        "heartbeat", "systemStatus", "subscriptionStatus", "pong",
    };

    private static readonly HashSet<string> Methods = new(StringComparer.Ordinal) { "subscribe", "unsubscribe", "pong" };

    private static readonly HashSet<string> Channels = new(StringComparer.Ordinal)
    {
        "heartbeat", "status", "trade", "ticker", "book", "level3", "ohlc", "instrument",
    };

    private VenueMessage ReadObject(ref Utf8JsonReader reader, List<Tick> trades)
    {
        bool known = false, isTrade = false;
        var kind = VenueMessage.NoTrade;
        Utf8JsonReader data = default;
        while (reader.NextMember())
        {
            if (reader.ValueTextEquals("channel"u8))
            {
                known |= IsOneOf(ref reader, Channels);
                isTrade = known && reader.ValueTextEquals("trade"u8);
            }
            else if (reader.ValueTextEquals("event"u8))
            {
                known |= IsOneOf(ref reader, Events);
            }
            else if (reader.ValueTextEquals("method"u8))
            {
                known |= IsOneOf(ref reader, Methods);
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
        if (!known)
            return VenueMessage.Foreign;
        if (isTrade && kind == VenueMessage.NoTrade)
        {
            Fault = "trades with no type";
            return VenueMessage.Broken;
        }

        if (!isTrade || (kind != VenueMessage.Trades && !ReportsAll))
            return VenueMessage.NoTrade;
        return ResultOf(ReadTradeObjects(ref data, trades), kind);
    }

    private static bool IsOneOf(ref Utf8JsonReader reader, HashSet<string> names)
    {
        reader.ToValue();
        return reader.TokenType == JsonTokenType.String && names.Contains(reader.GetString()!);
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
