using Radar.Market;
using Radar.Producer;

namespace Radar.Tests.Producer.Replay;

/// <summary>Tickers that differ in case only, and prices that are not above 0.</summary>
public sealed class ReplaySymbolCaseTests
{
    [Theory]
    [InlineData("symbol,price,timestamp\nTPC,24.31,1736346600060\nTpC,17.52,1736346600160\nTPC,24.33,1736346602060\n")]
    [InlineData("""
        {"symbol":"TPC","price":24.31,"timestamp":1736346600060}
        {"symbol":"TpC","price":17.52,"timestamp":1736346600160}
        {"symbol":"TPC","price":24.33,"timestamp":1736346602060}
        """)]
    public async Task Second_spelling_of_a_symbol_is_broken_and_named(string text)
    {
        using var run = new ReplayRun();

        Assert.Equal([24.31m, 24.33m], (await run.ReadTextAsync(text)).Select(tick => tick.Price));
        Assert.Equal(1, run.Metrics.Broken);
        Assert.Contains(run.Log.Lines, line =>
            line.Contains("the symbol 'TpC' differs in case only from 'TPC', which came before", StringComparison.Ordinal));
    }

    [Fact]
    public async Task First_spelling_counts_in_all_files_and_the_topic_has_it_upper_cased()
    {
        using var run = new ReplayRun();
        run.Write("a.csv", "symbol,price,timestamp,venue\nTpC,1,1736346600060,x\nbtcusdt,2,1736346600060,x\n");
        run.Write("b.csv", "symbol,price,timestamp,venue\nTPC,3,1736346600061,y\nbtcusdt,4,1736346600062,y\n");

        var ticks = await run.ReadAllAsync([run.Folder]);

        Assert.Equal([("TPC", 1m), ("BTCUSDT", 2m), ("BTCUSDT", 4m)], ticks.Select(tick => (tick.Symbol, tick.Price)));
        Assert.Contains(run.Log.Lines, line => line.Contains("b.csv, line 2 is broken", StringComparison.Ordinal)
            && line.Contains("'TPC' differs in case only from 'TpC'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("symbol,price,timestamp\nCL,-37.63,1587408000000\nCL,0,1587408000001\n")]
    [InlineData("""
        {"symbol":"CL","price":-37.63,"timestamp":1587408000000}
        {"symbol":"CL","price":"0","timestamp":1587408000001}
        """)]
    public async Task Price_of_0_and_less_is_read_where_it_is_allowed(string text)
    {
        using var refused = new ReplayRun();
        string one = text.Replace("-37.63", "1", StringComparison.Ordinal);
        Assert.Single(await refused.ReadTextAsync(one));
        Assert.Equal(1, refused.Metrics.Broken);

        using var run = new ReplayRun();
        run.Producer.Replay.AllowNonPositivePrices = true;
        Assert.Equal([-37.63m, 0m], (await run.ReadTextAsync(text)).Select(tick => tick.Price));
        Assert.Equal(0, run.Metrics.Broken);
    }

    [Fact]
    public void Format_names_a_symbol_in_any_case()
    {
        Assert.True(SymbolFormat.TryCreate("{venue}:{symbol}", SymbolRule.Upper, out var format));

        Assert.Equal("V:TPC", format.Name(new Tick("TpC", 1, 1, Venue: "v")));
        Assert.Equal("W:TPC", format.Name(new Tick("TPC", 1, 1, Venue: "w")));
        Assert.Null(format.Name(new Tick("TPC", 1, 1, Venue: "v")));
        Assert.Contains("'TPC' differs in case only from 'TpC'", format.Fault, StringComparison.Ordinal);
    }
}
