using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Radar.Market.Store;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using StackExchange.Redis;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Streams;

/// <summary>What a stream says, over real HTTP: a snapshot, then what changes; of the symbols and channels that were asked for.</summary>
public abstract partial class StreamContractTests
{
    /// <summary>Address of a Redis that this test has for itself.</summary>
    protected abstract string Redis { get; }

    [ContractFact]
    public async Task Stream_begins_with_a_snapshot_and_goes_on_with_every_change()
    {
        await using var world = await BeginAsync();
        await world.ApplyAsync(0, Tick("B", 1));
        await world.ApplyAsync(1, Tick("A", 2));
        await using var stream = await world.Api.StreamAsync();

        var snapshot = await stream.NextAsync("snapshot");
        Assert.Equal([("A", 2m), ("B", 1m)], snapshot.Tickers);
        Assert.Equal(world.Api.Board.Status.Version.ToString(), snapshot.Id);

        await world.ApplyAsync(1, Tick("A", 3, Noon + 1, id: 7), Tick("C", 4));
        var (a, c) = (await stream.NextAsync("ticker"), await stream.NextAsync("ticker"));
        Assert.Equal(
            """{"symbol":"A","t":"2024-08-09T12:00:00.001Z","p":3,"s":1,"i":7,"side":"buy","venue":"test"}""", a.Text);
        Assert.Equal(("C", 4m), (c.Symbol, c.Price));

        // Only who has the whole change goes on after it.
        Assert.Equal(snapshot.Id, a.Id);
        Assert.Equal(world.Api.Board.Status.Version.ToString(), c.Id);
        var listed = await world.Api.JsonAsync("/api/v2/tickers");
        Assert.Equal((string?)listed["meta"]!["version"], c.Id);
        Assert.True(JsonNode.DeepEquals(listed["tickers"]![0], a.Data));
    }

    [ContractFact]
    public async Task Symbol_that_has_no_trade_is_named_in_an_event_and_streamed_once_it_trades()
    {
        await using var world = await BeginAsync();
        await world.ApplyAsync(0, Tick("BTCUSDT", 1));
        await using var stream = await world.Api.StreamAsync("symbols=btcusdt,btcustd,nobody");

        var snapshot = await stream.NextAsync("snapshot");
        Assert.Equal([("BTCUSDT", 1m)], snapshot.Tickers);
        Assert.Equal("""{"symbols":["BTCUSTD","NOBODY"]}""", (await stream.NextAsync("unknown")).Text);
        await world.ApplyAsync(1, Tick("BTCUSTD", 2));
        Assert.Equal("BTCUSTD", (await stream.NextAsync("ticker")).Symbol);

        // A resume begins without a snapshot.
        await using var resumed = await world.Api.StreamAsync("symbols=nobody,btcustd", lastEventId: snapshot.Id);
        Assert.Equal("BTCUSTD", (await resumed.NextAsync("ticker")).Symbol);
        Assert.Equal("""{"symbols":["NOBODY"]}""", (await resumed.NextAsync("unknown")).Text);
        Assert.Equal("heartbeat", (await resumed.AnyAsync())?.Type);
    }

    private const int FewRetained = 3;

    [ContractFact]
    public async Task Channels_bring_tickers_bars_and_then_trades_in_the_order_of_the_log()
    {
        await using var world = await BeginAsync();
        await using var stream = await world.Api.StreamAsync("channels=tickers,trades,bars.1Min,bars.1d");
        await stream.NextAsync("snapshot");

        await world.ApplyAsync(1, Tick("A", 1, id: 1), Tick("B", 5, id: 2), Tick("A", 2, Noon + 1, id: 3));

        var events = await stream.NextAsync(9);
        Assert.Equal(
            ["ticker A", "bar A", "bar A", "ticker B", "bar B", "bar B", "trade A", "trade B", "trade A"],
            events.Select(next => $"{next.Type} {next.Symbol}"));
        Assert.Equal([1, 2, 3], events.TakeLast(3).Select(next => next.TradeId));
        Assert.Equal(
            """{"symbol":"A","timeframe":"1Min","t":"2024-08-09T12:00:00.000Z","o":1,"h":2,"l":1,"c":2,"v":2,"n":2"""
                + ""","vw":1.5}""", events[1].Text);
        Assert.Equal("1Day", (string?)events[2].Data["timeframe"]);
        Assert.Equal("""{"symbol":"A","t":"2024-08-09T12:00:00.000Z","p":1,"s":1,"i":1,"side":"buy","venue":"test"}""", events[6].Text);

        // REST calls them the same, but for symbol and timeframe.
        await SameAsync("trades", events[8]);
        await SameAsync("bars", events[1]);

        async Task SameAsync(string list, StreamEvent received)
        {
            var item = (await world.Api.JsonAsync($"/api/v2/{list}/A"))[list]!.AsArray()[^1]!.AsObject();
            Assert.Equal(item.Select(member => member.Key), received.Data.Select(member => member.Key).Except(["symbol", "timeframe"]));
            Assert.All(item, member => Assert.True(JsonNode.DeepEquals(member.Value, received.Data[member.Key])));
        }
    }

    [ContractFact]
    public async Task Late_trade_is_no_ticker_and_updates_its_bar()
    {
        await using var world = await BeginAsync();
        await world.ApplyAsync(1, Tick("A", 1), Tick("A", 2, Noon + 60_000));
        await using var stream = await world.Api.StreamAsync("channels=tickers,bars.1Min,bars.1Hour");
        await stream.NextAsync("snapshot");

        await world.ApplyAsync(1, Tick("A", 9, Noon + 1));
        await world.ApplyAsync(1, Tick("A", 3, Noon + 60_001));
        await world.ApplyAsync(1, Tick("A", 4, Noon + 120_000));

        var events = await stream.NextAsync(8);
        Assert.Equal(
            ["updated_bar 1Min 9", "bar 1Hour 2", "ticker  3", "bar 1Min 3", "bar 1Hour 3", "ticker  4", "bar 1Min 4", "bar 1Hour 4"],
            events.Select(next => $"{next.Type} {next.Data["timeframe"]} {next.Data["c"] ?? next.Data["p"]}"));
    }

    [ContractFact]
    public async Task Bars_of_one_change_are_reported_in_the_order_of_time()
    {
        await using var world = await BeginAsync();
        await world.ApplyAsync(1, Tick("A", 1, Noon + (2 * 60_000)));
        await using var stream = await world.Api.StreamAsync("channels=bars.1Min");
        await stream.NextAsync("snapshot");

        await world.ApplyAsync(1, [.. new[] { 5, 6, 3, 1 }.Select(minute => Tick("A", minute, Noon + (minute * 60_000L)))]);

        Assert.Equal(
            ["updated_bar 1", "bar 3", "bar 5", "bar 6"], (await stream.NextAsync(4)).Select(next => $"{next.Type} {next.Data["c"]}"));
    }

    [ContractFact]
    public async Task Only_symbols_that_were_asked_for_are_reported_also_those_that_come_later()
    {
        await using var world = await BeginAsync();
        await world.ApplyAsync(0, Tick("A", 1), Tick("B", 1));
        await using var stream = await world.Api.StreamAsync("symbols=a,NEW,%20c/d&channels=tickers,trades");
        Assert.Equal([("A", 1m)], (await stream.NextAsync("snapshot")).Tickers);

        await world.ApplyAsync(0, Tick("B", 2));
        await world.ApplyAsync(1, Tick("NEW", 3), Tick("C", 9));
        await world.ApplyAsync(2, Tick("C/D", 4));
        await world.ApplyAsync(0, Tick("A", 5));

        Assert.Equal(
            ["ticker NEW", "trade NEW", "ticker C/D", "trade C/D", "ticker A", "trade A"],
            (await stream.NextAsync(6)).Select(next => $"{next.Type} {next.Symbol}"));
    }

    [ContractFact]
    public async Task Symbol_in_two_partitions_is_reported_from_the_one_that_is_served()
    {
        await using var world = await BeginAsync();
        await world.ApplyAsync(0, Tick("A", 1, Noon + 10));
        await using var stream = await world.Api.StreamAsync("channels=tickers,trades");
        await stream.NextAsync("snapshot");

        await world.ApplyAsync(1, Tick("A", 2, Noon, id: 1)); // older than what is served
        await world.ApplyAsync(1, Tick("A", 3, Noon + 20, id: 2));

        Assert.Equal(["ticker 2", "trade 2"], (await stream.NextAsync(2)).Select(next => $"{next.Type} {next.TradeId}"));
    }

    [ContractFact]
    public async Task Heartbeat_reports_how_fresh_the_stream_is_and_where_it_stands()
    {
        await using var world = await BeginAsync("--Api:StreamHeartbeatMs", "50");
        await using var stream = await world.Api.StreamAsync("symbols=A");
        await stream.NextAsync("snapshot");
        await world.ApplyAsync(1, Tick("B", 1)); // not for this client, which still goes on after it

        StreamEvent beat;
        do
            beat = (await stream.AnyAsync())!;
        while (beat.Id != world.Api.Board.Status.Version.ToString());

        Assert.Equal("heartbeat", beat.Type);
        Assert.Equal(["t", "lag_ms", "stale", "interval_ms", "record_times"], beat.Data.Select(member => member.Key));
        Assert.True((bool)beat.Data["stale"]!); // no Kafka answers, so nobody knows
        Assert.Null(beat.Data["lag_ms"]);
        Assert.InRange(JsonSerializer.Deserialize<DateTimeOffset>(beat.Data["t"]!), TimeProvider.System.GetUtcNow().AddHours(-1),
            TimeProvider.System.GetUtcNow());
    }

    [ContractTheory]
    [InlineData("channels=ticker", "channels")]
    [InlineData("channels=", "channels")]
    [InlineData("channels=tickers,bars.2Min", "channels")]
    [InlineData("channels=bars", "channels")]
    [InlineData("channels=bars.1M", "channels")] // a month, and not streamed
    [InlineData("symbols=", "symbols")]
    [InlineData("symbols=A,,B", "symbols")]
    [InlineData("symbols=*,A", "symbols")]
    [InlineData("symbols=A%20B", "symbols")]
    [InlineData("symbols=A&symbols=B", "symbols")]
    [InlineData("symbol=A", "symbol")]
    public async Task Wrong_parameter_is_a_problem_that_names_it(string query, string parameter)
    {
        await using var world = await BeginAsync();

        using var response = await EventStream.SendAsync(world.Api.Http, query);

        Assert.Equal(parameter, (string?)(await ProblemAsync(response, HttpStatusCode.BadRequest))["parameter"]);
    }

    [ContractFact]
    public async Task Too_many_symbols_are_a_problem()
    {
        await using var world = await BeginAsync();
        static string Symbols(int count) => "symbols=" + string.Join(',', Enumerable.Range(0, count).Select(i => $"S{i}"));

        using var refused = await EventStream.SendAsync(world.Api.Http, Symbols(1001));
        Assert.Equal("symbols", (string?)(await ProblemAsync(refused, HttpStatusCode.BadRequest))["parameter"]);
        await using var stream = await world.Api.StreamAsync(Symbols(1000));
        await stream.NextAsync("snapshot");
    }

    [ContractFact]
    public async Task Push_belongs_to_the_trace_of_the_send_and_ends_when_it_is_written()
    {
        await using var world = await BeginAsync();
        var ended = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        string trace = ActivityTraceId.CreateRandom().ToHexString(), span = ActivitySpanId.CreateRandom().ToHexString();
        int pushes = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Radar.Market.TelemetryNames.Api,
            Sample = (ref ActivityCreationOptions<ActivityContext> created) => created.Parent.TraceId.ToHexString() == trace
                ? ActivitySamplingResult.AllDataAndRecorded
                : ActivitySamplingResult.None,
            ActivityStopped = activity =>
            {
                if (activity.TraceId.ToHexString() != trace)
                    return;
                Interlocked.Increment(ref pushes);
                ended.TrySetResult(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var first = await world.Api.StreamAsync();
        await using var second = await world.Api.StreamAsync("symbols=A&channels=tickers,trades");
        await first.NextAsync("snapshot");
        await second.NextAsync("snapshot");

        await world.State.ApplyAsync(1, [Tick("A", 1)], $"00-{trace}-{span}-01");

        await first.NextAsync("ticker");
        await second.NextAsync("ticker");
        var push = await ended.Task.WaitAsync(Wait.Limit);
        Assert.StartsWith("push", push.OperationName, StringComparison.Ordinal);
        Assert.Equal(span, push.ParentSpanId.ToHexString());
        Assert.Equal(1, pushes);
    }

    private protected async Task<World> BeginAsync(params string[] more)
    {
        await using (var redis = await PatientRedis.ConnectAsync(Redis + ",allowAdmin=true"))
        {
            await StateWriter.FlushAsync(redis);
            await new StateWriter(redis).BeginAsync();
        }

        LiveApi api = await LiveApi.StartAsync(Redis, more);
        return new World(api, new StateWriter(api.Redis));
    }

    private protected sealed record World(LiveApi Api, StateWriter State) : IAsyncDisposable
    {
        /// <summary>Writes one change; returns when the board has it.</summary>
        public async Task ApplyAsync(int partition, params Radar.Market.Tick[] ticks) =>
            await Api.ReachedAsync(partition, await State.ApplyAsync(partition, ticks));

        public ValueTask DisposeAsync() => Api.DisposeAsync();
    }
}
