using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Bitstamp;

/// <summary>
/// Bitstamp, WebSocket v2, channels <c>live_trades_…</c>:
/// <code>
/// {"data":{"id":216000477,"amount_str":"0.07920000","price_str":"3805.44","type":0,"microtimestamp":"1641343699596000",…},
///  "channel":"live_trades_ethusd","event":"trade"}
/// </code>
/// <c>type</c> is the taker's side: 0 buys, 1 sells. The numbers without <c>_str</c> are floating point and not read.
/// </summary>
internal sealed class BitstampTrades : VenueTrades
{
    private const string Venue = "bitstamp";

    private static readonly HashSet<string> Events = new(StringComparer.Ordinal)
    {
        "trade", "data", "order_created", "order_changed", "order_deleted",
    };

    protected override VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return VenueMessage.Foreign;
        bool isOwnEvent = false, isEvent = false, isTrade = false, isChannel = false;
        bool hasChannel = false, hasData = false, hasOther = false;
        string? symbol = null;
        Utf8JsonReader data = default;
        while (reader.NextMember())
        {
            if (reader.ValueTextEquals("event"u8))
            {
                reader.ToValue();
                isOwnEvent = reader.TokenType == JsonTokenType.String && reader.ValueSpan.StartsWith("bts:"u8);
                isEvent = reader.TokenType == JsonTokenType.String && Events.Contains(reader.GetString()!);
                isTrade = isEvent && reader.ValueTextEquals("trade"u8);
            }
            else if (reader.ValueTextEquals("channel"u8))
            {
                reader.ToValue();
                hasChannel = reader.TokenType == JsonTokenType.String;
                isChannel = hasChannel && IsChannel(reader.ValueSpan);
                if (hasChannel && reader.ValueSpan.StartsWith(TradeChannel))
                    symbol = Names.Symbol(reader.ValueSpan[TradeChannel.Length..]);
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                reader.ToValue();
                data = reader;
                hasData = true;
                reader.Skip();
            }
            else
            {
                hasOther = true;
                reader.SkipValue();
            }
        }

        reader.ToEnd();
        if (hasOther || !hasData || !hasChannel || !(isOwnEvent || (isEvent && isChannel)))
            return VenueMessage.Foreign;
        return isTrade ? ReadTrade(ref data, symbol, trades) : VenueMessage.NoTrade;
    }

    private static ReadOnlySpan<byte> TradeChannel => "live_trades_"u8;

    private static bool IsChannel(ReadOnlySpan<byte> name) =>
        name.StartsWith(TradeChannel) || name.StartsWith("live_orders_"u8) || name.StartsWith("order_book_"u8)
            || name.StartsWith("detail_order_book_"u8) || name.StartsWith("diff_order_book_"u8);

    private VenueMessage ReadTrade(ref Utf8JsonReader reader, string? symbol, List<Tick> trades)
    {
        decimal price = -1, size = -1;
        long time = -1, id = -1;
        var side = Side.Unknown;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Fault = "a trade with no data";
            return VenueMessage.Broken;
        }

        while (reader.NextMember())
        {
            if (reader.ValueTextEquals("id"u8))
            {
                reader.ToValue();
                id = reader.Integer();
            }
            else if (reader.ValueTextEquals("price_str"u8))
            {
                reader.ToValue();
                price = reader.Decimal();
            }
            else if (reader.ValueTextEquals("amount_str"u8))
            {
                reader.ToValue();
                size = reader.Decimal();
            }
            else if (reader.ValueTextEquals("microtimestamp"u8))
            {
                reader.ToValue();
                time = reader.Integer() is >= 0 and var microseconds ? microseconds / 1000 : -1;
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.ToValue();
                side = reader.Integer() switch { 0 => Side.Buy, 1 => Side.Sell, _ => Side.Unknown };
            }
            else
            {
                reader.SkipValue();
            }
        }

        if (id < 0)
        {
            Fault = "a trade with no id";
            return VenueMessage.Broken;
        }

        return Add(trades, Venue, symbol, price, size, time, new TradeId(id), side);
    }
}
