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

    private static readonly MemberNames Members = new(
        "type", "product_id", "price", "size", "sequence", "changes", "bids", "asks", "channels", "currencies", "products", "message",
        "reason", "channel");

    private static readonly ulong Match = Members.Bits("product_id", "price", "size");

    /// <summary>Messages beside trades, each with members that it has.</summary>
    private static readonly Dictionary<string, ulong> Types = new(StringComparer.Ordinal)
    {
        ["ticker"] = Members.Bits("product_id", "price"),
        ["ticker_batch"] = Members.Bits("product_id", "price"),
        ["l2update"] = Members.Bits("product_id", "changes"),
        ["snapshot"] = Members.Bits("product_id", "bids", "asks"),
        ["subscriptions"] = Members.Bits("channels"),
        ["heartbeat"] = Members.Bits("product_id", "sequence"),
        ["status"] = Members.Bits("currencies", "products"),
        ["error"] = Members.Bits("message"),
        ["received"] = Members.Bits("product_id"),
        ["open"] = Members.Bits("product_id"),
        ["done"] = Members.Bits("product_id"),
        ["change"] = Members.Bits("product_id"),
        ["activate"] = Members.Bits("product_id"),
        ["auction"] = Members.Bits("product_id"),
    };

    private static readonly ulong Error = Members.Bits("type", "message", "reason");
    private static readonly ulong Channel = Members.Bits("channel");

    protected override VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return VenueMessage.Foreign;
        bool isMatch = false, isRepeat = false, isError = false;
        ulong required = 0, seen = 0;
        string? symbol = null;
        decimal price = -1, size = -1;
        long time = -1, id = -1;
        var side = Side.Unknown;
        while (reader.NextMember())
        {
            seen |= Members.Bit(reader);
            if (reader.ValueTextEquals("type"u8))
            {
                reader.ToValue();
                isError = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("error"u8);
                isRepeat = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("last_match"u8);
                isMatch = isRepeat || (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("match"u8));
                required = isMatch ? Match
                    : reader.TokenType == JsonTokenType.String ? Types.GetValueOrDefault(reader.GetString()!) : 0;
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
                reader.SkipValue();
            }
        }

        reader.ToEnd();
        if (required == 0 || (seen & required) != required || (seen & Channel) != 0 || (isError && (seen & ~Error) != 0))
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
