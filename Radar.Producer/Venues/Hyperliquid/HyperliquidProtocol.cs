using System.Text.Json;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Hyperliquid;

/// <summary>
/// Hyperliquid (https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket): channel <c>trades</c>, a coin in each
/// subscription.
/// </summary>
/// <remarks>
/// Limits: 10 connections, 1000 subscriptions and 2000 messages a minute per address. A connection to which nothing is sent for 60 s is
/// cut, so the client pings. Ids do not count, and no REST gives trades by time: after a reconnect, the recent trades that follow a
/// subscription show whether anything is missing. Coins are spelled with lower-case letters, too: kPEPE.
/// </remarks>
internal sealed class HyperliquidProtocol : VenueProtocol
{
    public override string Name => "hyperliquid";

    public override string WebSocketUrl => "wss://api.hyperliquid.xyz/ws";

    public override string RestUrl => "";

    public override string Ping => """{"method":"ping"}""";

    public override VenueLimits Limits { get; } = new()
    {
        SymbolsPerConnection = 200,
        ConnectEvery = TimeSpan.FromSeconds(3),
        SendEvery = TimeSpan.FromMilliseconds(50),
        RestEvery = TimeSpan.FromSeconds(1),
        Silence = TimeSpan.FromSeconds(65),
        PingEvery = TimeSpan.FromSeconds(30),
        IdsAreNames = true,
        SymbolsHaveCase = true,
    };

    public override VenueTrades NewParser() => new HyperliquidTrades { ReportsAll = true };

    public override string Subscription(IReadOnlyList<string> symbols) =>
        $$$"""{"method":"subscribe","subscription":{"type":"trades","coin":"{{{symbols[0]}}}"}}""";

    public override Notice ReadNotice(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return root.Text("channel") switch
        {
            null => new Notice(NoticeKind.Unknown),
            "trades" => new Notice(root.TryGetProperty("data", out var list) && list.ValueKind == JsonValueKind.Array
                && list.GetArrayLength() == 0 ? NoticeKind.None : NoticeKind.Unknown),
            "subscriptionResponse" => new Notice(NoticeKind.Subscribed),
            "error" => Error(root.Text("data") ?? "an error without a text"),
            "pong" => new Notice(NoticeKind.None),
            var channel => new Notice(NoticeKind.Unasked, null, channel),
        };
    }

    public override Uri RefillUrl(Uri endpoint, Gap gap, long? next) => endpoint;

    public override RefillPage ReadRefill(ReadOnlyMemory<byte> json, Gap gap) => new([], null);

    private static Notice Error(string text) =>
        text.Contains("already subscribed", StringComparison.OrdinalIgnoreCase) ? new Notice(NoticeKind.Subscribed)
        : text.Contains("invalid subscription", StringComparison.OrdinalIgnoreCase) ? new Notice(NoticeKind.Refused, null, text)
        : new Notice(NoticeKind.Error, null, text);
}
