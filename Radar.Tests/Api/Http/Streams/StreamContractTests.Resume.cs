using System.Globalization;
using Radar.Market;
using Radar.Market.Store;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Streams;

/// <summary>Coming back: where the client left off, from memory or from Redis; or a reset where the past is gone.</summary>
public abstract partial class StreamContractTests
{
    [ContractFact]
    public async Task Tickers_go_on_from_any_id_with_the_newest_of_those_that_moved()
    {
        await using var world = await BeginAsync();
        await world.ApplyAsync(0, Tick("A", 1), Tick("B", 1));
        await world.ApplyAsync(1, Tick("C", 1));
        string id = world.Api.Board.Status.Version.ToString();
        for (int i = 2; i <= 5; i++)
            await world.ApplyAsync(0, Tick("A", i));
        await world.ApplyAsync(2, Tick("D", 1));

        await using var stream = await world.Api.StreamAsync(lastEventId: id);
        await using var since = await world.Api.StreamAsync("since=" + id);
        await using var header = await world.Api.StreamAsync("since=" + world.Api.Board.Status.Version, id);

        foreach (EventStream resumed in new[] { stream, since, header })
        {
            Assert.Equal([("A", 5m), ("D", 1m)], (await resumed.NextAsync(2)).Select(next => (next.Symbol, next.Price)));
            Assert.Equal(world.Api.Board.Status.Version.ToString(), resumed.LastId);
        }
    }

    [ContractTheory]
    [InlineData(false)] // the process remembers
    [InlineData(true)] // a new process does not; Redis does
    public async Task Trades_and_bars_go_on_from_where_they_were_left(bool restarted)
    {
        await using var world = await BeginAsync();
        await world.ApplyAsync(0, Tick("A", 1, id: 1));
        string id = world.Api.Board.Status.Version.ToString();
        await world.ApplyAsync(0, Tick("A", 2, id: 2), Tick("B", 3, id: 3));
        await world.ApplyAsync(1, Tick("C", 4, id: 4));
        await world.ApplyAsync(0, Tick("A", 5, id: 5), Tick("NEW", 5, id: 6));
        await using LiveApi? second = restarted ? await LiveApi.StartAsync(Redis) : null;
        LiveApi api = second ?? world.Api;

        await using var stream = await api.StreamAsync("channels=trades,bars.1Min", id);
        await using var named = await api.StreamAsync("channels=trades&symbols=A,NEW,NONE", id);

        // Each is read before the next happens: a client that is still catching up would hear it with the rest of its partition.
        List<StreamEvent> all = await TradesAsync(stream, 5), some = await TradesAsync(named, 3);
        await world.ApplyAsync(1, Tick("C", 7, id: 7));
        all.AddRange(await TradesAsync(stream, 1));
        await world.ApplyAsync(0, Tick("A", 8, id: 8));
        all.AddRange(await TradesAsync(stream, 1));
        some.AddRange(await TradesAsync(named, 1));
        Assert.Equal([2, 3, 5, 6, 4, 7, 8], all.Select(trade => trade.TradeId));
        Assert.Equal([2, 5, 6, 8], some.Select(trade => trade.TradeId));
        var bars = (await api.JsonAsync("/api/v2/bars/A"))["bars"]!.AsArray();
        Assert.Equal(4, (int)bars.Single()!["n"]!);
    }

    [ContractFact]
    public async Task Resume_where_nothing_has_happened_answers_at_once_and_with_nothing()
    {
        await using var world = await BeginAsync("--Api:StreamHeartbeatMs", "300000");
        await world.ApplyAsync(0, Tick("A", 1));

        await using var stream = await world.Api.StreamAsync("channels=tickers,trades", world.Api.Board.Status.Version.ToString());
        await world.ApplyAsync(0, Tick("A", 2, id: 9));

        Assert.Equal(["ticker", "trade"], (await stream.NextAsync(2)).Select(next => next.Type));
    }

    [ContractFact]
    public async Task Past_that_retention_has_dropped_is_a_reset_and_a_snapshot()
    {
        await using var world = await BeginAsync();
        var few = new StateWriter(world.Api.Redis, tradesRetained: 3);
        string id = world.Api.Board.Status.Version.ToString();
        for (int i = 1; i <= 10; i++)
            await few.ApplyAsync(0, Tick("A", i, id: i));
        await using var late = await LiveApi.StartAsync(Redis);

        await using var stream = await late.StreamAsync("channels=tickers,trades", id);

        var reset = await stream.NextAsync("reset");
        Assert.Equal(["reason"], reset.Data.Select(member => member.Key));
        var snapshot = await stream.NextAsync("snapshot");
        Assert.Equal([("A", 10m)], snapshot.Tickers);
        Assert.Equal(late.Board.Status.Version.ToString(), snapshot.Id);
        await few.ApplyAsync(0, Tick("A", 11, id: 11));
        Assert.Equal(["ticker 11", "trade 11"], (await stream.NextAsync(2)).Select(next => $"{next.Type} {next.TradeId}"));

        // Tickers alone go on from any id.
        await using var tickers = await late.StreamAsync(lastEventId: id);
        Assert.Equal(11, (await tickers.NextAsync("ticker")).Price);
    }

    [ContractFact]
    public async Task Other_epoch_is_one_reset_and_a_whole_snapshot()
    {
        await using var world = await BeginAsync(LiveApi.Audited);
        await world.ApplyAsync(0, Tick("A", 1), Tick("OLD", 1));
        await using var stream = await world.Api.StreamAsync("channels=tickers,trades");
        var before = await stream.NextAsync("snapshot");
        var rebuilt = await new StateWriter(world.Api.Redis, "2").BeginAsync();
        await rebuilt.ApplyAsync(0, Tick("A", 2));
        await rebuilt.ApplyAsync(2, Tick("B", 2));

        await world.Api.Redis.GetDatabase().StringSetAsync(RedisKeys.ActiveEpoch, "2");

        await stream.NextAsync("reset");
        Assert.Equal([("A", 2m), ("B", 2m)], (await stream.NextAsync("snapshot")).Tickers);
        await rebuilt.ApplyAsync(1, Tick("C", 3));
        Assert.Equal(["ticker C", "trade C"], (await stream.NextAsync(2)).Select(next => $"{next.Type} {next.Symbol}"));

        await using var old = await world.Api.StreamAsync(lastEventId: before.Id);
        await old.NextAsync("reset");
        Assert.Equal(3, (await old.NextAsync("snapshot")).Tickers.Count());
    }

    [ContractFact]
    public async Task Stream_of_an_empty_Redis_goes_on_when_it_is_filled()
    {
        await using var world = await BeginAsync();
        await StateWriter.FlushAsync(world.Api.Redis);
        await using var api = await LiveApi.StartAsync(Redis);
        await using var stream = await api.StreamAsync("channels=tickers,trades");
        Assert.Empty((await stream.NextAsync("snapshot")).Tickers);

        var state = await new StateWriter(api.Redis).BeginAsync();
        for (int i = 1; i <= 3; i++)
            await state.ApplyAsync(i % 3, Tick("S" + i, i, id: i));

        Assert.Equal([1, 2, 3], (await TradesAsync(stream, 3)).Select(trade => trade.TradeId).Order());
    }

    [ContractTheory]
    [InlineData("garbage")]
    [InlineData("zz-deadbeef")] // no positions at all
    [InlineData("1-{topic}")]
    [InlineData("2-00000000")]
    [InlineData("1-00000000-1-1-1")] // another topic
    [InlineData("2-{topic}-1-1-1")] // another epoch
    [InlineData("1-{topic}-1-1")] // another partition count
    [InlineData("1-{topic}-1-1-1-1")]
    [InlineData("1-{topic}-99-1-1")] // the future
    [InlineData("1-{topic}-9223372036854775807-9223372036854775807-9223372036854775807")]
    [InlineData("1-{topic}--1-1-1")]
    [InlineData("1-{topic}-1-1-x")]
    [InlineData("1-{topic}-99999999999999999999-1-1")]
    [InlineData("{long}")]
    [InlineData("1-{topic}{long}")]
    public async Task Forged_id_gets_a_fresh_snapshot(string forged)
    {
        await using var world = await BeginAsync();
        for (int partition = 0; partition < 3; partition++)
            await world.ApplyAsync(partition, Tick("S" + partition, 1), Tick("S" + partition, 2));
        forged = forged.Replace("{topic}", world.Api.Board.Status.Version.Topic, StringComparison.Ordinal)
            .Replace("{long}", string.Concat(Enumerable.Repeat("-1", 10_000)), StringComparison.Ordinal);

        foreach (string channels in new[] { "channels=tickers", "channels=trades,bars.1Min" })
        {
            await using var stream = await world.Api.StreamAsync(channels, forged);

            StreamEvent first = await stream.NextAsync();
            if (first.Type == "reset")
                first = await stream.NextAsync();
            Assert.Equal("snapshot", first.Type);
            Assert.Equal([("S0", 2m), ("S1", 2m), ("S2", 2m)], first.Tickers);
            Assert.Equal(world.Api.Board.Status.Version.ToString(), first.Id);
        }
    }

    /// <summary>An id that was never given out but could have been is what it says: somewhere in the past.</summary>
    [ContractFact]
    public async Task Forged_id_of_the_past_gets_what_came_after_it()
    {
        await using var world = await BeginAsync();
        for (int i = 0; i < 10; i++)
            await world.ApplyAsync(0, Tick("A", i + 1, id: 2 * i), Tick("B", i + 1, id: (2 * i) + 1));
        await using var late = await LiveApi.StartAsync(Redis);

        foreach (LiveApi api in new[] { world.Api, late })
        {
            for (int position = 0; position < 20; position += 3)
            {
                string id = string.Create(CultureInfo.InvariantCulture, $"1-{api.Board.Status.Version.Topic}-{position}-0-0");
                await using var stream = await api.StreamAsync("channels=trades", id);
                Assert.Equal(
                    Enumerable.Range(position, 20 - position),
                    (await TradesAsync(stream, 20 - position)).OrderBy(trade => trade.TradeId).Select(trade => (int)trade.TradeId));
            }

            await using var first = await api.StreamAsync("channels=trades", $"1-{api.Board.Status.Version.Topic}-n-n-n");
            Assert.Equal(20, (await TradesAsync(first, 20)).Count);
        }
    }

    [ContractFact]
    public async Task Lost_message_costs_connected_clients_nothing()
    {
        await using var world = await BeginAsync(LiveApi.Audited);
        await using var stream = await world.Api.StreamAsync("channels=tickers,trades");
        await stream.NextAsync("snapshot");
        for (int i = 1; i <= 30; i++)
        {
            world.State.HoldsMessages = i % 3 == 0;
            await world.ApplyAsync(i % 2, Tick(i % 10 == 0 ? "NEW" + i : "A" + (i % 2), i, id: i)); // also a symbol that nobody has seen
        }

        var events = await TradesAsync(stream, 30);
        Assert.Equal(Enumerable.Range(1, 30), events.Select(trade => (int)trade.TradeId).Order());
        Assert.Equal(30, events.DistinctBy(trade => trade.TradeId).Count());
    }

    /// <summary>Another process has received a change; here its message got lost, nothing follows it, and nobody compares.</summary>
    [ContractFact]
    public async Task Lost_last_message_is_no_gap_for_who_is_ahead_of_this_process()
    {
        await using var world = await BeginAsync("--Api:StreamHeartbeatMs", "50");
        world.State.HoldsMessages = true;
        long position = await world.State.ApplyAsync(0, Tick("A", 1, id: 1));
        world.State.HoldsMessages = false;

        await using var stream = await world.Api.StreamAsync(
            "channels=trades", world.Api.Board.Status.Version.With(0, position).ToString());

        Assert.Equal("heartbeat", (await stream.AnyAsync())?.Type); // it goes on from there
        await world.ApplyAsync(0, Tick("A", 2, id: 2));
        Assert.Equal(2, (await stream.NextAsync("trade")).TradeId);
    }

    [ContractFact]
    public async Task Lost_last_message_is_no_gap_for_who_gets_it_from_Redis()
    {
        await using var world = await BeginAsync();
        string id = world.Api.Board.Status.Version.ToString();
        await world.ApplyAsync(0, Tick("A", 1, id: 1));
        await using var late = await LiveApi.StartAsync(Redis, "--Api:StreamHeartbeatMs", "50");
        world.State.HoldsMessages = true;
        await world.State.ApplyAsync(0, Tick("A", 2, id: 2));
        world.State.HoldsMessages = false;

        await using var stream = await late.StreamAsync("channels=trades", id);

        Assert.Equal([1, 2], (await TradesAsync(stream, 2)).Select(trade => trade.TradeId));
        Assert.Equal("heartbeat", (await stream.AnyAsync())?.Type);
        await world.State.ApplyAsync(0, Tick("A", 3, id: 3));
        Assert.Equal(3, (await stream.NextAsync("trade")).TradeId);
    }

    /// <summary>The next trades; the stream must not start over before them.</summary>
    private static async Task<List<StreamEvent>> TradesAsync(EventStream stream, int count)
    {
        var trades = new List<StreamEvent>();
        while (trades.Count < count)
        {
            StreamEvent next = await stream.NextAsync();
            Assert.True(next.Type is "trade" or "ticker" or "bar" or "updated_bar", $"{next}");
            if (next.Type == "trade")
                trades.Add(next);
        }

        return trades;
    }
}
