using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Coinbase;

/// <summary>
/// Coinbase Exchange, channel <c>matches</c>:
/// <code>
/// {"type":"match","trade_id":280232,…,"side":"sell","size":"985","price":"0.00001305","product_id":"SKL-BTC",…,
///  "time":"2021-04-17T16:43:37.089723Z"}
/// </code>
/// <c>side</c> is the maker's, so the aggressor's is the other one. <c>last_match</c> repeats, after a subscription, what was traded
/// before it. No message has a member <c>channel</c>.
/// </summary>
internal sealed class CoinbaseTrades : VenueTrades
{
    private const string Venue = "coinbase";

    private static readonly HashSet<string> Types = new(StringComparer.Ordinal)
    {
        "match", "last_match", "ticker", "ticker_batch", "l2update", "snapshot", "subscriptions", "heartbeat", "status", "error",
        "received", "open", "done", "change", "activate", "auction",
    };

    protected override VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return VenueMessage.Foreign;
        bool known = false, isMatch = false, isRepeat = false, hasChannel = false;
        string? symbol = null;
        decimal price = -1, size = -1;
        long time = -1, id = -1;
        var side = Side.Unknown;
        while (reader.NextMember())
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.ToValue();
                isRepeat = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("last_match"u8);
                isMatch = isRepeat || (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("match"u8));
                known = isMatch || (reader.TokenType == JsonTokenType.String && Types.Contains(reader.GetString()!));
            }
            else if (reader.ValueTextEquals("product_id"u8))
            {
                reader.ToValue();
                symbol = reader.Symbol(Names);
            }
            else if (reader.ValueTextEquals("price"u8))
            {
                reader.ToValue();
                price = reader.Decimal();
            }
            else if (reader.ValueTextEquals("size"u8))
            {
                reader.ToValue();
                size = reader.Decimal();
            }
            else if (reader.ValueTextEquals("time"u8))
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
                    side = reader.ValueTextEquals("sell"u8) ? Side.Buy : reader.ValueTextEquals("buy"u8) ? Side.Sell : Side.Unknown;
            }
            else
            {
                hasChannel |= reader.ValueTextEquals("channel"u8); // Kraken's snapshots are of one "type", too
                reader.SkipValue();
            }
        }

        reader.ToEnd();
        if (!known || hasChannel)
            return VenueMessage.Foreign;
        if (!isMatch || (isRepeat && !ReportsAll))
            return VenueMessage.NoTrade;
        if (id < 0)
        {
            Fault = "a trade with no trade_id";
            return VenueMessage.Broken;
        }

        var result = Add(trades, Venue, symbol, price, size, time, new TradeId(id), side);
        return ResultOf(result, isRepeat ? VenueMessage.Repeats : VenueMessage.Trades);
    }
}
