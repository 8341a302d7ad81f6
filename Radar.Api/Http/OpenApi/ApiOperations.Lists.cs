using Radar.Api.Http.Contract;
using Radar.Api.Http.Endpoints;
using Radar.Api.Http.Requests;

namespace Radar.Api.Http.OpenApi;

/// <summary>Routes that answer for many symbols.</summary>
internal static partial class ApiOperations
{
    /// <summary>A version of all partitions.</summary>
    public const string VersionExample = "1-9f86d081-4711-80-n-12";

    private const string ListMetaExample =
        """{"version":"1-9f86d081-4711-80-n-12","event_time":"2024-08-08T23:54:15.342Z","age_ms":412,"lag_ms":0,"stale":false}""";

    private const string TickerExample = """{"symbol":"BTCUSDT",""" + TradeMembers + "}";

    private const string BarExample =
        """{"t":"2024-08-08T23:54:00.000Z","o":61700.1,"h":61715,"l":61699.9,"c":61712.4,"v":12.503,"n":318,"vw":61708.02}""";

    private const string DayExample =
        """{"t":"2024-08-08T00:00:00.000Z","o":55123.9,"h":62745.1,"l":54730.2,"c":61712.4,"v":38711.204,"n":2140118,"vw":58904.17}""";

    public static readonly ApiOperation Symbols = new(
        "getSymbols",
        "Symbols, by name",
        "Every symbol of which a trade was ingested, in ordinal order. Pages stay in place while new symbols arrive.",
        SymbolEndpoints.SymbolsParameters,
        typeof(SymbolsAnswer),
        $$"""{"symbols":["BTCUSDC","BTCUSDT"],"next_page_token":"{{SymbolPageToken.Example}}","meta":""" + ListMetaExample + "}",
        RouteKind.List);

    public static readonly ApiOperation Tickers = new(
        "getTickers",
        "Newest trade of several symbols, or of all",
        "Ordered by symbol. Those of one partition are one consistent read. as_of needs symbols.",
        TickerEndpoints.TickersParameters,
        typeof(TickersAnswer),
        """{"tickers":[""" + TickerExample + """],"next_page_token":null,"meta":""" + ListMetaExample + "}",
        RouteKind.List);

    public static readonly ApiOperation Snapshots = new(
        "getSnapshots",
        "Symbols at a glance",
        "Newest trade, its minute and its day, and the day before. Those of one partition are one consistent read.",
        SnapshotEndpoints.SnapshotsParameters,
        typeof(SnapshotsAnswer),
        """{"snapshots":[{"symbol":"BTCUSDT","latest_trade":""" + TradeExample + ",\"minute_bar\":" + BarExample + ",\"daily_bar\":" + DayExample
            + ",\"previous_daily_bar\":null}],\"meta\":" + ListMetaExample + "}",
        RouteKind.List);

    public static readonly ApiOperation Movers = new(
        "getMovers",
        "What moved most since the close of the day before",
        "Gainers and losers by percent. The day of a symbol is that of its newest trade, in UTC; equals are ordered by symbol.",
        MoverEndpoints.MoversParameters,
        typeof(MoversAnswer),
        """{"gainers":[{"symbol":"BTCUSDT","t":"2024-08-08T23:54:15.342Z","p":61712.4,"previous_close":55123.9,"change":6588.5,"change_percent":11.9521}],"losers":[],"meta":"""
            + ListMetaExample + "}",
        RouteKind.List);
}
