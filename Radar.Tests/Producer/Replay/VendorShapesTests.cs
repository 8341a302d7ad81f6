using Radar.Market;
using Radar.Producer.Look;

namespace Radar.Tests.Producer.Replay;

/// <summary>Files of vendors that hold something else than trades, or trades in a shape that was once misread.</summary>
public sealed class VendorShapesTests
{
    private const string Bbo = "ts_recv,ts_event,rtype,publisher_id,instrument_id,side,price,size,flags,sequence,bid_px_00,ask_px_00,"
        + "bid_sz_00,ask_sz_00,bid_ct_00,ask_ct_00,symbol\n"
        + "1709251201000000000,1709251200123456789,195,1,5482,B,61179500000000,2,128,1,1,2,1,1,1,1,ESH4\n";

    private const string Statistics = "ts_recv,ts_event,rtype,publisher_id,instrument_id,ts_ref,price,quantity,stat_type,symbol\n"
        + "1709251201000000000,1709251200123456789,24,1,5482,0,61179500000000,2,7,ESH4\n";

    private const string TradesAndQuotes = "#RIC,Domain,Date-Time,Type,Price,Volume,Bid Price,Ask Price\n"
        + "A,Market Price,2024-03-01T00:00:00Z,Trade,10,2,,\nA,Market Price,2024-03-01T00:00:00Z,Quote,,,9,11\n";

    private const string Algoseek = "Date,Timestamp,EventType,Ticker,Price,Quantity\n"
        + "20240301,09:30:00.017,TRADE,A,10,2\n20240301,09:30:00.017,QUOTE BID,A,9,1\n";

    [Theory]
    [InlineData("bbo-1s.csv", Bbo, "a Databento schema without trades (no column action)")]
    [InlineData("statistics.csv", Statistics, "a Databento schema without trades (no column action)")]
    [InlineData("mark_prices/202403/BTC_USDT-202403.csv", "1709251200.5,61179,61180.1,61179.9\n", "mark prices or funding")]
    [InlineData("20240301_eurusd_tick_quote.csv", "111,1.38653,1.38664\n", "it holds LEAN's quotes, and no trades")]
    [InlineData("20240301_es_tick_openinterest_202406.csv", "111,1386\n", "it holds LEAN's open interest, and no trades")]
    [InlineData("20240301_gc_tick_trade_202406.csv", "4933381,1313.8,1,usa,,0\n", "LEAN's trade ticks of futures or options")]
    [InlineData("allspot-trades-2024-03-01.csv", "trade_id,side,size,price,created_time\n7,buy,1,2,1709251200123\n", "to hold the symbol")]
    [InlineData("trth.csv", TradesAndQuotes, "Producer:Replay:Filter says which rows are trades, such as Type=Trade")]
    [InlineData("algoseek.csv", Algoseek, "Producer:Replay:Filter says which rows are trades, such as EventType=TRADE")]
    [InlineData("a.json", "{\n  \"topic\": \"x\",\n  \"data\": []\n}\n", "a capture has one message a line")]
    [InlineData("s.json", """{"symbol":"A","price":1,"timestamp":1709251200.5}""", "Columns:Timestamp=/timestamp reads Unix time")]
    public void File_that_is_not_read_says_what_it_holds_or_what_to_do(string path, string text, string expected)
    {
        using var run = new ReplayRun();

        Assert.Contains(expected, Look(run.Write(path, text)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TradesAndQuotes, "Type=Trade", 1709251200000)]
    [InlineData(Algoseek, "EventType=TRADE", 1709285400017)]
    public async Task Rows_that_the_filter_takes_are_read_whatever_other_columns_there_are(string text, string filter, long expectedMs)
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Filter = filter;

        Assert.Equal([new Tick("A", 10, expectedMs, 2)], await run.ReadTextAsync(text, "a.csv"));
    }

    [Theory]
    [InlineData("20240301_btcusdt_tick_trade_perp.csv", "86400.123,232.40,93.1\n", "BTCUSDT 232.4 1709251286400 93.1 lean-perp")]
    [InlineData("20240301_btcusd_tick_trade.csv", "86400,232.40,93.1,0\n", "BTCUSD 232.4 1709251286400 93.1 lean")]
    [InlineData("20240301_spy_Trade_Tick.csv", "34200000.5,1674100,100.5,P,,0\n", "SPY 167.41 1709303400000 100.5 lean")]
    [InlineData("20240301_spy_Trade_Tick.csv", "34200000,1674100,100\n", "SPY 167.41 1709303400000 100 lean")]
    public async Task Leans_ticks_are_read_as_lean_reads_them(string name, string text, string expected)
    {
        using var run = new ReplayRun();

        var tick = Assert.Single(await run.ReadTextAsync(text, name));
        Assert.Equal(expected, FormattableString.Invariant($"{tick.Symbol} {tick.Price} {tick.TimestampMs} {tick.Size} {tick.Venue}"));
    }

    [Fact]
    public async Task Line_of_lean_that_is_cut_off_is_broken()
    {
        using var run = new ReplayRun();

        Assert.Single(await run.ReadTextAsync("34200000,1674100,100,P,,0\n34200001,1674200,10", "20240301_spy_Trade_Tick.csv"));
        Assert.Equal(1, run.Metrics.Broken);
    }

    [Fact]
    public async Task Header_that_is_set_reads_leans_futures()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Header = "ms,price,size,exchange,condition,suspicious";
        run.Producer.Replay.Columns.Timestamp = "ms";
        run.Producer.Replay.Columns.Date = "constant:2024-03-01";
        run.Producer.Replay.TimeUnit = Radar.Producer.TimeUnit.Ms;
        run.Producer.Replay.TimeZone = "America/New_York";
        run.Producer.Replay.Symbol = "ES";

        Assert.Equal(
            [new Tick("ES", 5120, 1709303400000, 3, Venue: "usa")],
            await run.ReadTextAsync("34200000,5120,3,usa,,0\n", "20240301_es_tick_trade_202406.csv"));
        Assert.DoesNotContain(run.Log.Lines, line => line.Contains("its first trade is of", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("market,timestamp,trade_price,trade_volume,ask_bid\nKRW-BTC,1709251200123,10,2,ASK\n", 2)]
    [InlineData("timestamp,symbol,price,contracts,size_btc\n1709251200123,A,10,12,2\n", 2)]
    [InlineData("timestamp,symbol,price,contracts\n1709251200123,A,10,12\n", 12)]
    public async Task Size_is_that_in_coins_and_a_side_called_ask_bid_is_no_quote(string text, int size)
    {
        using var run = new ReplayRun();

        Assert.Equal(size, Assert.Single(await run.ReadTextAsync(text, "a.csv")).Size);
    }

    [Theory]
    [InlineData("a.csv", "time,symbol,price,size\n800000000000000000,A,1,1\n", "of the year 1995; if that is not so, set")]
    [InlineData("a.json", """{"symbol":"A","price":1,"timestamp":1709251200}""", "of the year 1970; if that is not so, Prod")]
    [InlineData("b.json", """[{"s":"A","price":1,"timestamp":800000000000000000}]""", "of the year 1995; if that is not so")]
    [InlineData("a.csv", "time,symbol,price,size\n2024-03-01 09:30:00,A,1,1\n", "the column 'time' have no offset and are read as UTC")]
    public void Times_that_may_be_others_are_warned_of(string name, string text, string expected)
    {
        using var run = new ReplayRun();
        string path = run.Write(name, text);

        Assert.Contains(expected, name == "b.json" ? Look(path, "--Producer:Replay:Columns:Symbol=/s") : Look(path),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("time_utc,symbol,price,size\n2024-03-01 09:30:00,A,1,1\n")]
    [InlineData("time,symbol,price,size\n2024-03-01T09:30:00Z,A,1,1\n")]
    [InlineData("time,symbol,price,size\n1709251200123,A,1,1\n")]
    public void Times_of_a_known_zone_are_not_warned_of(string text)
    {
        using var run = new ReplayRun();

        Assert.DoesNotContain("UTC;", Look(run.Write("a.csv", text)), StringComparison.Ordinal);
    }

    private static string Look(string path, params string[] settings)
    {
        using var output = new StringWriter();
        LookCommand.Run([path, .. settings], output);
        return output.ToString();
    }
}
