using System.Globalization;
using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Okx;

/// <summary>OKX v5 (https://www.okx.com/docs-v5/en/#overview-websocket): channel <c>trades</c>.</summary>
/// <remarks>
/// Limits: 3 connections a second per address, 480 subscriptions an hour on a connection. A connection that is silent for 30 s is cut, so
/// the client sends the text <c>ping</c>. Each instrument is answered on its own. Ids rise by one with each trade; an entry holds several,
/// so that a gap begins behind the last of one and ends before the first of the next. REST gives single trades, three months back.
/// </remarks>
internal sealed class OkxProtocol : VenueProtocol
{
    private const int PageTrades = 100;
    private const string UnknownInstrument = "60018";
    private const string Upgrade = "64008";

    public override string Name => OkxTrades.Venue;

    public override string WebSocketUrl => "wss://ws.okx.com:8443/ws/v5/public";

    public override string RestUrl => "https://www.okx.com";

    public override string Ping => "ping";

    public override VenueLimits Limits { get; } = new()
    {
        SymbolsPerConnection = 100,
        SymbolsPerMessage = 50,
        ConnectEvery = TimeSpan.FromSeconds(0.5),
        RestEvery = TimeSpan.FromMilliseconds(200),
        Silence = TimeSpan.FromSeconds(45),
        PingEvery = TimeSpan.FromSeconds(20),
        IdsHaveHoles = true,
        RestHasHoles = true,
    };

    public override VenueTrades NewParser() => new OkxTrades { ReportsAll = true };

    public override string Subscription(IReadOnlyList<string> symbols) => """{"op":"subscribe","args":["""
        + string.Join(',', symbols.Select(symbol => $$"""{"channel":"trades","instId":"{{symbol}}"}""")) + "]}";

    public override Notice ReadNotice(ReadOnlyMemory<byte> json)
    {
        if (json.Span.SequenceEqual("pong"u8))
            return new Notice(NoticeKind.None);
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var arg = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("arg", out var member) ? member : default;
        string text = root.Text("msg") ?? "an error without a message";
        return (root.Text("event"), root.Text("code")) switch
        {
            ("subscribe", _) => new Notice(NoticeKind.Subscribed, arg.Text("instId")),
            ("notice", Upgrade) => new Notice(NoticeKind.Shutdown),
            ("error", UnknownInstrument) => new Notice(NoticeKind.Refused, Instrument(text), text),
            ("error", _) => new Notice(NoticeKind.Error, null, text),
            (not null, _) => new Notice(NoticeKind.None),
            _ => arg.Text("channel") is { } channel and not "trades"
                ? new Notice(NoticeKind.Unasked, null, channel)
                : new Notice(NoticeKind.Unknown),
        };
    }

    public override Uri RefillUrl(Uri endpoint, Gap gap, long? next) => Below(
        endpoint,
        string.Create(CultureInfo.InvariantCulture,
            $"/api/v5/market/history-trades?instId={Uri.EscapeDataString(gap.Symbol)}&type=1&after={next ?? gap.Last + 1}"
                + $"&limit={PageTrades}"));

    public override RefillPage ReadRefill(ReadOnlyMemory<byte> json, Gap gap)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.Text("code") != "0")
            throw new InvalidDataException(root.Text("msg") ?? "a refusal without a message");
        var trades = new List<Tick>();
        foreach (var trade in root.Member("data").List())
        {
            var side = trade.Text("side") switch { "buy" => Side.Buy, "sell" => Side.Sell, _ => Side.Unknown };
            trades.Add(VenueJson.Trade(
                gap.Symbol, Name, trade.Member("tradeId"), trade.Member("px"), trade.Member("sz"), trade.Member("ts"), side));
        }

        return RefillPage.Backwards(trades, gap);
    }

    /// <summary><c>Wrong URL or channel:trades,instId:FOO-USDT doesn't exist.</c></summary>
    private static string? Instrument(string text)
    {
        const string Name = "instId:";
        int at = text.IndexOf(Name, StringComparison.Ordinal);
        return at < 0 ? null : text[(at + Name.Length)..].Split(' ', ',', '.')[0].ToUpperInvariant();
    }
}
