using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Bybit;

/// <summary>Bybit v5 (https://bybit-exchange.github.io/docs/v5/ws/connect): topics <c>publicTrade.…</c>.</summary>
/// <remarks>
/// Limits: 500 connections in 5 minutes per address; 10 topics in one message on spot. The client pings every 20 s. Ids of trades do not
/// count, so that what a connection lost is found by time among the newest trades that REST gives: 60 on spot, 1000 on contracts
/// (https://bybit-exchange.github.io/docs/v5/market/recent-trade).
/// </remarks>
internal sealed class BybitProtocol(BybitMarket market) : VenueProtocol
{
    private readonly string _category = market switch
    {
        BybitMarket.Linear => "linear",
        BybitMarket.Inverse => "inverse",
        _ => "spot",
    };

    public override string Name => BybitTrades.Venue(market);

    public override string WebSocketUrl => "wss://stream.bybit.com/v5/public/" + _category;

    public override string RestUrl => "https://api.bybit.com";

    public override string Ping => """{"op":"ping"}""";

    public override VenueLimits Limits { get; } = new()
    {
        SymbolsPerConnection = 200,
        SymbolsPerMessage = 10,
        ConnectEvery = TimeSpan.FromSeconds(1),
        RestEvery = TimeSpan.FromMilliseconds(200),
        Silence = TimeSpan.FromSeconds(45),
        PingEvery = TimeSpan.FromSeconds(20),
        IdsAreNames = true,
    };

    public override VenueTrades NewParser() => new BybitTrades(market) { ReportsAll = true };

    public override string Subscription(IReadOnlyList<string> symbols) =>
        """{"op":"subscribe","args":[""" + string.Join(',', symbols.Select(symbol => $"\"publicTrade.{symbol}\"")) + "]}";

    public override Notice ReadNotice(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.Text("topic") is { } topic)
        {
            return topic.StartsWith("publicTrade.", StringComparison.Ordinal)
                ? new Notice(NoticeKind.Unknown)
                : new Notice(NoticeKind.Unasked, null, topic.Split('.')[0]);
        }

        if (root.Text("op") is not { } op)
            return new Notice(NoticeKind.Unknown);
        if (op != "subscribe")
            return new Notice(NoticeKind.None);
        string text = root.Text("ret_msg") ?? "an error without a message";
        bool isAccepted = root.Member("success").ValueKind == JsonValueKind.True
            || text.Contains("already subscribed", StringComparison.OrdinalIgnoreCase);
        if (isAccepted)
            return new Notice(NoticeKind.Subscribed);
        bool isUnknown = text.Contains("invalid symbol", StringComparison.OrdinalIgnoreCase)
            || text.Contains("handler not found", StringComparison.OrdinalIgnoreCase);
        return new Notice(isUnknown ? NoticeKind.Refused : NoticeKind.Error, null, text);
    }

    public override Uri RefillUrl(Uri endpoint, Gap gap, long? next) => Below(
        endpoint,
        $"/v5/market/recent-trade?category={_category}&symbol={Uri.EscapeDataString(gap.Symbol)}"
            + $"&limit={(market == BybitMarket.Spot ? 60 : 1000)}");

    public override RefillPage ReadRefill(ReadOnlyMemory<byte> json, Gap gap)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.Member("retCode").ToString() != "0")
            throw new InvalidDataException(root.Text("retMsg") ?? "a refusal without a message");
        var trades = new List<Tick>();
        foreach (var trade in root.Member("result").Member("list").List())
        {
            var side = trade.Text("side") switch { "Buy" => Side.Buy, "Sell" => Side.Sell, _ => Side.Unknown };
            trades.Add(VenueJson.NamedTrade(
                gap.Symbol, Name, trade.Member("execId"), trade.Member("price"), trade.Member("size"), trade.Member("time"), side));
        }

        return new RefillPage(trades, null);
    }
}
