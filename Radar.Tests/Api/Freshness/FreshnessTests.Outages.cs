using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api.Board;
using Radar.Market;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Freshness;

/// <summary>Freshness while Kafka or Redis does not answer.</summary>
public sealed partial class FreshnessTests
{
    [Fact]
    public async Task Missing_topic_is_waited_for_and_not_created()
    {
        using var empty = EmbeddedKafka.Start();
        await using var world = await ApiWorld.StartAsync(_redis.Address, empty.BootstrapServers);
        await world.ApplyAsync(0, [Tick("A", 1)]);

        var problem = await world.ProblemAsync("/api/v2/lag", HttpStatusCode.ServiceUnavailable);

        Assert.Contains("market-ticks does not exist yet", (string?)problem["detail"], StringComparison.Ordinal);
        Assert.True((bool)(await world.JsonAsync("/api/v2/tickers/a"))["meta"]!["stale"]!);
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = empty.BootstrapServers }).Build())
            Assert.Empty(admin.GetMetadata(Wait.Limit).Topics);
        empty.CreateTopic(Topic, Partitions);
        await world.UntilAsync("/api/v2/lag", answer => answer["partitions"] is not null);
    }

    [Fact]
    public async Task Reads_go_on_without_Kafka_and_report_that_their_lag_is_unknown()
    {
        await using var world = await ApiWorld.StartAsync(_redis.Address, kafka: null);
        await world.ApplyAsync(0, [Tick("A", 1)]);

        foreach (string path in new[] { "tickers/a?", "trades/a?", "bars/a?", "symbols?", "tickers?", "snapshots?symbols=A&", "movers?" })
        {
            var meta = (await world.JsonAsync($"/api/v2/{path}"))["meta"]!;
            Assert.Equal((null, true), ((long?)meta["lag_ms"], (bool)meta["stale"]!));
            var stale = await world.ProblemAsync($"/api/v2/{path}max_staleness_ms=253402300799999", HttpStatusCode.ServiceUnavailable);
            Assert.Equal("max_staleness_ms", (string?)stale["parameter"]);
        }

        await world.TextAsync("/api/v1/ticker/a");
        using var lag = await world.Http.GetAsync("/api/v2/lag");
        await ProblemAsync(lag, HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(lag.Headers.RetryAfter);
        var health = await world.JsonAsync("/health");
        Assert.Equal(("Degraded", "Degraded"), ((string?)health["status"], (string?)health["checks"]!["lag"]!["status"]));
    }

    [Fact]
    public async Task Lag_is_unknown_as_soon_as_Kafka_did_not_answer()
    {
        await using var world = await StartAsync("--Api:LagIntervalMs", "60000", "--Api:KafkaTimeoutMs", "1000");
        await world.TakeInAsync(0, [Tick("A", 1)]);
        await world.UntilAsync("/api/v2/lag", answer => answer["partitions"] is not null); // a client's first question may take long
        Assert.Equal(0, (long?)(await world.JsonAsync("/api/v2/tickers/a"))["meta"]!["lag_ms"]);
        _kafka.Dispose();

        await world.ProblemAsync("/api/v2/lag", HttpStatusCode.ServiceUnavailable);

        var meta = (await world.JsonAsync("/api/v2/tickers/a"))["meta"]!;
        Assert.Equal((null, true), ((long?)meta["lag_ms"], (bool)meta["stale"]!));
    }

    [Fact]
    public async Task Without_Redis_the_last_tickers_are_served_as_stale_and_everything_else_is_refused()
    {
        var redis = EmbeddedRedis.Start();
        _kafka.CreateTopic(Topic, Partitions);
        await using var world = await ApiWorld.StartAsync(redis.Address, _kafka.BootstrapServers);
        await world.TakeInAsync(0, [Tick("A", 1)]);
        await Wait.UntilAsync(
            () => Task.FromResult(world.App.Services.GetRequiredService<LiveBoard>().Status.PositionOf(0) == 1), "the board has it");
        int port = int.Parse(redis.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        redis.Dispose();

        await StaleAsync(world);
        await world.TextAsync("/api/v1/ticker/a");
        foreach (string path in new[] { "/api/v1/history/a", "/api/v2/trades/a", "/api/v2/bars/a", "/api/v2/snapshots?symbols=a",
            "/api/v2/lag" })
        {
            using var response = await world.Http.GetAsync(path);
            var problem = await ProblemAsync(response, HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(response.Headers.RetryAfter);
            Assert.Contains("Redis does not answer", (string?)problem["detail"], StringComparison.Ordinal);
        }

        using var health = await world.Http.GetAsync("/health");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode); // who can still serve stale tickers stays with its load balancer
        Assert.Equal("Degraded", (string?)JsonNode.Parse(await health.Content.ReadAsStringAsync())!["status"]);
        using var alive = await world.Http.GetAsync("/alive");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        using var empty = EmbeddedRedis.Start(port);
        await world.UntilAsync(
            "/api/v2/trades/a", answer => ((string?)answer["detail"])?.Contains("has lost", StringComparison.Ordinal) == true);
        var board = world.App.Services.GetRequiredService<LiveBoard>();
        await Wait.UntilAsync(
            () => Task.FromResult(!board.Status.IsRedisDown && board.Status.IsUnconfirmed(0)), "the board knows that Redis has less");
        await StaleAsync(world);
    }

    /// <summary>Both the symbol and the list say that nobody can confirm them, and are refused to those who mind.</summary>
    private static async Task StaleAsync(ApiWorld world)
    {
        var ticker = await world.UntilAsync("/api/v2/tickers/a", answer => (bool?)answer["meta"]?["stale"] == true);
        Assert.Equal(1m, (decimal)ticker["p"]!);
        Assert.Null(ticker["meta"]!["lag_ms"]);
        var list = await world.JsonAsync("/api/v2/tickers");
        Assert.Equal(1m, (decimal)Assert.Single(list["tickers"]!.AsArray())!["p"]!);
        Assert.True((bool)list["meta"]!["stale"]!);
        foreach (string path in new[] { "/api/v2/tickers/a", "/api/v2/tickers" })
        {
            var problem = await world.ProblemAsync(path + "?max_staleness_ms=600000", HttpStatusCode.ServiceUnavailable);
            Assert.Equal("max_staleness_ms", (string?)problem["parameter"]);
        }
    }
}
