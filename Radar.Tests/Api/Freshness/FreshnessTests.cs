using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api.Board;
using Radar.Api.Http.Contract;
using Radar.Market;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Freshness;

/// <summary>How the API reports the lag of its state, and what it does without Kafka, without Redis, without either.</summary>
public sealed partial class FreshnessTests : IDisposable
{
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();

    public void Dispose()
    {
        _kafka.Dispose();
        _redis.Dispose();
    }

    [Fact]
    public async Task Lag_counts_what_the_topic_has_and_the_state_lacks()
    {
        await using var world = await StartAsync();
        await world.TakeInAsync(0, [Tick("A", 1), Tick("A", 2)]);
        await world.TakeInAsync(1, [Tick("B", 1)]);
        Assert.Equal("""{"messages":0,"seconds":0,"partitions":[{"partition":0,"position":2,"end":2,"messages":0,"seconds":0"""
            + ""","held_back":0},{"partition":1,"position":1,"end":1,"messages":0,"seconds":0,"held_back":0},{"partition":2,"position":0"""
            + ""","end":0,"messages":0,"seconds":0,"held_back":0}]}""", await world.TextAsync("/api/v2/lag"));

        // What is acknowledged is missing at once, and counts until it is taken in.
        await world.ProduceAsync(0, 3);
        await world.ProduceAsync(2, 4);
        var behind = await world.ReadAsync<LagAnswer>("/api/v2/lag");
        Assert.Equal(7, behind.Messages);
        Assert.Equal([(2L, 5L, 3L), (1L, 1L, 0L), (0L, 4L, 4L)], behind.Partitions.Select(lag => (lag.Position, lag.End, lag.Messages)));
        Assert.Equal(behind.Seconds, behind.Partitions.Max(lag => lag.Seconds));

        await world.ApplyAsync(0, [Tick("A", 3), Tick("A", 4), Tick("A", 5)]);
        await world.ApplyAsync(2, [Tick("C", 1), Tick("C", 1), Tick("C", 1)]);
        Assert.Equal(1, (await world.ReadAsync<LagAnswer>("/api/v2/lag")).Messages);
        await world.ApplyAsync(2, [Tick("C", 1)]);
        Assert.Equal(0, (await world.ReadAsync<LagAnswer>("/api/v2/lag")).Messages);
    }

    [Fact]
    public async Task Lag_in_time_grows_from_when_the_first_missing_record_was_sent()
    {
        await using var world = await StartAsync("--Api:StaleAfterMs", "600000");
        await world.TakeInAsync(0, [Tick("A", 1)]);
        await world.UntilAsync("/api/v2/tickers/a", answer => (long?)answer["meta"]!["lag_ms"] == 0 && !(bool)answer["meta"]!["stale"]!);
        await world.ProduceAsync(0, 1);

        var answer = await world.UntilAsync("/api/v2/tickers/a", answer => (long?)answer["meta"]!["lag_ms"] >= 300);

        // Others of the same API are current.
        Assert.False((bool)answer["meta"]!["stale"]!);
        await world.TakeInAsync(1, [Tick("B", 1)]);
        Assert.Equal(0, (long?)(await world.JsonAsync("/api/v2/tickers/b"))["meta"]!["lag_ms"]);
        Assert.InRange((await world.ReadAsync<LagAnswer>("/api/v2/lag")).Seconds, 0.3, 60);
        Assert.Equal("max_staleness_ms",
            (string?)(await world.ProblemAsync("/api/v2/tickers/a?max_staleness_ms=299", HttpStatusCode.ServiceUnavailable))["parameter"]);
        await world.TextAsync("/api/v2/tickers/a?max_staleness_ms=60000");
        await world.TextAsync("/api/v2/tickers/b?max_staleness_ms=0");

        // Who is not there yet may be in what is missing.
        await world.ProblemAsync("/api/v2/tickers/new?max_staleness_ms=299", HttpStatusCode.ServiceUnavailable);
        await world.ProblemAsync("/api/v2/tickers/new?max_staleness_ms=60000", HttpStatusCode.NotFound);

        // Lists are as late as the worst partition, whatever they have.
        foreach (string list in new[] { "symbols?prefix=B&", "tickers?symbols=B&", "snapshots?symbols=B&", "movers?" })
        {
            Assert.True((long?)(await world.JsonAsync("/api/v2/" + list))["meta"]!["lag_ms"] >= 300);
            Assert.Equal("max_staleness_ms",
                (string?)(await world.ProblemAsync($"/api/v2/{list}max_staleness_ms=299", HttpStatusCode.ServiceUnavailable))["parameter"]);
            await world.TextAsync($"/api/v2/{list}max_staleness_ms=60000");
        }
    }

    [Fact]
    public async Task API_that_starts_while_the_state_is_behind_reports_how_old_the_first_missing_record_is()
    {
        await using var world = await StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        await world.ProduceAsync(0, 1, now.AddHours(-3).ToUnixTimeMilliseconds());
        await world.ProduceAsync(0, 1, now.AddHours(-2).ToUnixTimeMilliseconds());
        await world.ProduceAsync(0, 5, now.AddHours(-1).ToUnixTimeMilliseconds());
        await world.ApplyAsync(0, [Tick("A", 1)], recordMs: now.AddHours(-3).ToUnixTimeMilliseconds());

        // One that ran before may have been current once; a new one knows nothing but the log.
        await using var later = await ApiWorld.StartAsync(_redis.Address, _kafka.BootstrapServers, fresh: true);
        await Wait.UntilAsync(
            () => Task.FromResult(later.App.Services.GetRequiredService<LiveBoard>().Status.IsInSync), "the board is whole");
        foreach (var api in new[] { world, later })
        {
            Assert.InRange((await api.ReadAsync<LagAnswer>("/api/v2/lag")).Seconds, 7200, 7300);
            var answer = await api.UntilAsync("/api/v2/trades/a", answer => answer["meta"]!["lag_ms"] is not null);
            Assert.InRange((long)answer["meta"]!["lag_ms"]!, 7_200_000, 7_300_000);
            Assert.True((bool)answer["meta"]!["stale"]!);
            var health = await api.UntilAsync("/health", health => (string?)health["checks"]!["lag"]!["status"] == "Degraded");
            Assert.Contains("6 messages, 72", (string?)health["checks"]!["lag"]!["description"], StringComparison.Ordinal);
            Assert.Equal(6, (int)health["checks"]!["lag"]!["data"]!["messages"]!);
            foreach (string list in new[] { "symbols?", "tickers?" })
                await api.ProblemAsync($"/api/v2/{list}max_staleness_ms=5000", HttpStatusCode.ServiceUnavailable);

            // It may be in what is missing.
            var unknown = await api.ProblemAsync("/api/v2/tickers/new", HttpStatusCode.ServiceUnavailable);
            Assert.Contains("is not known yet", (string?)unknown["detail"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Lag_of_a_state_whose_last_record_is_old_is_that_of_the_next_one()
    {
        await using var world = await StartAsync();
        await world.TakeInAsync(0, [Tick("A", 1)], recordMs: TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds());
        await world.ProduceAsync(0, 1);
        await using var later = await ApiWorld.StartAsync(_redis.Address, _kafka.BootstrapServers, fresh: true);

        var lag = await later.ReadAsync<LagAnswer>("/api/v2/lag");

        Assert.Equal(1, lag.Messages);
        Assert.InRange(lag.Seconds, 0, 600);
    }

    [Fact]
    public async Task Partition_without_a_position_counts_from_the_beginning()
    {
        await using var world = await StartAsync(fresh: true);
        await world.ProduceAsync(1, 3);

        var lag = await world.ReadAsync<LagAnswer>("/api/v2/lag");

        Assert.Equal(3, lag.Messages);
        Assert.Equal(new PartitionLag(1, 0, 3, 3, lag.Partitions[1].Seconds, 0), lag.Partitions[1]);
        Assert.InRange(lag.Seconds, 0, 60);
    }

    [Fact]
    public async Task State_of_another_topic_is_never_called_current()
    {
        await using var world = await StartAsync();
        await world.ProduceAsync(0, 2);
        await world.ApplyAsync(0, [Tick("A", 1), Tick("A", 1), Tick("A", 1)]);

        var lag = await world.ReadAsync<LagAnswer>("/api/v2/lag");

        Assert.Equal((2L, 3L, 2L), (lag.Messages, lag.Partitions[0].Position, lag.Partitions[0].End));
        await world.UntilAsync(
            "/health", health => ((string?)health["checks"]!["lag"]!["description"])!.Contains("recreated", StringComparison.Ordinal));
        var meta = (await world.JsonAsync("/api/v2/tickers/a"))["meta"]!;
        Assert.Equal((null, true), ((long?)meta["lag_ms"], (bool)meta["stale"]!));
    }

    [Fact]
    public async Task Empty_state_reports_that_nothing_has_been_applied()
    {
        await using var world = await StartAsync(fresh: true);

        // Before the first measurement nobody knows.
        foreach (string path in new[] { "/api/v1/ticker/a", "/api/v2/tickers/a", "/api/v2/trades/a" })
            await UnknownAsync(path, "nothing has been ingested yet");

        await world.BeginAsync();
        await UnknownAsync("/api/v1/ticker/a", "no trade of it");

        async Task UnknownAsync(string path, string sentence)
        {
            await world.UntilAsync(path, answer => ((string?)answer["detail"])?.Contains(sentence, StringComparison.Ordinal) == true);
            await world.ProblemAsync(path, HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Gauges_report_the_lag_of_every_partition()
    {
        await using var world = await StartAsync("--Api:LagIntervalMs", "60000");
        await world.ProduceAsync(2, 5);
        await world.UntilAsync("/api/v2/lag", lag => (int?)lag["messages"] == 5); // nothing is measured after that
        var seen = new Dictionary<(string, string?), double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, world.App.Services.GetService(typeof(IMeterFactory)))
                && instrument.Name.Contains("lag", StringComparison.Ordinal))
                meters.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        listener.Start();

        listener.RecordObservableInstruments();

        Assert.Equal([0, 0, 5], Enumerable.Range(0, 3).Select(partition => seen[("kafka.consumer_group.lag", $"{partition}")]));
        Assert.Equal([0, 0], Enumerable.Range(0, 2).Select(partition => seen[("radar.lag.seconds", $"{partition}")]));
        Assert.InRange(seen[("radar.lag.seconds", "2")], 0, 60);
        Assert.Equal(seen[("radar.lag.seconds", "2")], seen[("radar.lag.seconds.max", null)]);

        void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var known = tags.ToArray().ToDictionary(tag => tag.Key, tag => (string?)tag.Value);
            Assert.Equal((Topic, "radar"), (known[TelemetryNames.DestinationName], known[TelemetryNames.ConsumerGroup]));
            seen[(instrument.Name, known.GetValueOrDefault(TelemetryNames.DestinationPartition))] = value;
        }
    }

    private Task<ApiWorld> StartAsync(params string[] more) => StartAsync(fresh: false, more);

    private Task<ApiWorld> StartAsync(bool fresh, params string[] more)
    {
        _kafka.CreateTopic(Topic, Partitions);
        return ApiWorld.StartAsync(_redis.Address, _kafka.BootstrapServers, fresh, more);
    }
}
