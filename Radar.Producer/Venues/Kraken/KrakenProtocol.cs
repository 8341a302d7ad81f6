using System.Globalization;
using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Kraken;

/// <summary>
/// Kraken, spot, WebSocket v2: channel <c>trade</c> with its snapshot of the newest 50 trades, which closes small gaps by itself. A
/// heartbeat comes every second in which nothing else does.
/// </summary>
/// <remarks>
/// Limits: about 150 connections in 10 minutes per address; REST about one request a second. Trade ids rise, but some are left out. REST
/// reads from a time on, in nanoseconds, and knows BTC/USD as BTCUSD.
/// </remarks>
internal sealed class KrakenProtocol : VenueProtocol
{
    private const int PageTrades = 1000;

    public override string Name => "kraken";

    public override string WebSocketUrl => "wss://ws.kraken.com/v2";

    public override string RestUrl => "https://api.kraken.com";

    public override VenueLimits Limits { get; } = new()
    {
        SymbolsPerConnection = 100,
        SymbolsPerMessage = 50,
        ConnectEvery = TimeSpan.FromSeconds(4.5),
        RestEvery = TimeSpan.FromSeconds(1.1),
        Silence = TimeSpan.FromSeconds(10),
        IdsHaveHoles = true,
        RestHasHoles = true,
    };

    public override VenueTrades NewParser() => new KrakenTrades { ReportsAll = true };

    public override string Subscription(IReadOnlyList<string> symbols) =>
        """{"method":"subscribe","params":{"channel":"trade","symbol":[""" + string.Join(',', symbols.Select(symbol => $"\"{symbol}\""))
        + """],"snapshot":true}}""";

    public override Notice ReadNotice(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.Text("channel") is { } channel)
        {
            // Trades that are none of this venue's shape come here, and an empty list.
            bool isTrades = channel == "trade" && root.TryGetProperty("data", out var data)
                && !(data.ValueKind == JsonValueKind.Array && data.GetArrayLength() == 0);
            if (channel is not ("trade" or "heartbeat" or "status" or "pong"))
                return new Notice(NoticeKind.Unasked, null, channel);
            return new Notice(isTrades ? NoticeKind.Unknown : NoticeKind.None);
        }

        if (root.Text("error") is { } error)
        {
            bool isUnknown = error.Contains("not supported", StringComparison.OrdinalIgnoreCase);
            return new Notice(isUnknown ? NoticeKind.Refused : NoticeKind.Error, root.Text("symbol"), error);
        }

        return root.Text("method") switch
        {
            "subscribe" => new Notice(NoticeKind.Subscribed, root.TryGetProperty("result", out var result) ? result.Text("symbol") : null),
            null => new Notice(NoticeKind.Unknown),
            _ => new Notice(NoticeKind.None),
        };
    }

    public override Uri RefillUrl(Uri endpoint, Gap gap, long? next)
    {
        string pair = gap.Symbol.Replace("/", "", StringComparison.Ordinal);
        long since = next ?? (gap.SinceMs * 1_000_000) - 1; // what follows it, so that the trade before the gap is part of the answer
        return Below(endpoint, string.Create(
            CultureInfo.InvariantCulture, $"/0/public/Trades?pair={pair}&since={since}&count={PageTrades}"));
    }

    public override RefillPage ReadRefill(ReadOnlyMemory<byte> json, Gap gap)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        foreach (var error in root.Member("error").List())
            throw new InvalidDataException(error.ToString());
        var trades = new List<Tick>();
        long? last = null;
        foreach (var member in root.Member("result").Members())
        {
            if (member.NameEquals("last"))
                last = long.TryParse(member.Value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long ns) ? ns : null;
            else
                trades.AddRange(member.Value.List().Select(trade => Trade(trade, gap.Symbol)));
        }

        bool reachesEnd = trades.Count == 0 || trades.Max(trade => trade.TradeId.Number!.Value) >= gap.Last;
        return new RefillPage(trades, reachesEnd ? null : last);
    }

    /// <summary><c>["30243.40000","0.34507674",1688669597.8277369,"b","m","",61044952]</c></summary>
    private Tick Trade(JsonElement trade, string symbol)
    {
        if (trade.ValueKind != JsonValueKind.Array || trade.GetArrayLength() < 7)
            throw new InvalidDataException("a trade with fewer than seven members");
        var side = trade[3].ToString() switch { "b" => Side.Buy, "s" => Side.Sell, _ => Side.Unknown };
        return VenueJson.Trade(symbol, Name, trade[6], trade[0], trade[1], trade[2], side);
    }
}
