using System.Globalization;
using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Coinbase;

/// <summary>
/// Coinbase Exchange: channel <c>matches</c>, with <c>heartbeat</c>, which arrives every second for every product while the connection is
/// alive.
/// </summary>
/// <remarks>
/// Limits: 8 requests a second per address over WebSocket, 10 over REST. One product that does not exist makes the venue refuse the whole
/// subscription without saying which one in a fixed place, so a refused one is halved until it is alone.
/// </remarks>
internal sealed class CoinbaseProtocol : VenueProtocol
{
    private const int PageTrades = 1000;

    public override string Name => "coinbase";

    public override string WebSocketUrl => "wss://ws-feed.exchange.coinbase.com";

    public override string RestUrl => "https://api.exchange.coinbase.com";

    public override VenueLimits Limits { get; } = new()
    {
        SymbolsPerConnection = 50,
        SymbolsPerMessage = 25,
        ConnectEvery = TimeSpan.FromMilliseconds(500),
        RestEvery = TimeSpan.FromMilliseconds(200),
        Silence = TimeSpan.FromSeconds(10),
    };

    public override VenueTrades NewParser() => new CoinbaseTrades { ReportsAll = true };

    public override string Subscription(IReadOnlyList<string> symbols) =>
        """{"type":"subscribe","product_ids":[""" + string.Join(',', symbols.Select(symbol => $"\"{symbol}\""))
        + """],"channels":["matches","heartbeat"]}""";

    public override Notice ReadNotice(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return root.Text("type") switch
        {
            null or "match" or "last_match" => new Notice(NoticeKind.Unknown), // without what a trade has
            "subscriptions" => new Notice(NoticeKind.Subscribed),
            "error" => Error(string.Join(": ", Words(root))),
            "heartbeat" => new Notice(NoticeKind.None),
            var type => new Notice(NoticeKind.Unasked, null, type),
        };
    }

    public override Uri RefillUrl(Uri endpoint, Gap gap, long? next) => Below(
        endpoint,
        string.Create(CultureInfo.InvariantCulture, $"/products/{gap.Symbol}/trades?after={next ?? gap.Last + 1}&limit={PageTrades}"));

    public override RefillPage ReadRefill(ReadOnlyMemory<byte> json, Gap gap)
    {
        using var document = JsonDocument.Parse(json);
        var trades = new List<Tick>();
        foreach (var trade in document.RootElement.List())
        {
            // As in the stream, the maker's.
            var side = trade.Text("side") switch { "sell" => Side.Buy, "buy" => Side.Sell, _ => Side.Unknown };
            trades.Add(VenueJson.Trade(
                gap.Symbol, Name, trade.Member("trade_id"), trade.Member("price"), trade.Member("size"), trade.Member("time"), side));
        }

        return RefillPage.Backwards(trades, gap);
    }

    private static Notice Error(string text)
    {
        bool isUnknown = text.Contains("not a valid product", StringComparison.OrdinalIgnoreCase);
        return new Notice(isUnknown ? NoticeKind.Refused : NoticeKind.Error, null, text);
    }

    private static IEnumerable<string> Words(JsonElement error) =>
        new[] { error.Text("message"), error.Text("reason") }.OfType<string>().DefaultIfEmpty("an error without a message");
}
