using Radar.Api.Http.Contract;
using Radar.Api.Http.Endpoints;
using Radar.Api.Http.Requests;

namespace Radar.Api.Http.OpenApi;

/// <summary>Every route of the API.</summary>
internal static partial class ApiOperations
{
    private const string MetaExample =
        """{"version":"1-3-4711","event_time":"2024-08-08T23:54:15.342Z","age_ms":412,"lag_ms":0,"stale":false,"trace":"4bf92f3577b34da6a3ce929d0e0e4736"}""";

    private const string TradeMembers =
        """
        "t":"2024-08-08T23:54:15.342Z","p":61712.4,"s":0.015,"i":3716024879,"side":"buy","venue":"binance"
        """;

    private const string TradeExample = "{" + TradeMembers + "}";

    public static readonly ApiOperation CompatibleTicker = new(
        "getTickerV1",
        "Newest trade of a symbol",
        "Route and body of the original service.",
        [],
        typeof(CompatibleTicker),
        """{"symbol":"BTCUSDT","price":61712.4,"timestamp":1723161255342}""");

    public static readonly ApiOperation CompatibleHistory = new(
        "getHistoryV1",
        "Newest 60 trades of a symbol",
        "Route and body of the original service. Ordered by event time, oldest first.",
        [],
        typeof(CompatibleHistory),
        """{"symbol":"BTCUSDT","history":[{"p":61712.3,"t":1723161255101},{"p":61712.4,"t":1723161255342}]}""");

    public static readonly ApiOperation Ticker = new(
        "getTicker",
        "Newest trade of a symbol",
        "Moves forward only, ordered by event time, then by place in the topic.",
        TickerEndpoints.TickerParameters,
        typeof(TickerAnswer),
        """{"symbol":"BTCUSDT",""" + TradeMembers + ",\"meta\":" + MetaExample + "}");

    public static readonly ApiOperation Trades = new(
        "getTrades",
        "Trades of a symbol",
        "The newest trades (1000 unless set up otherwise) in the order they have in the topic. Pages stay in place while new trades arrive.",
        TradeEndpoints.TradesParameters,
        typeof(TradesAnswer),
        """{"symbol":"BTCUSDT","trades":[""" + TradeExample + """],"next_page_token":null,"meta":""" + MetaExample + "}");

    public static readonly ApiOperation Bars = new(
        "getBars",
        "Bars of a symbol",
        "Open, high, low, close, volume, number of trades and volume-weighted price. A late trade corrects its bar.",
        BarEndpoints.BarsParameters,
        typeof(BarsAnswer),
        """{"symbol":"BTCUSDT","bars":[{"t":"2024-08-08T23:54:00.000Z","o":61700.1,"h":61715,"l":61699.9,"c":61712.4,"v":12.503,"n":318,"vw":61708.02}],"next_page_token":"""
            + $"\"{PageToken.Example}\",\"meta\":" + MetaExample + "}");

    public static readonly ApiOperation Lag = new(
        "getLag",
        "How far the state is behind the topic",
        "Measured when asked. 0 messages mean that every record which was acknowledged before the request is in the state. Records of "
            + "an open transaction count as well, and held_back says how many they are.",
        [],
        typeof(LagAnswer),
        """{"messages":12,"seconds":0.4,"partitions":[{"partition":0,"position":4711,"end":4723,"messages":12,"seconds":0.4,"held_back":0},{"partition":1,"position":80,"end":80,"messages":0,"seconds":0,"held_back":0}]}""",
        RouteKind.Measurement);
}
