using System.Globalization;
using Radar.Market;

namespace Radar.Tests.Producer.Live;

/// <summary>
/// Messages and answers as the venues write them. Trade n costs 100 + n, is sold, and happens n × 10 ms after a certain time.
/// </summary>
internal static class VenueMessages
{
    private const long StartMs = 1_700_000_000_000;

    /// <summary>After all trades of the tests.</summary>
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(Ms(1_000_000));

    public const string Shutdown = """{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}""";

    public static Tick Tick(long id, string symbol, string venue) =>
        new(symbol, 100 + id, Ms(id), 0.5m, new TradeId(id), Side.Sell, venue);

    public static string Spot(long id, string symbol = "BTCUSDT") =>
        $$$"""{"stream":"{{{symbol.ToLowerInvariant()}}}@trade","data":{"e":"trade","E":{{{Ms(id)}}},"s":"{{{symbol}}}","t":{{{id}}}"""
            + $$$""","p":"{{{100 + id}}}.00","q":"0.50","T":{{{Ms(id)}}},"m":true,"M":true}}""";

    public static string Futures(long id, string kind = "MARKET") =>
        $$$"""{"stream":"btcusdt@trade","data":{"e":"trade","E":{{{Ms(id)}}},"T":{{{Ms(id)}}},"s":"BTCUSDT","t":{{{id}}}"""
            + $$$""","p":"{{{100 + id}}}.00","q":"0.50","X":"{{{kind}}}","m":true}}""";

    public static string Match(long id, string type = "match", string symbol = "BTC-USD") =>
        $$"""{"type":"{{type}}","trade_id":{{id}},"maker_order_id":"a","taker_order_id":"b","side":"buy","size":"0.5","pric"""
            + $$"""e":"{{100 + id}}","product_id":"{{symbol}}","sequence":1,"time":"{{Rfc3339.Format(Ms(id))}}"}""";

    public static string Kraken(string type, params long[] ids) =>
        $$"""{"channel":"trade","type":"{{type}}","data":[{{string.Join(',', ids.Select(KrakenTrade))}}]}""";

    public static string BinancePage(IEnumerable<long> ids) => "[" + string.Join(',', ids.Select(id =>
        $$"""{"id":{{id}},"price":"{{100 + id}}.00","qty":"0.50","quoteQty":"1","time":{{Ms(id)}},"isBuyerMaker":true"""
            + $$""","isBestMatch":true}""")) + "]";

    /// <summary>The newest first.</summary>
    public static string CoinbasePage(IEnumerable<long> ids) => "[" + string.Join(',', ids.OrderDescending().Select(id =>
        $$"""{"time":"{{Rfc3339.Format(Ms(id))}}","trade_id":{{id}},"price":"{{100 + id}}","size":"0.5","side":"buy"}""")) + "]";

    public static string KrakenPage(IReadOnlyCollection<long> ids) =>
        $$$"""{"error":[],"result":{"XXBTZUSD":[{{{string.Join(',', ids.Select(KrakenRow))}}}]"""
            + $$$""","last":"{{{Ms(ids.Count == 0 ? 0 : ids.Max()) * 1_000_000}}}"}}""";

    public static IEnumerable<long> Range(long first, long last)
    {
        for (long id = first; id <= last; id++)
            yield return id;
    }

    public static long Ms(long id) => StartMs + (id * 10);

    private static string KrakenTrade(long id) =>
        $$"""{"symbol":"BTC/USD","side":"sell","price":{{100 + id}}.0,"qty":0.50000000,"ord_type":"market","trade_id":{{id}}"""
            + $$""","timestamp":"{{Rfc3339.Format(Ms(id))}}"}""";

    private static string KrakenRow(long id) =>
        $"[\"{100 + id}.00000\",\"0.50000000\",{(Ms(id) / 1000m).ToString(CultureInfo.InvariantCulture)},\"s\",\"m\",\"\",{id}]";
}
