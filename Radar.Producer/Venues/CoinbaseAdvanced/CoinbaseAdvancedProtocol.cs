using System.Globalization;
using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.CoinbaseAdvanced;

/// <summary>
/// Coinbase Advanced Trade (https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-overview): channel
/// <c>market_trades</c>, with <c>heartbeats</c>, one each second, without which a quiet connection is closed. No key is needed.
/// </summary>
/// <remarks>
/// Limits: 8 messages a second per address over WebSocket, 10 requests over REST. Ids of trades count by product. REST reads backwards by
/// time, in seconds.
/// </remarks>
internal sealed class CoinbaseAdvancedProtocol : VenueProtocol
{
    private const int PageTrades = 1000;

    public override string Name => "coinbase-advanced";

    public override string WebSocketUrl => "wss://advanced-trade-ws.coinbase.com";

    public override string RestUrl => "https://api.coinbase.com";

    public override IReadOnlyList<string> Opening { get; } = ["""{"type":"subscribe","channel":"heartbeats"}"""];

    public override VenueLimits Limits { get; } = new()
    {
        SymbolsPerConnection = 50,
        SymbolsPerMessage = 25,
        ConnectEvery = TimeSpan.FromMilliseconds(500),
        RestEvery = TimeSpan.FromMilliseconds(200),
        Silence = TimeSpan.FromSeconds(10),
    };

    public override VenueTrades NewParser() => new CoinbaseAdvancedTrades { ReportsAll = true };

    public override string Subscription(IReadOnlyList<string> symbols) =>
        """{"type":"subscribe","product_ids":[""" + string.Join(',', symbols.Select(symbol => $"\"{symbol}\""))
        + """],"channel":"market_trades"}""";

    public override Notice ReadNotice(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.Text("type") == "error")
        {
            string text = root.Text("message") ?? "an error without a message";
            bool isUnknown = text.Contains("product", StringComparison.OrdinalIgnoreCase);
            return new Notice(isUnknown ? NoticeKind.Refused : NoticeKind.Error, null, text);
        }

        return root.Text("channel") switch
        {
            null => new Notice(NoticeKind.Unknown),
            "market_trades" => new Notice(root.TryGetProperty("sequence_num", out _) ? NoticeKind.None : NoticeKind.Unknown),
            "subscriptions" => new Notice(IsOfTrades(root) ? NoticeKind.Subscribed : NoticeKind.None),
            "heartbeats" => new Notice(NoticeKind.None),
            var channel => new Notice(NoticeKind.Unasked, null, channel),
        };
    }

    public override Uri RefillUrl(Uri endpoint, Gap gap, long? next) => Below(
        endpoint,
        string.Create(CultureInfo.InvariantCulture,
            $"/api/v3/brokerage/market/products/{Uri.EscapeDataString(gap.Symbol)}/ticker?limit={PageTrades}&start={gap.SinceMs / 1000}"
                + $"{(next is null ? "" : $"&end={next}")}"));

    public override RefillPage ReadRefill(ReadOnlyMemory<byte> json, Gap gap)
    {
        using var document = JsonDocument.Parse(json);
        var trades = new List<Tick>();
        foreach (var trade in document.RootElement.Member("trades").List())
        {
            // As in the stream, the maker's.
            var side = trade.Text("side") switch { "SELL" => Side.Buy, "BUY" => Side.Sell, _ => Side.Unknown };
            trades.Add(VenueJson.Trade(
                gap.Symbol, Name, trade.Member("trade_id"), trade.Member("price"), trade.Member("size"), trade.Member("time"), side));
        }

        bool isWhole = trades.Count == 0 || trades.Min(trade => trade.TradeId.Number!.Value) <= gap.First;
        return new RefillPage(trades, isWhole ? null : (trades.Min(trade => trade.TimestampMs) / 1000) + 1);
    }

    /// <summary>The heartbeats' subscription is answered, too.</summary>
    private static bool IsOfTrades(JsonElement root) => root.Member("events").List().Any(entry =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("subscriptions", out var list)
            && list.ValueKind == JsonValueKind.Object && list.TryGetProperty("market_trades", out _));
}
