using System.Globalization;
using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Binance;

/// <summary>
/// Binance, spot and USD-M futures: combined streams <c>&lt;symbol&gt;@trade</c>, subscribed to by the address alone.
/// </summary>
/// <remarks>
/// Limits (both markets' documents, 2026): 300 connections in 5 minutes per address, 1024 streams on one, a cut after 24 hours. Of the
/// streams we take 200, so that the address stays short. Spot pings every 20 s, futures every 3 minutes; our own pings are answered in
/// between. REST allows 6000 units of weight a minute on spot, where a page costs 25, and 2400 on futures, where it costs 5; we take a
/// quarter and less. Futures need a key for older trades than the newest 1000, so a larger gap there stays one. A symbol that does not
/// exist is not refused but silent.
/// </remarks>
internal sealed class BinanceProtocol(BinanceMarket market) : VenueProtocol
{
    private const int PageTrades = 1000;

    private readonly bool _isSpot = market == BinanceMarket.Spot;

    public override string Name => _isSpot ? "binance" : "binance-usdm";

    public override string WebSocketUrl => _isSpot ? "wss://stream.binance.com:9443" : "wss://fstream.binance.com/public";

    public override string RestUrl => _isSpot ? "https://api.binance.com" : "https://fapi.binance.com";

    public override VenueLimits Limits { get; } = new()
    {
        SymbolsPerConnection = 200,
        ConnectEvery = TimeSpan.FromSeconds(1.1),
        RestEvery = TimeSpan.FromSeconds(1),
        Silence = TimeSpan.FromSeconds(60),
        Lifetime = TimeSpan.FromHours(23),
        PingIsHeartbeat = true,
        RestHasHoles = market == BinanceMarket.UsdFutures, // trades off the order book have ids, but are not sent
    };

    public override VenueTrades NewParser() =>
        new BinanceTrades(market) { ReportsAll = true };

    public override Uri ConnectUrl(Uri endpoint, IReadOnlyList<string> symbols) =>
        Below(endpoint, "/stream?streams=" + string.Join('/', symbols.Select(symbol => symbol.ToLowerInvariant() + "@trade")));

    public override Notice ReadNotice(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            return new Notice(NoticeKind.Unknown);
        var content = root.TryGetProperty("data", out var data) ? data : root;
        if (content.Text("e") is { } kind)
        {
            return kind switch
            {
                "serverShutdown" => new Notice(NoticeKind.Shutdown),
                "trade" => new Notice(NoticeKind.None),
                _ => new Notice(NoticeKind.Unasked, null, kind),
            };
        }

        if (root.TryGetProperty("error", out var error))
            return new Notice(NoticeKind.Error, null, error.Text("msg") ?? "an error without a message");
        return new Notice(root.TryGetProperty("stream", out _) || root.TryGetProperty("result", out _) ? NoticeKind.None
            : NoticeKind.Unknown);
    }

    public override Uri RefillUrl(Uri endpoint, Gap gap, long? next) => Below(
        endpoint,
        _isSpot
            ? string.Create(
                CultureInfo.InvariantCulture, $"/api/v3/historicalTrades?symbol={gap.Symbol}&fromId={next ?? gap.First}&limit={PageTrades}")
            : $"/fapi/v1/trades?symbol={gap.Symbol}&limit={PageTrades}");

    public override RefillPage ReadRefill(ReadOnlyMemory<byte> json, Gap gap)
    {
        using var document = JsonDocument.Parse(json);
        var trades = new List<Tick>();
        foreach (var trade in document.RootElement.List())
        {
            var side = trade.Member("isBuyerMaker").ValueKind switch
            {
                JsonValueKind.True => Side.Sell,
                JsonValueKind.False => Side.Buy,
                _ => throw new InvalidDataException("isBuyerMaker is neither true nor false"),
            };
            trades.Add(VenueJson.Trade(
                gap.Symbol, Name, trade.Member("id"), trade.Member("price"), trade.Member("qty"), trade.Member("time"), side));
        }

        long last = trades.Count == 0 ? long.MaxValue : trades.Max(trade => trade.TradeId.Number!.Value);
        return new RefillPage(trades, _isSpot && last < gap.Last ? last + 1 : null);
    }
}
