using System.IO.Compression;
using System.Text;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Tests.Producer.Replay;

/// <summary>Inputs in shapes that people have, with made-up numbers.</summary>
public sealed class ReplayCasesTests
{
    private const long Ms = 1709251200000; // 2024-03-01T00:00:00Z

    [Theory]
    [InlineData("2024-01-01T00:00:00.123Z,BTCUSDT,42283.58\n2024-01-01T00:00:00.523Z,BTCUSDT,42283.59\n")]
    [InlineData("1709251200000,BTCUSDT,42283.58\n1709251200001,BTCUSDT,42283.59\n")]
    [InlineData("2024-01-01T00:00:00Z,BTCUSDT,n/a\n2024-01-01T00:00:00Z,BTCUSDT,42283.58\n2024-01-01T00:00:00.5Z,BTCUSDT,42283.59\n")]
    public async Task Header_that_is_set_decides_whatever_the_first_row_looks_like(string text)
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Header = "time, symbol, price";

        Assert.Equal([42283.58m, 42283.59m], (await run.ReadTextAsync(text)).Select(tick => tick.Price));
    }

    [Theory]
    [InlineData("symbol,time,price,size(base),volume(quote)\nA,1709251200000,10,0.5,5\n")]
    [InlineData("symbol,time,price,Size (BTC)\nA,1709251200000,10,0.5\n")]
    [InlineData("symbol,time,price,volume,amount\nA,1709251200000,10,0.5,5\n")]
    [InlineData("symbol,time,price,amount,volume\nA,1709251200000,10,0.5,5\n")] // the rows show that volume is the turnover
    [InlineData("symbol,time,price,quoteQty,qty\nA,1709251200000,10,5,0.5\n")]
    [InlineData("symbol,time,price,turnover,notional,grossValue,Volume BTC,Volume USDT\nA,1709251200000,10,5,5,5,0.5,5\n")]
    [InlineData("symbol,time,price,shares\nA,1709251200000,10,0.5\n")]
    public async Task Size_is_the_base_amount_and_never_the_turnover(string text)
    {
        using var run = new ReplayRun();

        Assert.Equal([new Tick("A", 10, Ms, 0.5m)], await run.ReadTextAsync(text));
        Assert.DoesNotContain(run.Log.Lines, line => line.Contains("every size is 0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("symbol,time,price,volume(quote)\nA,1709251200000,10,5\n")]
    [InlineData("symbol,time,price,Volume (USD)\nA,1709251200000,10,5\n")]
    [InlineData("symbol,time,price,grams\nA,1709251200000,10,5\n")]
    public async Task Missing_size_is_warned_of_at_the_start(string text)
    {
        using var run = new ReplayRun();

        Assert.Equal([new Tick("A", 10, Ms)], await run.ReadTextAsync(text));
        Assert.Single(run.Log.Lines, line => line.Contains("no column is known to hold the size", StringComparison.Ordinal)
            && line.Contains("Producer:Replay:Columns:Size", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_logs_once_which_column_is_taken_as_what()
    {
        using var run = new ReplayRun();
        run.Write("a.csv", "Ticker,Px,Qty,Zeit,time\nA,10,0.5,x,1709251200000\n");
        run.Write("b.csv", "Ticker,Px,Qty,Zeit,time\nB,10,0.5,x,1709251200000\n");

        await run.ReadAllAsync([run.Folder]);

        string line = Assert.Single(run.Log.Lines, line => line.Contains("price: Px", StringComparison.Ordinal));
        Assert.Contains("and 1 file more: CSV with ','; symbol: Ticker, price: Px, time: time, size: Qty; not read: 'Zeit'", line,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"1,234.56\"", "0.5", "1234.56", "0.5")]
    [InlineData("$1234.56", "1e-8", "1234.56", "0.00000001")]
    [InlineData(" 1234.56 ", "1E-8", "1234.56", "0.00000001")]
    [InlineData("\"1.234,56 €\"", "\"1.000\"", "1234.56", "1000")]
    [InlineData("1 234.56", "2'500.5", "1234.56", "2500.5")]
    [InlineData("\"USD 1,234.5\"", "\"1,200\"", "1234.5", "1200")]
    [InlineData("0.5", "\"12,345,678\"", "0.5", "12345678")]
    [InlineData("+.5", "5.", "0.5", "5")]
    public async Task Numbers_of_spreadsheets_are_read_to_the_last_digit(string price, string size, string expected, string expectedSize)
    {
        using var run = new ReplayRun();

        var tick = Assert.Single(await run.ReadTextAsync($"symbol,time,price,size\nA,1709251200000,{price},{size}\n"));

        Assert.Equal((expected, expectedSize), (Text(tick.Price), Text(tick.Size)));
    }

    [Fact]
    public async Task Folder_with_other_data_gives_its_trades_only_and_reports_the_rest()
    {
        const string Trades = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
            + "binance-futures,BTCUSDT,1709251200000000,1709251201378419,1,buy,10,0.5\n";
        using var run = new ReplayRun();
        run.Write("x_trades.csv", Trades);
        run.Write("x_liq.csv", Trades);
        run.Write("liquidations/2024-03-01.csv", Trades);
        run.Write("ticker.csv", "exchange,symbol,timestamp,local_timestamp,funding_timestamp,funding_rate,predicted_funding_rate,"
            + "open_interest,last_price,index_price,mark_price\nb,BTCUSDT,1709251200000000,1,1,0.1,,1,99999,1,1\n");
        run.Write("quotes.csv", "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\n"
            + "b,X,1709251200000000,1,1,1,1,1\n");
        run.Write("book.csv", "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n"
            + "b,X,1709251200000000,1,true,bid,1,1\n");
        run.Write("bars.csv", "symbol,time,open,high,low,close,volume,price\nX,1709251200000,1,1,1,1,1,1\n");
        run.Write("X-1m-2024-03-01.csv", "1709251200000,1,1,1,1,5,1709251259999,5,3,1,1,0\n");
        run.Write("day.csv", "symbol,timestamp,high,low,bid,ask,last,volume\nX,1709251200000,1,1,1,1,1,1\n");
        run.Write("orders.csv", "symbol,time,side,price,size,order_id\nX,1709251200000,buy,1,1,1\n");
        run.Write("levels.csv", "symbol,date,type,price,amount\nX,1709251200000,b,1,1\nX,1709251200000,a,2,1\n");
        run.Write("deltas.csv", "symbol,timestamp,side_is_bid,price,size\nX,1709251200000,True,1,1\n");
        run.Write("x_orderbook_10.csv", "symbol,timestamp,side,price,size\nX,1709251200000,buy,1,1\n");

        Assert.Equal(
            [new Tick("BTCUSDT", 10, Ms, 0.5m, new TradeId(1), Side.Buy, "binance-futures")], await run.ReadAllAsync([run.Folder]));
        Assert.Equal(12, run.Log.Lines.Count(line => line.Contains("is left out", StringComparison.Ordinal)
            && line.Contains("and no trades", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("timestamp,price,mark_price,index_price,instrument_name,direction,amount,trade_id\n1709251200000,10,1,1,A,buy,0.5,1\n")]
    [InlineData("time,symbol,last,lastsize,bid,ask\n1709251200000,A,10,0.5,9,11\n")]
    public async Task Trades_with_quotes_or_marks_beside_them_are_trades(string text)
    {
        using var run = new ReplayRun();

        Assert.Equal((10m, 0.5m), Assert.Single(await run.ReadTextAsync(text)) is var tick ? (tick.Price, tick.Size) : default);
    }

    [Theory]
    [InlineData("time,symbol,type,price,size\n1709251200000,A,bid,10,1\n1709251200001,A,ask,11,2\n1709251200002,A,bid,12,3\n")]
    [InlineData("id,time,symbol,type,price,size\n1,1709251200000,A,bid,10,1\n2,1709251200000,A,ask,11,2\n3,1709251200002,A,bid,12,3\n")]
    public async Task Trades_whose_side_is_called_type_and_bid_or_ask_are_no_book(string text)
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Columns.Side = "type";
        run.Producer.Replay.Sides = "bid=buy,ask=sell";

        Assert.Equal(
            [(10m, Side.Buy), (11m, Side.Sell), (12m, Side.Buy)], (await run.ReadTextAsync(text)).Select(tick => (tick.Price, tick.Side)));
    }

    [Fact]
    public void Named_file_that_holds_something_else_stops_the_start_unless_it_is_wanted()
    {
        using var run = new ReplayRun();
        string path = run.Write("x_liquidations.csv", "symbol,time,price,size\nA,1709251200000,10,1\n");

        string message = Assert.Throws<ConfigurationException>(() => run.Open(path)).Message;
        Assert.Contains("it holds liquidations", message, StringComparison.Ordinal);
        using var wanted = new ReplayRun();
        wanted.Producer.Replay.OnlyTrades = false;
        wanted.Open(path);
    }

    [Fact]
    public async Task Databento_integers_sides_and_actions_are_read()
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync(
            """
            ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,sequence,symbol
            1609160400098821953,1609160400098429831,0,1,5482,T,A,0,3720250000000,5,129,19251,1170380,ESH1
            1609160400107665963,1609160400107051071,0,1,5482,T,B,0,3720500000000,21,129,20728,1170414,ESH1
            1609160400207665963,1609160400207051071,0,1,5482,T,N,0,3720500000000,2,129,20728,1170415,ESH1
            1609160400307665963,1609160400307051071,0,1,5482,A,B,0,3720500000000,2,129,20728,1170416,ESH1
            1609160400307665963,1609160400307051071,0,1,5482,F,B,0,3720500000000,2,129,20728,1170417,ESH1
            """);

        Assert.Equal(
            [
                new Tick("ESH1", 3720.25m, 1609160400098, 5, Side: Side.Sell), new Tick("ESH1", 3720.5m, 1609160400107, 21, Side: Side.Buy),
                new Tick("ESH1", 3720.5m, 1609160400207, 2),
            ],
            ticks);
        Assert.Equal((2, 0), (run.Metrics.Skipped, run.Metrics.Broken));
    }

    [Fact]
    public async Task Binance_archives_without_header_take_the_symbol_from_their_names()
    {
        using var run = new ReplayRun();
        Archive(run, "BTCUSDT-trades-2025-01-01", "7,93576.00000000,0.00009000,8.42184000,1735689600014583,True,True\n");
        Archive(run, "ETHUSDT-trades-2025-01-01", "8,3338.10000000,0.50000000,1669.05,1735689600020000,False,True\n");
        Archive(run, "BTCUSDT-aggTrades-2025-01", "3,93576.00000000,0.00019000,11,12,1735689600014,True,True\n");

        Assert.Equal(
            [
                new Tick("BTCUSDT", 93576, 1735689600014, 0.00019m, new TradeId(3), Side.Sell, "binance"),
                new Tick("BTCUSDT", 93576, 1735689600014, 0.00009m, new TradeId(7), Side.Sell, "binance"),
                new Tick("ETHUSDT", 3338.1m, 1735689600020, 0.5m, new TradeId(8), Side.Buy, "binance"),
            ],
            (await run.ReadAllAsync([run.Folder])).OrderBy(tick => tick.TradeId.Number));
    }

    [Fact]
    public async Task Same_trades_singly_and_aggregated_are_warned_of()
    {
        using var run = new ReplayRun();
        run.Write("BTCUSDT-trades-2025-01-01.csv", "7,93576.0,0.00009,8.4,1735689600014583,True,True\n");
        run.Write("BTCUSDT-aggTrades-2025-01-01.csv", "3,93576.0,0.00009,7,7,1735689600014583,True,True\n");
        run.Write("ETHUSDT-aggTrades-2025-01-01.csv", "3,93576.0,0.00009,7,7,1735689600014583,True,True\n");

        Assert.Equal(3, (await run.ReadAllAsync([run.Folder])).Count);
        Assert.Single(
            run.Log.Lines, line => line.Contains("BTCUSDT-aggTrades-2025-01-01.csv has the same trades", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("BTCUSDT", 1)]
    [InlineData("btc-usdt", 1)]
    [InlineData("ETHUSDT", 1)]
    [InlineData("SOLUSDT", 0)]
    public async Task File_whose_name_contradicts_the_symbol_that_is_set_is_reported_and_not_merged(string symbol, int expected)
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Symbol = symbol;
        run.Write("BTCUSDT-trades-2025-01-01.csv", "7,93576.0,0.00009,8.4,1735689600014583,True,True\n");
        run.Write(
            "ETHUSDT-trades-2025-01-01.csv", "id,price,qty,quote_qty,time,is_buyer_maker\n8,3338.1,0.5,1669.05,1735689600020,false\n");

        List<Tick> ticks = [];
        if (expected > 0)
            ticks = await run.ReadAllAsync([run.Folder]);
        else
            Assert.Throws<ConfigurationException>(() => run.Open(run.Folder));

        Assert.Equal(expected, ticks.Count);
        Assert.All(ticks, tick => Assert.Equal(symbol.ToUpperInvariant(), tick.Symbol));
        Assert.Equal(2 - expected, run.Log.Lines.Count(line => line.Contains("its name says", StringComparison.Ordinal)));
    }

    private static void Archive(ReplayRun run, string name, string text)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, true))
        {
            using var entry = zip.CreateEntry(name + ".csv").Open();
            entry.Write(Encoding.UTF8.GetBytes(text));
        }

        run.Write(name + ".zip", stream.ToArray());
    }

    private static string Text(decimal value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
