using System.Net;
using System.Text;
using Radar.Market.Store;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using StackExchange.Redis;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Board;

/// <summary>
/// The board over a Redis whose messages get lost, come twice or in another order, and which itself goes back or becomes another.
/// </summary>
public abstract class BoardFeedContractTests
{
    /// <summary>Address of a Redis that this test has for itself.</summary>
    protected abstract string Redis { get; }

    [ContractFact]
    public async Task Board_follows_the_changes()
    {
        await using var world = await BeginAsync();

        for (int i = 1; i <= 20; i++)
            await world.State.ApplyAsync(i % 3, Tick($"S{i % 3}", i), Tick("T" + (i % 3), i));

        await ShownAsync(world, "S0=18 S1=19 S2=20 T0=18 T1=19 T2=20");
        Assert.True(world.Api.Board.Status.IsInSync);
        await Wait.UntilAsync(() => world.Api.Counted("radar.board.changes") == 20, "all are counted"); // after the board has them
        Assert.Equal(0, world.Api.Counted("radar.board.reloads/gap"));
    }

    [ContractFact]
    public async Task Lost_message_is_noticed_by_the_next_one()
    {
        await using var world = await BeginAsync();
        await world.State.ApplyAsync(1, Tick("A", 1));
        await ShownAsync(world, "A=1");
        world.State.HoldsMessages = true;
        await world.State.ApplyAsync(1, Tick("A", 2), Tick("LOST", 7));
        world.State.HoldsMessages = false;

        await world.State.ApplyAsync(1, Tick("A", 3));

        await ShownAsync(world, "A=3 LOST=7");
        await Wait.UntilAsync(() => world.Api.Board.Status.IsInSync, "whole again");
        await Wait.UntilAsync(() => world.Api.Counted("radar.board.reloads/gap") == 1, "the reload is counted");
    }

    [ContractFact]
    public async Task Lost_message_without_a_next_one_is_noticed_by_the_audit()
    {
        await using var world = await BeginAsync(LiveApi.Audited);
        world.State.HoldsMessages = true;

        await world.State.ApplyAsync(1, Tick("A", 2));

        await ShownAsync(world, "A=2");
        await Wait.UntilAsync(() => world.Api.Counted("radar.board.reloads/lost") == 1, "the reload is counted");
    }

    [ContractFact]
    public async Task Messages_in_another_order_and_twice_end_in_the_same_board()
    {
        await using var world = await BeginAsync();
        world.State.HoldsMessages = true;
        for (int i = 1; i <= 6; i++)
            await world.State.ApplyAsync(0, Tick("A", i));
        var held = world.State.Held;

        foreach (int next in new[] { 1, 0, 0, 3, 2, 5, 4, 5, 1 })
            await world.State.SendAsync(held[next]);
        world.State.HoldsMessages = false;
        await world.State.ApplyAsync(0, Tick("A", 7));

        await ShownAsync(world, "A=7");
        await Wait.UntilAsync(() => world.Api.Board.Status.IsInSync, "whole again");
    }

    [ContractTheory]
    [InlineData("garbage")]
    [InlineData("")]
    [InlineData("poison")]
    public async Task Message_that_cannot_be_read_costs_a_reload_and_no_more(string message)
    {
        await using var world = await BeginAsync();
        string channel = new RedisKeys(RedisKeys.FirstEpoch, 1).Changes;

        // The poison is well-formed, and follows; but its record is not one.
        await world.State.SendAsync((channel, message == "poison" ? Poison() : Encoding.ASCII.GetBytes(message)));
        await world.State.ApplyAsync(1, Tick("A", 1));

        await ShownAsync(world, "A=1");
        await Wait.UntilAsync(() => world.Api.Board.Status.IsInSync, "whole again");
        await world.State.ApplyAsync(1, Tick("A", 2));
        await ShownAsync(world, "A=2");
    }

    [ContractFact]
    public async Task Record_in_Redis_that_is_not_one_breaks_its_partition_only_while_it_is_there()
    {
        await using var world = await BeginAsync(LiveApi.Audited);
        RedisKey latest = new RedisKeys(RedisKeys.FirstEpoch, 1).Latest;
        await world.State.ApplyAsync(1, Tick("X", 1));
        await ShownAsync(world, "X=1");
        RedisValue record = await world.Api.Redis.GetDatabase().HashGetAsync(latest, "X");
        await world.Api.Redis.GetDatabase().HashSetAsync(latest, "X", "not a record");
        world.State.HoldsMessages = true;
        await world.State.ApplyAsync(1, Tick("A", 1));
        world.State.HoldsMessages = false;
        await Wait.UntilAsync(() => !world.Api.Board.Status.Follows(1), "the partition cannot be loaded");

        await world.State.ApplyAsync(0, Tick("B", 1));
        await ShownAsync(world, "B=1 X=1");

        await world.Api.Redis.GetDatabase().HashSetAsync(latest, "X", record);
        await ShownAsync(world, "A=1 B=1 X=1");
    }

    [ContractFact]
    public async Task Flushed_Redis_leaves_the_board_as_it_was_in_doubt_until_it_has_caught_up()
    {
        await using var world = await BeginAsync(LiveApi.Audited);
        for (int i = 1; i <= 3; i++)
            await world.State.ApplyAsync(1, Tick("A", i));
        await ShownAsync(world, "A=3");

        await StateWriter.FlushAsync(world.Api.Redis);
        await Wait.UntilAsync(() => world.Api.Board.Status.IsUnconfirmed(1), "doubt");
        Assert.Equal("A=3", Shown(world));
        await world.Api.UntilHealthAsync(HttpStatusCode.OK, "Degraded");

        // What a consumer does then: all over again, from the topic.
        var again = await new StateWriter(world.Api.Redis).BeginAsync();
        for (int i = 1; i <= 2; i++)
        {
            await again.ApplyAsync(1, Tick("A", i));
            Assert.Equal("A=3", Shown(world));
        }

        Assert.False(world.Api.Board.Status.IsInSync);
        Assert.Equal(0, world.Api.Counted("radar.board.reloads/older of 1")); // it is looked at again and again, and not loaded
        await again.ApplyAsync(1, Tick("A", 3));
        await again.ApplyAsync(1, Tick("A", 4));
        await ShownAsync(world, "A=4");
        await Wait.UntilAsync(() => world.Api.Board.Status.IsInSync, "whole again");
    }

    [ContractFact]
    public async Task Other_epoch_replaces_the_board()
    {
        await using var world = await BeginAsync(LiveApi.Audited);
        await world.State.ApplyAsync(1, Tick("A", 1), Tick("OLD", 1));
        await ShownAsync(world, "A=1 OLD=1");
        var rebuilt = await new StateWriter(world.Api.Redis, "2").BeginAsync();
        await rebuilt.ApplyAsync(1, Tick("A", 5));

        await world.Api.Redis.GetDatabase().StringSetAsync(RedisKeys.ActiveEpoch, "2");

        await ShownAsync(world, "A=5");
        await rebuilt.ApplyAsync(1, Tick("A", 6));
        await world.State.ApplyAsync(1, Tick("OLD", 2));
        await ShownAsync(world, "A=6");
        Assert.StartsWith("2-", world.Api.Board.Status.Version.ToString(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Topic_that_was_recreated_replaces_the_board()
    {
        await using var world = await BeginAsync(LiveApi.Audited);
        await world.State.ApplyAsync(1, Tick("A", 1), Tick("OLD", 1));
        await ShownAsync(world, "A=1 OLD=1");
        string before = world.Api.Board.Status.Version.Topic;

        await StateWriter.FlushAsync(world.Api.Redis);
        var again = await new StateWriter(world.Api.Redis, topicId: "new").BeginAsync();
        await again.ApplyAsync(1, Tick("A", 9));

        await ShownAsync(world, "A=9");
        Assert.NotEqual(before, world.Api.Board.Status.Version.Topic);
        await Wait.UntilAsync(() => world.Api.Board.Status.IsInSync, "whole again");
    }

    [ContractFact]
    public async Task Process_is_ready_when_its_board_is_whole()
    {
        await using var world = await BeginAsync(LiveApi.Audited);
        RedisKey position = new RedisKeys(RedisKeys.FirstEpoch, 1).Position;
        await world.State.ApplyAsync(1, Tick("A", 1));
        await world.Api.Redis.GetDatabase().KeyRenameAsync(position, "radar:away");
        await world.Api.Redis.GetDatabase().StringSetAsync(position, "not a hash"); // this partition cannot be loaded

        await using var late = await LiveApi.StartUnreadyAsync(Redis, [.. LiveApi.Audited, "--Api:RequestDeadlineMs", "1000"]);
        await Wait.UntilAsync(() => late.Board.Status.Follows(0) && late.Board.Status.Follows(2), "the others are followed");
        await late.UntilHealthAsync(HttpStatusCode.ServiceUnavailable, "Unhealthy");
        using (var refused = await EventStream.SendAsync(late.Http))
            await ProblemAsync(refused, HttpStatusCode.ServiceUnavailable);

        await world.Api.Redis.GetDatabase().KeyDeleteAsync(position);
        await world.Api.Redis.GetDatabase().KeyRenameAsync("radar:away", position);
        await Wait.UntilAsync(() => late.Board.Status.IsInSync, "the board is whole");
        await late.UntilHealthAsync(HttpStatusCode.OK);
    }

    private async Task<World> BeginAsync(params string[] more)
    {
        await using (var redis = await PatientRedis.ConnectAsync(Redis + ",allowAdmin=true"))
        {
            await StateWriter.FlushAsync(redis);
            await new StateWriter(redis).BeginAsync();
        }

        LiveApi api = await LiveApi.StartAsync(Redis, more);
        return new World(api, new StateWriter(api.Redis));
    }

    private static string Shown(World world) =>
        string.Join(' ', world.Api.Board.Read(null)
            .Tickers.Select(ticker => $"{ticker.Symbol}={StoredRecord.Latest(ticker.Latest.Span).Price}"));

    private static Task ShownAsync(World world, string expected) => Wait.UntilAsync(() => Shown(world) == expected, expected);

    private static byte[] Poison()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new MessagePack.MessagePackWriter(buffer);
        writer.WriteArrayHeader(6);
        writer.Write(ChangeWriter.Version);
        writer.Write("0");
        writer.Write("1");
        writer.WriteArrayHeader(2);
        writer.Write("identity");
        writer.Write("market-ticks - 3");
        writer.WriteArrayHeader(1);
        writer.WriteArrayHeader(7);
        foreach (string text in new[] { "A", "not a record", "" })
            writer.Write(text);
        writer.Write(0);
        writer.WriteArrayHeader(0);
        writer.WriteArrayHeader(5);
        for (int frame = 0; frame < 5; frame++)
        {
            writer.WriteArrayHeader(2);
            writer.Write("");
            writer.WriteArrayHeader(0);
        }

        writer.Write(""); // no trace
        writer.WriteArrayHeader(0); // no times
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private sealed record World(LiveApi Api, StateWriter State) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Api.DisposeAsync();
    }
}
