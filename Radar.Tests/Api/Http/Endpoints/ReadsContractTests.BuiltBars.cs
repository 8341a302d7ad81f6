using Radar.Api.Http.Contract;
using Radar.Market;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Endpoints;

/// <content>Bars of lengths that are not stored.</content>
public abstract partial class ReadsContractTests
{
    public static TheoryData<string> BuiltTimeframes =>
        [.. BarTimeframe.All.Where(timeframe => !timeframe.IsStored).Select(timeframe => timeframe.Name)];

    [Theory]
    [MemberData(nameof(BuiltTimeframes))]
    public async Task Bars_that_are_built_are_those_that_the_trades_make(string name)
    {
        Assert.True(BarTimeframe.TryParse(name, out var timeframe));
        long step = timeframe.Stored.LengthMs * 5 / 8;
        long end = Noon + (120 * step);
        Tick[] ticks = [.. Enumerable.Range(0, 120).Select(i => Tick(_symbol, 100 + (i * 7 % 13), Noon + (i * step), 1 + (i % 3)))];
        await World.TakeInAsync(0, ticks);
        var expected = ticks.GroupBy(tick => timeframe.OpenTime(tick.TimestampMs)).OrderBy(bar => bar.Key)
            .Where(bar => bar.Key >= timeframe.Stored.OpenTime(end - step) - Retention(timeframe))
            .Select(bar => (bar.Key, bar.First().Price, bar.Max(tick => tick.Price), bar.Min(tick => tick.Price), bar.Last().Price,
                bar.Sum(tick => tick.Size), (long)bar.Count()))
            .ToList();

        foreach (string sort in new[] { "asc", "desc" })
        {
            var read = await PagesAsync($"/api/v2/bars/{_symbol}?timeframe={timeframe.Aliases[0]}&sort={sort}&limit=2");
            Assert.Equal(sort == "asc" ? expected : expected.AsEnumerable().Reverse(), read);
        }

        var (second, third) = (expected[1], expected[2]);
        Assert.Equal(
            [second, third],
            await PagesAsync($"/api/v2/bars/{_symbol}?timeframe={name}&start={second.Key}&end={timeframe.Next(third.Key) - 1}"));
        Assert.Equal(
            expected.Skip(2), await PagesAsync($"/api/v2/bars/{_symbol}?timeframe={name}&start={second.Key + 1}"));
    }

    [Theory]
    [InlineData("1723204800")]
    [InlineData("1723204800000")]
    [InlineData("1723204800000000")]
    [InlineData("1723204800000000000")]
    [InlineData("2024-08-09T12:00:00Z")]
    public async Task Times_are_read_in_every_Unix_unit(string noon)
    {
        await World.TakeInAsync(0, [Tick(_symbol, 10, Noon - 60_000), Tick(_symbol, 30, Noon), Tick(_symbol, 20, Noon + 60_000)]);

        Assert.Equal([Noon], (await PagesAsync($"/api/v2/bars/{_symbol}?start={noon}&end={noon}")).Select(bar => bar.Open));
    }

    [Fact]
    public async Task Bar_that_is_built_is_as_it_was_at_a_time_in_the_past()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 10, Noon), Tick(_symbol, 30, Noon + 61_000), Tick(_symbol, 20, Noon + 100_000)]);

        var bars = await PagesAsync($"/api/v2/bars/{_symbol}?timeframe=3m&as_of={Noon + 61_000}");

        Assert.Equal([(Noon, 10m, 30m, 10m, 30m, 2m, 2L)], bars);
    }

    [Fact]
    public async Task Bar_of_which_parts_are_no_longer_kept_is_left_out()
    {
        long keptFromMs = Noon - (7 * DayMs); // one-minute bars are kept for seven days
        await World.TakeInAsync(0, [Tick(_symbol, 1, keptFromMs + 60_000), Tick(_symbol, 2, Noon + 60_000)]);

        var bars = await PagesAsync($"/api/v2/bars/{_symbol}?timeframe=3m");

        Assert.Equal([Noon], bars.Select(bar => bar.Open));
    }

    private static long Retention(BarTimeframe timeframe) =>
        new[] { 7, 30, 90, 365, 3650 }[timeframe.Stored.Index] * DayMs;

    private async Task<List<(long Open, decimal O, decimal H, decimal L, decimal C, decimal V, long N)>> PagesAsync(string path)
    {
        var bars = new List<(long, decimal, decimal, decimal, decimal, decimal, long)>();
        string? token = null;
        do
        {
            var page = await World.ReadAsync<BarsAnswer>(path + (token is null ? "" : "&page_token=" + token));
            bars.AddRange(page.Bars.Select(bar => (bar.T.ToUnixTimeMilliseconds(), bar.O, bar.H, bar.L, bar.C, bar.V, bar.N)));
            Assert.InRange(bars.Count, 0, 1000); // or it would never end
            token = page.NextPageToken;
        }
        while (token is not null);
        return bars;
    }
}
