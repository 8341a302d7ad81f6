using Radar.Market;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Streams;

/// <summary>
/// A change with more trades of a symbol than are kept: nobody can tell the oldest, so nobody is left to believe to have them all.
/// </summary>
public abstract partial class StreamContractTests
{
    [ContractTheory]
    [InlineData("channels=trades,tickers,bars.1Min")]
    [InlineData("channels=trades&symbols=A")]
    public async Task Trades_that_a_change_leaves_out_are_a_reset_for_who_is_connected(string query)
    {
        await using var world = await BeginAsync();
        await using var stream = await world.Api.StreamAsync(query);
        await stream.NextAsync("snapshot");

        var few = await BacklogAsync(world);

        await stream.NextAsync("reset");
        var snapshot = await stream.NextAsync("snapshot");
        Assert.Contains(("A", 5m), snapshot.Tickers);
        Assert.Equal(world.Api.Board.Status.Version.ToString(), snapshot.Id);
        await few.ApplyAsync(0, Tick("A", 6, Noon + 6, id: 6));
        StreamEvent next;
        do
            next = await stream.NextAsync();
        while (next.Type is "ticker" or "bar");
        Assert.Equal(("trade", 6), (next.Type, next.TradeId));
    }

    [ContractTheory]
    [InlineData("channels=trades,tickers&symbols=B", "ticker B 9, trade B 9")]
    [InlineData("channels=tickers", "ticker A 5, ticker B 9")]
    [InlineData("channels=bars.1Min&symbols=A", "bar A 5")]
    public async Task Trades_that_a_change_leaves_out_are_not_noticed_by_who_does_not_want_them(string query, string expected)
    {
        await using var world = await BeginAsync();
        string id = world.Api.Board.Status.Version.ToString();
        await using var stream = await world.Api.StreamAsync(query);
        await stream.NextAsync("snapshot");

        await BacklogAsync(world);

        await using var resumed = await world.Api.StreamAsync(query, id);
        foreach (EventStream each in new[] { stream, resumed })
        {
            var events = await each.NextAsync(expected.Split(", ").Length);
            Assert.Equal(expected, string.Join(
                ", ", events.Select(next => $"{next.Type} {next.Symbol} {next.Data["c"] ?? next.Data["p"]}")));
        }
    }

    [ContractFact]
    public async Task Trades_that_a_change_left_out_are_a_reset_for_who_comes_back_from_before_the_first_that_it_has()
    {
        await using var world = await BeginAsync();
        await BacklogAsync(world);
        var version = world.Api.Board.Status.Version;

        for (int position = 0; position < 2; position++)
        {
            await using var lost = await world.Api.StreamAsync("channels=trades", version.With(0, position).ToString());
            await lost.NextAsync("reset");
            Assert.Equal([("A", 5m), ("B", 9m)], (await lost.NextAsync("snapshot")).Tickers);
        }

        // Another API process may have sent those before, out of a change that was cut otherwise.
        await using var stream = await world.Api.StreamAsync("channels=trades", version.With(0, 2).ToString());
        Assert.Equal([3, 4, 5, 9], (await TradesAsync(stream, 4)).Select(trade => trade.TradeId));
    }

    /// <summary>One change with five trades of A, of which three are kept, and then one of B.</summary>
    private static async Task<StateWriter> BacklogAsync(World world)
    {
        var few = new StateWriter(world.Api.Redis, tradesRetained: FewRetained);
        Tick[] ticks = [.. Enumerable.Range(1, 5).Select(i => Tick("A", i, Noon + i, id: i)), Tick("B", 9, id: 9)];
        await world.Api.ReachedAsync(0, await few.ApplyAsync(0, ticks));
        return few;
    }
}
