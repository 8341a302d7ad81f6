using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Tests.Producer.Replay;

/// <summary>CSV whose rows do not fit the header, and what stands above it.</summary>
public sealed class ReplayCsvRowTests
{
    private const long Ms = 1723109400123; // 2024-08-08T09:30:00.123Z

    [Theory]
    [InlineData("A,1723109400123,61,179.50,2", "it has 5 fields, and the header 4; a field that holds the separator has to be in quotes")]
    [InlineData("0,A,1723109400123,61,2", "it has 5 fields")] // an index that the header does not have
    [InlineData("A,1723109400123,61", "it has 3 fields, and the header 4")]
    public async Task Row_with_other_fields_than_the_header_is_broken_and_not_read_from_other_columns(string row, string reason)
    {
        using var run = new ReplayRun();

        Assert.Equal([new Tick("A", 7, Ms, 8)], await run.ReadTextAsync($"symbol,time,price,size\n{row}\nA,{Ms},7,8\n"));
        Assert.Contains(run.Log.Lines, line => line.Contains($"line 2 is broken and left out: {reason}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "symbol,time,price,size\nA,1723109400123,7,8,\n")]
    [InlineData(null, "symbol,time,price,size,note\nA,1723109400123,7,8\n")] // what is missing is not read
    [InlineData("symbol,time,price,size", "A,1723109400123,7,8,more\nA,1723109400123,61,179.50,8,more\n")]
    public async Task Row_that_ends_early_or_late_without_harm_is_read(string? header, string text)
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Header = header;

        Assert.Equal([new Tick("A", 7, Ms, 8)], await run.ReadTextAsync(text));
    }

    [Theory]
    [InlineData("-37.63,1", "no price greater than 0; Radar:AllowNonPositivePrices=true")]
    [InlineData("NaN,1", "no price greater than 0.")]
    [InlineData("1,-2", "the size is less than 0; Producer:Replay:SideFromSize")]
    [InlineData("1,N/A", "the size is no number")]
    public async Task Price_or_size_that_is_not_taken_is_named_with_the_setting_that_takes_it(string priceAndSize, string reason)
    {
        using var run = new ReplayRun();

        Assert.Empty(await run.ReadTextAsync($"symbol,time,price,size\nA,{Ms},{priceAndSize}\n"));
        Assert.Contains(run.Log.Lines, line => line.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Broken_line_of_another_kind_is_reported_behind_many_of_one_kind()
    {
        using var run = new ReplayRun();

        await run.ReadTextAsync("symbol,time,price\n" + string.Concat(Enumerable.Repeat($"A,{Ms},x\n", 9)) + "A,x,1\n");

        Assert.Equal(10, run.Metrics.Broken);
        Assert.Contains(run.Log.Lines, line => line.Contains("line 11 is broken and left out: no time", StringComparison.Ordinal));
        Assert.Equal(6, run.Log.Lines.Count(line => line.Contains("is broken", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("\"sep=;\"\r\nsymbol;price;time\r\nA;1;1723109400123\r\n")]
    [InlineData("Report of trades\nMade on 2024-03-02\n\nsymbol,price,time\nA,1,1723109400123\n")]
    public async Task Title_above_the_header_is_passed_over(string text)
    {
        using var run = new ReplayRun();

        Assert.Equal([new Tick("A", 1, Ms)], await run.ReadTextAsync(text));
        Assert.Equal(0, run.Metrics.Broken);
    }

    [Fact]
    public void First_line_that_is_no_header_stops_the_start_with_what_it_is_and_without_its_content()
    {
        Assert.Contains("holds 100001 fields", FaultOf(new string(',', 100_000)), StringComparison.Ordinal);
        string message = FaultOf("data: {\"symbol\":\"SECRET\",\"price\":1.5,\"time\":1709251200123}\n");
        Assert.Contains("not recognised", message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", message, StringComparison.Ordinal);
    }

    private static string FaultOf(string text)
    {
        using var run = new ReplayRun();
        string path = run.Write("a.csv", text);
        return Assert.Throws<ConfigurationException>(() => run.Open(path)).Message;
    }
}
