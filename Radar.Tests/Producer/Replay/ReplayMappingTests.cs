using Radar.Market;
using Radar.Producer;
using Radar.Producer.Mapping;
using Radar.ServiceDefaults;

namespace Radar.Tests.Producer.Replay;

/// <summary>Settings that say what the values of files mean.</summary>
public sealed class ReplayMappingTests
{
    private const long Ms = 1709251200000; // 2024-03-01T00:00:00Z

    [Theory]
    [InlineData(CorrectionPolicy.LeaveOut, "1", 3)]
    [InlineData(CorrectionPolicy.Apply, "1,2", 2)]
    [InlineData(CorrectionPolicy.Count, "1,2,3,4", 0)]
    public async Task Corrections_are_left_out_and_reported_or_applied_as_set(CorrectionPolicy policy, string sizes, int leftOut)
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Corrections = policy;

        var ticks = await run.ReadTextAsync(
            "ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,trf_id,"
                + "trf_timestamp\n"
                + "A,,0,12,7,1709251200000000000,10,1,1709251200000000001,1,1,0,0\n"
                + "A,\"12,37\",12,12,7,1709251200000000000,10,1,1709251200000000001,2,1,0,0\n"
                + "A,,1,12,7,1709251200000000000,10,1,1709251200000000001,3,1,0,0\n"
                + "A,,08,12,7,1709251200000000000,10,1,1709251200000000001,4,1,0,0\n");

        Assert.Equal(sizes, string.Join(',', ticks.Select(tick => tick.Size)));
        Assert.Equal(leftOut, run.Metrics.Corrections);
        Assert.Equal(
            leftOut > 0, run.Log.Lines.Any(line => line.Contains("corrections or cancels and left out", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Filter_takes_the_rows_that_hold_and_counts_the_others()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Filter = "type=trade|block,state!=void";

        var ticks = await run.ReadTextAsync(
            "type,symbol,time,price,state\ntrade,A,1709251200000,1,ok\nquote,A,1709251200000,2,ok\nblock,A,1709251200000,3,ok\n"
                + "trade,A,1709251200000,4,void\n");

        Assert.Equal([1, 3], ticks.Select(tick => tick.Price));
        Assert.Equal((2, 0), (run.Metrics.Skipped, run.Metrics.Broken));
    }

    [Fact]
    public async Task Trades_among_quotes_are_refused_until_a_filter_says_which_rows_they_are()
    {
        using var run = new ReplayRun();
        string path = run.Write(
            "a.csv", "#RIC,Date-Time,Type,Price,Volume\nA,2024-03-01T00:00:00Z,Quote,9,1\nA,2024-03-01T00:00:00Z,Trade,10,2\n");
        Assert.Contains("Producer:Replay:Filter says which rows are trades, such as Type=Trade",
            Assert.Throws<ConfigurationException>(() => run.Open(path)).Message, StringComparison.Ordinal);

        using var filtered = new ReplayRun();
        filtered.Producer.Replay.Filter = "Type=Trade";
        Assert.Equal([new Tick("A", 10, 1709251200000, 2)], await filtered.ReadAllAsync([path]));
    }

    [Theory]
    [InlineData("side", "1=buy,2=sell", false, "1", Side.Buy)]
    [InlineData("side", "-1=sell,1=buy", false, "-1", Side.Sell)]
    [InlineData("side", "bid=buy,ask=sell", false, "ASK", Side.Sell)]
    [InlineData("side", "buy=buy,sell=sell", true, "buy", Side.Sell)]
    [InlineData("maker_side", null, false, "buy", Side.Sell)]
    [InlineData("is_buy", null, false, "true", Side.Buy)]
    [InlineData("sell", null, false, "true", Side.Sell)]
    [InlineData("type", null, false, "sell", Side.Sell)]
    [InlineData("type", null, false, "limit", Side.Unknown)]
    public async Task Side_means_what_the_column_and_the_settings_say(
        string column, string? sides, bool makers, string value, Side expected)
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Sides = sides;
        run.Producer.Replay.SideIsMakers = makers;

        Assert.Equal(expected, Assert.Single(await run.ReadTextAsync($"symbol,time,price,{column}\nA,1709251200000,1,{value}\n")).Side);
    }

    [Fact]
    public async Task Side_is_the_sign_of_the_size_and_scales_are_exact()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.SideFromSize = true;
        run.Producer.Replay.PriceScale = 1e-9m;
        run.Producer.Replay.SizeScale = 1e-8m;

        Assert.Equal(
            [new Tick("A", 3720.250000001m, Ms, 0.00000003m, Side: Side.Sell), new Tick("A", 1e-9m, Ms, 1, Side: Side.Buy)],
            await run.ReadTextAsync("symbol,time,price,size\nA,1709251200000,3720250000001,-3\nA,1709251200000,1,100000000\n"));
    }

    [Fact]
    public async Task Number_that_may_mean_two_is_refused_until_a_setting_says_which()
    {
        const string Text = "symbol,time,price,size\nA,1709251200000,\"1,234\",1\n";
        using var run = new ReplayRun();
        Assert.Empty(await run.ReadTextAsync(Text));
        Assert.Contains(run.Log.Lines, line => line.Contains("Producer:Replay:Numbers", StringComparison.Ordinal));

        foreach (var (style, price) in new[] { (NumberStyle.Point, 1234m), (NumberStyle.Comma, 1.234m) })
        {
            using var set = new ReplayRun();
            set.Producer.Replay.Numbers = style;
            Assert.Equal(price, Assert.Single(await set.ReadTextAsync(Text)).Price);
        }
    }

    [Fact]
    public async Task Symbol_is_found_in_the_path_by_a_pattern()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.SymbolPattern = "market=(?<symbol>[a-z-]+)/";
        run.Write("market=btc-eur/a.csv", "time,price,size\n1709251200000,1,1\n");
        run.Write("market=eth-eur/a.csv", "time,price,size\n1709251200000,1,1\n");

        Assert.Equal(["BTC-EUR", "ETH-EUR"], (await run.ReadAllAsync([run.Folder])).Select(tick => tick.Symbol));
    }

    [Fact]
    public async Task Symbol_is_that_of_a_partitions_folder()
    {
        using var run = new ReplayRun();
        run.Write("symbol=BTC%2FEUR/date=2024-03-01/part-0000.csv", "time,price,size\n1709251200000,1,1\n");
        run.Write("symbol=ETHEUR/a.json", "{\"p\":2,\"t\":1709251200000}\n");
        (run.Producer.Replay.Columns.Price, run.Producer.Replay.Columns.Timestamp) = ("/p", "/t");

        Assert.Equal(["BTC/EUR", "ETHEUR"], (await run.ReadAllAsync([run.Folder])).Select(tick => tick.Symbol));
    }

    [Theory]
    [InlineData(DateOrder.Auto, "2024-03-13T00:00:00.000Z")]
    [InlineData(DateOrder.DayFirst, "2024-03-13T00:00:00.000Z 2024-04-03T00:00:00.000Z")]
    [InlineData(DateOrder.MonthFirst, "2024-03-04T00:00:00.000Z")]
    public async Task Day_or_month_first_is_refused_until_a_setting_says_which(DateOrder order, string expected)
    {
        using var run = new ReplayRun();
        run.Producer.Replay.DateOrder = order;

        var ticks = await run.ReadTextAsync("symbol,time,price\nA,13/03/2024,1\nA,03/04/2024,1\n");

        Assert.Equal(expected, string.Join(' ', ticks.Select(tick => Rfc3339.Format(tick.TimestampMs))));
        Assert.Equal(
            order == DateOrder.Auto,
            run.Log.Lines.Any(line => line.Contains("Producer:Replay:DateOrder says which", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Quotes_are_read_where_a_setting_names_the_price()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Header = "time,bid,ask,volume";
        run.Producer.Replay.Columns.Price = "bid";
        run.Producer.Replay.Symbol = "eurusd";
        run.Producer.Replay.TimeZone = "Etc/GMT+5";

        Assert.Equal(
            [new Tick("EURUSD", 1.08123m, 1709269203660)], await run.ReadTextAsync("20240301 000003660,1.08123,1.08135,0\n"));
    }
}
