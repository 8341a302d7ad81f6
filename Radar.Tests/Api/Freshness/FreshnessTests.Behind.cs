using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Api.Http.Contract;
using Radar.Market.Store;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using StackExchange.Redis;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Freshness;

/// <summary>Redis behind the board, the board behind Redis, clocks ahead of ours, a log that is another one.</summary>
public sealed partial class FreshnessTests
{
    /// <summary>Only what a test does moves the board: nothing is compared in between.</summary>
    private static readonly string[] NoAudit = ["--Api:BoardAuditMs", "60000"];

    [Fact]
    public async Task What_Redis_has_lost_is_refused_until_it_is_there_again_and_never_given_under_a_version_that_has_it()
    {
        await using var world = await StartAsync(NoAudit);
        await world.TakeInAsync(0, [Tick("A", 1), Tick("A", 2)]);
        string[] paths =
        [
            "/api/v1/history/a", "/api/v2/trades/a", "/api/v2/bars/a", $"/api/v2/trades/a?as_of={Noon}", $"/api/v2/bars/a?as_of={Noon}",
            $"/api/v2/tickers/a?as_of={Noon}", "/api/v2/snapshots?symbols=a", $"/api/v2/snapshots?symbols=a&as_of={Noon}",
            $"/api/v2/tickers?symbols=a&as_of={Noon}",
        ];
        foreach (string path in paths)
            await world.TextAsync(path);

        await using var redis = await PatientRedis.ConnectAsync(_redis.Address + ",allowAdmin=true");
        await StateWriter.FlushAsync(redis);
        await RefusedAsync();
        var again = await new StateWriter(redis).BeginAsync();
        await RefusedAsync();
        await again.ApplyAsync(0, Tick("A", 1));
        await RefusedAsync();
        await again.ApplyAsync(0, Tick("A", 2));

        Assert.Equal([1m, 2m], (await world.ReadAsync<TradesAnswer>("/api/v2/trades/a")).Trades.Select(trade => trade.P));
        foreach (string path in paths)
            await world.TextAsync(path);

        async Task RefusedAsync()
        {
            foreach (string path in paths)
            {
                var problem = await world.ProblemAsync(path, HttpStatusCode.ServiceUnavailable);
                Assert.Contains("has lost", (string?)problem["detail"], StringComparison.Ordinal);
            }

            Assert.Equal(2m, (decimal)(await world.JsonAsync("/api/v2/tickers/a"))["p"]!);
        }
    }

    [Fact]
    public async Task Api_that_starts_without_Redis_refuses_lists_instead_of_giving_empty_ones()
    {
        await using var api = await LiveApi.StartUnreadyAsync("127.0.0.1:1,abortConnect=false,connectTimeout=500");
        await Wait.UntilAsync(() => api.Board.Status.IsAnyUnconfirmed, "the board knows that Redis is away");

        foreach (string list in new[] { "symbols", "tickers", "tickers?symbols=A", "snapshots?symbols=A", "movers" })
        {
            using var response = await api.Http.GetAsync(new Uri("/api/v2/" + list, UriKind.Relative));
            await ProblemAsync(response, HttpStatusCode.ServiceUnavailable);
        }
    }

    [Fact]
    public async Task Lag_of_a_board_that_is_behind_Redis_is_its_own()
    {
        await using var world = await StartAsync(fresh: true, NoAudit);
        long hourAgo = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds();
        var state = await new StateWriter(world.Redis.Multiplexer).BeginAsync();
        state.RecordMs = hourAgo;
        await world.ProduceAsync(0, 1);
        await state.ApplyAsync(0, Tick("A", 1));
        var board = world.App.Services.GetRequiredService<LiveBoard>();
        await Wait.UntilAsync(() => Task.FromResult(board.Status.IsInSync && board.Status.PositionOf(0) == 1), "the board has it");

        // Redis goes on without the board, and is current each time it is measured.
        state.HoldsMessages = true;
        state.RecordMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        for (int end = 2; end <= 3; end++)
        {
            await world.ProduceAsync(0, 1);
            await state.ApplyAsync(0, Tick("A", end));
            await MeasuredAsync(world, lag => lag.End == end && lag.Position == end);
        }

        foreach (string path in new[] { "/api/v2/tickers/a", "/api/v2/tickers", "/api/v2/symbols", "/api/v2/movers" })
        {
            var meta = (await world.JsonAsync(path))["meta"]!;
            Assert.InRange((long)meta["lag_ms"]!, 3_600_000, 3_700_000);
            Assert.True((bool)meta["stale"]!);
        }

        // which a heartbeat shows
        Assert.InRange(world.App.Services.GetRequiredService<Staleness>().WorstLagMs()!.Value, 3_600_000, 3_700_000);
        await world.ProblemAsync("/api/v2/tickers?max_staleness_ms=60000", HttpStatusCode.ServiceUnavailable);

        // What Redis answers itself has Redis's own.
        Assert.Equal(0, (long?)(await world.JsonAsync("/api/v2/trades/a"))["meta"]!["lag_ms"]);
    }

    [Fact]
    public async Task Board_that_has_not_received_the_first_trade_in_an_hour_was_current_until_then()
    {
        await using var world = await StartAsync(fresh: true, NoAudit);
        var state = await new StateWriter(world.Redis.Multiplexer).BeginAsync();
        state.RecordMs = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds();
        await world.ProduceAsync(0, 1);
        await state.ApplyAsync(0, Tick("A", 1));
        var board = world.App.Services.GetRequiredService<LiveBoard>();
        await Wait.UntilAsync(() => Task.FromResult(board.Status.IsInSync && board.Status.PositionOf(0) == 1), "the board has it");
        await MeasuredAsync(world, lag => lag.End == 1);

        state.HoldsMessages = true;
        await world.ProduceAsync(0, 1);
        await state.ApplyAsync(0, Tick("A", 2));
        await MeasuredAsync(world, lag => lag.End == 2 && lag.Position == 2);

        Assert.InRange((long)(await world.JsonAsync("/api/v2/tickers/a"))["meta"]!["lag_ms"]!, 0, 600_000);
    }

    [Fact]
    public async Task Staleness_is_measured_again_for_who_allows_less_than_the_age_of_the_last_measurement()
    {
        await using var world = await StartAsync("--Api:LagIntervalMs", "60000");
        await world.TakeInAsync(0, [Tick("A", 1)]);
        await world.TextAsync("/api/v2/lag");
        foreach (string path in new[] { "tickers/a?", "trades/a?", "tickers?", "movers?" })
            await world.TextAsync($"/api/v2/{path}max_staleness_ms=0");

        await world.ProduceAsync(0, 1);

        foreach (string path in new[] { "tickers/a?", "trades/a?", "tickers?", "movers?" })
        {
            var problem = await world.ProblemAsync($"/api/v2/{path}max_staleness_ms=0", HttpStatusCode.ServiceUnavailable);
            Assert.Equal("max_staleness_ms", (string?)problem["parameter"]);
        }
    }

    [Fact]
    public async Task Record_whose_clock_is_ahead_does_not_hide_a_lag()
    {
        await using var world = await StartAsync();
        await world.TakeInAsync(0, [Tick("A", 1)], recordMs: TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds());

        await world.ProduceAsync(0, 1);

        foreach (string path in new[] { "/api/v2/tickers/a", "/api/v2/trades/a", "/api/v2/tickers" })
            await world.UntilAsync(path, answer => (long?)answer["meta"]!["lag_ms"] >= 300);
        Assert.InRange((await world.ReadAsync<LagAnswer>("/api/v2/lag")).Seconds, 0.3, 600);
    }

    [Fact]
    public async Task State_of_a_topic_that_was_recreated_is_not_called_current_however_far_the_new_one_has_come()
    {
        await using var world = await StartAsync(fresh: true, "--Kafka:TopicIdentity", "recreated");
        var state = await new StateWriter(world.Redis.Multiplexer, topicId: "before").BeginAsync();
        await state.ApplyAsync(0, Tick("A", 1), Tick("A", 1), Tick("A", 1));
        await world.ProduceAsync(0, 3);

        var lag = await world.ReadAsync<LagAnswer>("/api/v2/lag");

        Assert.Equal((3L, 3L, 3L), (lag.Messages, lag.Partitions[0].Position, lag.Partitions[0].End));
        await world.UntilAsync(
            "/health", health => ((string?)health["checks"]!["lag"]!["description"])!.Contains("recreated", StringComparison.Ordinal));
        await world.UntilAsync("/api/v2/tickers/a", answer => (decimal?)answer["p"] == 1m);
        var meta = (await world.JsonAsync("/api/v2/tickers/a"))["meta"]!;
        Assert.Equal((null, true), ((long?)meta["lag_ms"], (bool)meta["stale"]!));
    }

    [Fact]
    public async Task Page_token_of_a_log_that_was_recreated_is_refused_and_not_taken_for_the_end()
    {
        await using var world = await StartAsync(fresh: true);
        await using var redis = await PatientRedis.ConnectAsync(_redis.Address + ",allowAdmin=true");
        var before = await new StateWriter(redis, topicId: "before").BeginAsync();
        await before.ApplyAsync(0, [.. Enumerable.Range(0, 9).Select(i => Tick("A", 1, Noon + (i * 60_000)))]);
        string trades = "/api/v2/trades/a?limit=8", bars = "/api/v2/bars/a?limit=8";
        var tokens = new Dictionary<string, string?>();
        foreach (string path in new[] { trades, bars })
            tokens[path] = (string?)(await world.UntilAsync(path, answer => answer["next_page_token"] is not null))["next_page_token"];

        await StateWriter.FlushAsync(redis);
        await (await new StateWriter(redis, topicId: "recreated").BeginAsync()).ApplyAsync(0, Tick("A", 1), Tick("A", 2));
        await world.UntilAsync("/api/v2/tickers/a", answer => (decimal?)answer["p"] == 2m);

        foreach (var (path, token) in tokens)
        {
            var problem = await world.ProblemAsync($"{path}&page_token={token}", HttpStatusCode.BadRequest);
            Assert.Equal("page_token", (string?)problem["parameter"]);
        }
    }

    [Fact]
    public async Task Stream_begins_only_with_a_state_that_is_as_fresh_as_the_client_wants()
    {
        await using var world = await StartAsync();
        await world.TakeInAsync(0, [Tick("A", 1)]);
        await world.TextAsync("/api/v2/lag");
        await using (var stream = await EventStream.OpenAsync(world.Http, "max_staleness_ms=0"))
            await stream.NextAsync("snapshot");

        await world.ProduceAsync(0, 1);

        using var stale = await EventStream.SendAsync(world.Http, "max_staleness_ms=0");
        Assert.Equal("max_staleness_ms", (string?)(await ProblemAsync(stale, HttpStatusCode.ServiceUnavailable))["parameter"]);
        using var wrong = await EventStream.SendAsync(world.Http, "max_staleness_ms=soon");
        Assert.Equal("max_staleness_ms", (string?)(await ProblemAsync(wrong, HttpStatusCode.BadRequest))["parameter"]);
        await using (await EventStream.OpenAsync(world.Http, "max_staleness_ms=600000"))
        {
        }
    }

    [Fact]
    public async Task Strict_stream_is_refused_where_a_symbol_is_unknown()
    {
        await using var world = await StartAsync();
        await world.TakeInAsync(0, [Tick("A", 1)]);
        await world.TextAsync("/api/v2/lag");
        await using (var stream = await EventStream.OpenAsync(world.Http, "symbols=A&strict=true"))
            await stream.NextAsync("snapshot");

        using var unknown = await EventStream.SendAsync(world.Http, "symbols=A,AA,AB&strict=true");
        var problem = await ProblemAsync(unknown, HttpStatusCode.NotFound);
        Assert.Equal(("symbols", "AA, AB is unknown: no trade of it has been ingested."),
            ((string?)problem["parameter"], (string?)problem["detail"]));
        using var wrong = await EventStream.SendAsync(world.Http, "strict=perhaps");
        Assert.Equal("strict", (string?)(await ProblemAsync(wrong, HttpStatusCode.BadRequest))["parameter"]);
    }

    private static Task MeasuredAsync(ApiWorld world, Func<LagSample.Partition, bool> expected)
    {
        var meter = world.App.Services.GetRequiredService<LagMeter>();
        return Wait.UntilAsync(() => Task.FromResult(meter.Latest is { } sample && expected(sample.Partitions[0])), "the measurement");
    }
}
