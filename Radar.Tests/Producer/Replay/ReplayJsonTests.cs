using Radar.Market;
using Radar.Producer.Replay;

namespace Radar.Tests.Producer.Replay;

/// <summary>JSON by pointers: a record a line, one list, or anything over many lines.</summary>
public sealed class ReplayJsonTests
{
    private const long Ms = 1709251200000;

    [Theory]
    [InlineData("{\"d\":{\"s\":\"a\",\"p\":\"1.5\",\"t\":1709251200000}}\n{\"d\":{\"s\":\"b\",\"p\":2,\"t\":1709251200000}}\n")]
    [InlineData("[{\"d\":{\"s\":\"a\",\"p\":\"1.5\",\"t\":1709251200000}},{\"d\":{\"s\":\"b\",\"p\":2,\"t\":1709251200000}}]")]
    [InlineData("[\n{\"d\":{\"s\":\"a\",\"p\":\"1.5\",\n\"t\":1709251200000}},\n\n{\"d\":{\"s\":\"b\",\"p\":2,\"t\":1709251200000}}\n]\n")]
    [InlineData("{\"d\":{\"s\":\"a\",\"p\":\"1.5\",\n\"t\":1709251200000}}{\"d\":{\"s\":\"b\",\n\"p\":2,\"t\":1709251200000}}")]
    [InlineData("1709251200.5 {\"d\":{\"s\":\"a\",\"p\":\"1.5\",\"t\":1709251200000}}\n"
        + "2024-03-01T00:00:00.065Z {\"d\":{\"s\":\"b\",\"p\":2,\"t\":1709251200000}}\n")]
    [InlineData("wss://example.org/ws <-> 1\n1: {\"d\":{\"s\":\"a\",\"p\":\"1.5\",\"t\":1709251200000}}\n"
        + "2: {\"d\":{\"s\":\"b\",\"p\":2,\"t\":1709251200000}}\n")]
    public async Task Records_are_found_however_they_are_written(string text)
    {
        using var run = Run("/d/s", "/d/p", "/d/t");

        Assert.Equal([new Tick("A", 1.5m, Ms), new Tick("B", 2, Ms)], await run.ReadTextAsync(text));
        Assert.Equal(0, run.Metrics.Broken);
    }

    [Fact]
    public async Task Items_are_the_trades_and_the_envelope_may_have_what_they_share()
    {
        using var run = Run("value:/s", "/0", "/2");
        run.Producer.Replay.Items = "/data";
        run.Producer.Replay.Columns.Size = "/1";
        run.Producer.Replay.Columns.Venue = "constant:otc";

        Assert.Equal(
            [new Tick("BTC", 1.5m, Ms, 2, Venue: "otc"), new Tick("BTC", 1.6m, Ms, 4, Venue: "otc")],
            await run.ReadTextAsync("""{"s":"btc","data":[["1.5",2,1709251200000],["1.6",4,1709251200000]]}"""));
    }

    [Theory]
    [InlineData("/e=trade")]
    [InlineData("e=trade")]
    public async Task Filter_scale_sides_and_time_format_hold_for_json_too(string filter)
    {
        using var run = Run("/s", "/p", "/t");
        run.Producer.Replay.Columns.Side = "/m";
        run.Producer.Replay.Columns.Size = "/q";
        run.Producer.Replay.Sides = "1=buy,2=sell";
        run.Producer.Replay.SideIsMakers = true;
        run.Producer.Replay.Filter = filter;
        run.Producer.Replay.PriceScale = 0.0001m;
        run.Producer.Replay.TimeFormat = "dd.MM.yyyy HH:mm:ss.fff";
        run.Producer.Replay.TimeZone = "Etc/GMT-1";

        var ticks = await run.ReadTextAsync(
            """
            {"e":"trade","s":"A","p":15000,"q":"3","m":1,"t":"01.03.2024 01:00:00.007"}
            {"e":"quote","s":"A","p":15000,"q":"3","m":1,"t":"01.03.2024 01:00:00.007"}
            """);

        Assert.Equal([new Tick("A", 1.5m, Ms + 7, 3, Side: Side.Sell)], ticks);
        Assert.Equal((1, 0), (run.Metrics.Skipped, run.Metrics.Broken));
    }

    [Theory]
    [InlineData(null, "side: /maker", Side.Sell, Side.Buy)]
    [InlineData("true=buy,false=sell", "side: /maker", Side.Buy, Side.Sell)]
    public async Task Member_that_says_whether_the_buyer_was_the_maker_is_the_side(
        string? sides, string taken, Side first, Side second)
    {
        using var run = Run("/s", "/p", "/t");
        run.Producer.Replay.Columns.Size = "/q";
        run.Producer.Replay.Columns.BuyerIsMaker = "/maker";
        run.Producer.Replay.Sides = sides;

        var ticks = await run.ReadTextAsync(
            """[{"s":"A","p":1,"q":2,"t":1709251200000,"maker":true},{"s":"A","p":1,"q":2,"t":1709251200000,"maker":false}]""");

        Assert.Equal([first, second], ticks.Select(tick => tick.Side));
        Assert.Contains(run.Log.Lines, line => line.Contains(taken, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\"s\":\"A\",\"p\":1,\"qty\":2,\"m\":true,\"t\":1709251200000}\n")]
    [InlineData("[\n{\"s\":\"A\",\"p\":1,\n\"qty\":2,\"m\":true,\"t\":1709251200000}\n]\n")]
    public async Task Size_or_side_that_no_member_holds_is_warned_of_at_the_start(string text)
    {
        using var run = Run("/s", "/p", "/t");

        Assert.Equal([new Tick("A", 1, Ms)], await run.ReadTextAsync(text));
        Assert.Contains(run.Log.Lines, line => line.Contains("every size is 0", StringComparison.Ordinal)
            && line.Contains("not read is '/qty', '/m'", StringComparison.Ordinal)
            && line.Contains("Producer:Replay:Columns:Size", StringComparison.Ordinal));
        Assert.Contains(run.Log.Lines, line => line.Contains("no member holds the side", StringComparison.Ordinal));
        Assert.Contains(run.Log.Lines, line => line.Contains("symbol: /s, price: /p, time: /t; not read: '/qty', '/m'",
            StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_warned_of_where_a_later_record_holds_the_size_and_the_side()
    {
        using var run = Run("/s", "/p", "/t");

        await run.ReadTextAsync(
            """
            {"subscribed":true}
            {"s":"A","p":1,"t":1709251200000}
            {"s":"A","p":1,"t":1709251200000,"size":1,"side":"buy"}
            """);

        Assert.DoesNotContain(run.Log.Lines, line => line.Contains("no member holds", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Broken_records_are_reported_by_line_and_the_others_are_read()
    {
        using var run = Run("/s", "/p", "/t");

        var ticks = await run.ReadTextAsync(
            """
            {"s":"A","p":1,"t":1709251200000}
            {"s":"A","p":0,"t":1709251200000}
            {"s":"A","p":1,"t":17092
            {"s":"A","p":2,"t":1709251200000}
            """);

        Assert.Equal([1, 2], ticks.Select(tick => tick.Price));
        Assert.Equal(2, run.Metrics.Broken);
        Assert.Contains(run.Log.Lines, line => line.Contains("line 2 is broken", StringComparison.Ordinal));
        Assert.Contains(run.Log.Lines, line => line.Contains("line 3 is broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_that_ends_in_the_middle_gives_what_is_whole_and_says_so()
    {
        using var run = Run("/s", "/p", "/t");

        Assert.Single(await run.ReadTextAsync("[\n{\"s\":\"A\",\"p\":1,\"t\":1709251200000},\n{\"s\":\"A\",\"p\":1,"));
        Assert.Contains(run.Log.Lines, line => line.Contains("the JSON ends within a record", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[]", "[]")]
    [InlineData("[ {\"a\":1} , {\"b\":[2,{}]} ]", "{\"a\":1} {\"b\":[2,{}]}")]
    [InlineData("{\"a\":\"]}\\\"\"}{\"b\":2}", "{\"a\":\"]}\\\"\"} {\"b\":2}")]
    [InlineData("[1,2][3]", "[1,2] [3]")]
    [InlineData("[[1],[2]]", "[1] [2]")]
    public void Splitter_finds_the_records_wherever_the_text_is_cut(string text, string expected)
    {
        for (int step = 1; step <= text.Length; step++)
        {
            var splitter = new JsonSplitter();
            var found = new List<string>();
            for (int from = 0; from < text.Length; from += step)
            {
                ReadOnlySpan<byte> rest = System.Text.Encoding.UTF8.GetBytes(text[from..Math.Min(text.Length, from + step)]);
                while (splitter.TryRead(ref rest))
                    found.Add(System.Text.Encoding.UTF8.GetString(splitter.Record.Span).Replace("\n", "", StringComparison.Ordinal));
            }

            Assert.Equal(expected, string.Join(' ', found));
            Assert.False(splitter.IsInside);
        }
    }

    private static ReplayRun Run(string symbol, string price, string time)
    {
        var run = new ReplayRun();
        var columns = run.Producer.Replay.Columns;
        (columns.Symbol, columns.Price, columns.Timestamp) = (symbol, price, time);
        return run;
    }
}
