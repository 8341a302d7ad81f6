using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Bybit;

/// <summary>Which of Bybit's markets a connection is to, where the address does not show it.</summary>
internal enum BybitMarket
{
    /// <summary>
    /// Spot's trades have numbers for ids; inverse contracts are quoted in USD, or named by their month; options by date and strike.
    /// </summary>
    ByContent,

    /// <summary>Spot.</summary>
    Spot,

    /// <summary>Contracts settled in USDT and USDC.</summary>
    Linear,

    /// <summary>Contracts settled in the coin.</summary>
    Inverse,

    /// <summary>Options.</summary>
    Option,
}

/// <summary>
/// Bybit v5, topics <c>publicTrade.…</c> (https://bybit-exchange.github.io/docs/v5/websocket/public/trade):
/// <code>
/// {"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001",
///  "p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"seq":1783284617}]}
/// </code>
/// <c>S</c> is the taker's side, <c>i</c> the id, which is no number on contracts. <c>type</c> is always <c>snapshot</c>; nothing is
/// repeated. Block trades (<c>BT</c>) count.
/// </summary>
internal sealed class BybitTrades(BybitMarket market = BybitMarket.ByContent) : VenueTrades
{
    private static readonly MemberNames Message = new(
        "topic", "type", "ts", "data", "success", "ret_msg", "conn_id", "op", "cs", "cts", "req_id");

    private static readonly ulong Topic = Message.Bits("topic", "type", "ts", "data");
    private static readonly ulong Reply = Message.Bits("success", "ret_msg", "conn_id", "op");

    private static readonly ulong TopicName = Message.Bits("topic");
    private static readonly ulong Content = Message.Bits("data");

    private static readonly TradeShape Trade = new("s", "p", "v", "T", "i", "S", buy: "Buy", sell: "Sell");

    private static readonly string[] Topics =
        ["publicTrade.", "orderbook.", "tickers.", "kline.", "liquidation.", "allLiquidation.", "tickers_lt.", "kline_lt.", "priceLimit."];

    /// <summary>The market's name in ticks.</summary>
    public static string Venue(BybitMarket market) => market switch
    {
        BybitMarket.Linear => "bybit-linear",
        BybitMarket.Inverse => "bybit-inverse",
        BybitMarket.Option => "bybit-option",
        _ => "bybit",
    };

    protected override VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return VenueMessage.Foreign;
        ulong seen = 0;
        bool isTopic = false, isTrades = false;
        Utf8JsonReader data = default;
        while (reader.NextMember())
        {
            ulong bit = Message.Bit(reader);
            seen |= bit;
            reader.ToValue();
            if (bit == TopicName && reader.TokenType == JsonTokenType.String)
            {
                string topic = reader.GetString()!;
                isTopic = Array.Exists(Topics, known => topic.StartsWith(known, StringComparison.Ordinal));
                isTrades = topic.StartsWith(Topics[0], StringComparison.Ordinal);
            }

            if (bit == Content)
                data = reader;
            reader.Skip();
        }

        reader.ToEnd();
        if ((seen & Reply) == Reply && (seen & Topic) == 0)
            return VenueMessage.NoTrade;
        if (!isTopic || (seen & Topic) != Topic)
            return VenueMessage.Foreign;
        return isTrades ? ReadTrades(ref data, trades) : VenueMessage.NoTrade;
    }

    private VenueMessage ReadTrades(ref Utf8JsonReader data, List<Tick> trades)
    {
        if (data.TokenType != JsonTokenType.StartArray)
            return BrokenBecause("trades that are no list");
        int first = trades.Count;
        var result = VenueMessage.NoTrade;
        while (data.Read() && data.TokenType == JsonTokenType.StartObject && result != VenueMessage.Broken)
            result = ReadTrade(ref data, trades);
        InOrder(trades, first);
        return result;
    }

    private VenueMessage ReadTrade(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (!Trade.TryRead(ref reader, Names, out var trade))
            return BrokenBecause($"a trade without one of {Trade.Names}");
        return Add(trades, Venue(market == BybitMarket.ByContent ? Market(trade.Symbol, trade.Id) : market), trade);
    }

    private static BybitMarket Market(string? symbol, TradeId id)
    {
        if (id.Number is not null)
            return BybitMarket.Spot;
        if (symbol is not null && symbol.Count('-') >= 3)
            return BybitMarket.Option; // BTC-29MAR24-60000-C, and -USDT behind it
        bool isInverse = symbol is not null && (symbol.EndsWith("USD", StringComparison.Ordinal)
            || (symbol.Length > 6 && symbol[^6..^3] == "USD" && char.IsAsciiLetter(symbol[^3]) && char.IsAsciiDigit(symbol[^1])));
        return isInverse ? BybitMarket.Inverse : BybitMarket.Linear;
    }
}
