using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Consumer.Polling;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer;

/// <summary>
/// Partitions that wait for a dead letter, since the partition of the dead-letter topic has no leader until the test gives it one.
/// </summary>
public sealed class WaitingPartitionsTests : IAsyncLifetime
{
    private const string Topic = EmbeddedWorld.Topic;
    private const string DeadLetterTopic = EmbeddedWorld.DeadLetters;
    private static readonly string[] SmallQueues = ["--Consumer:QueueRecordsMax=100", "--Consumer:BatchRecordsMax=50"];

    private readonly EmbeddedWorld _world = new(
        partitions: 0, "--Consumer:HandOverSeconds=0",
        "--Kafka:Client:session.timeout.ms=60000"); // a busy machine must not cost anybody the membership of the group

    public WaitingPartitionsTests() => LeaderlessPartition.Lose(_world.Kafka, DeadLetterTopic, 0);

    public Task InitializeAsync() => _world.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Partition_that_was_paused_when_it_left_is_read_when_it_comes_back()
    {
        _world.Kafka.CreateTopic(Topic, 2);
        for (int partition = 0; partition < 2; partition++)
            Send(partition, ["no json", .. Enumerable.Range(1, 2_000).Select(i => Event(i))]);
        // what the group waits before it shares the partitions again
        string[] settings = [.. SmallQueues, "--Kafka:Client:session.timeout.ms=4000"];
        KafkaTickSource staying = EmbeddedWorld.Source(await _world.Path.StartConsumerAsync(settings));
        await Wait.UntilAsync(() => Task.FromResult(staying.PausedPartitions == 2), "both partitions are paused");

        var passing = await _world.Path.StartConsumerAsync(settings);
        await Wait.UntilAsync(() => Task.FromResult(
            staying.Processors.Count == 1 && EmbeddedWorld.Source(passing).Processors.Count == 1), "one partition has moved");
        await _world.Path.StopAsync(passing);
        await Wait.UntilAsync(() => Task.FromResult(staying.Processors.Count == 2), "it has come back");
        Release();
        await RadarPath.BacklogAppliedAsync(_world.Api);

        Assert.Equal(4_000, await _world.Path.CountAsync());
    }

    /// <summary>The embedded broker keeps 5 MB of a partition.</summary>
    [Fact]
    public async Task Records_that_the_topic_drops_ahead_of_a_slow_processor_are_skipped_and_those_before_are_written()
    {
        _world.Kafka.CreateTopic(Topic, 1);
        Send(0, ["no json", .. Enumerable.Range(1, 1_000).Select(i => Event(i))]);
        KafkaTickSource source = EmbeddedWorld.Source(await _world.Path.StartConsumerAsync(SmallQueues));
        await Wait.UntilAsync(() => Task.FromResult(source.PausedPartitions == 1), "the partition is paused");
        string padding = new('x', 60_000);
        Send(0, Enumerable.Range(1_001, 200).Select(i => Event(i, padding)));
        Release();
        await RadarPath.BacklogAppliedAsync(_world.Api);
        Send(0, [Event(1_201)]);
        await RadarPath.BacklogAppliedAsync(_world.Api);

        var prices = (await RadarPath.AllAsync(_world.Api, "/api/v2/trades/S?limit=1000", "trades")).ConvertAll(
            trade => (int)(decimal)trade["p"]!);
        int before = prices.TakeWhile((price, i) => price == i + 1).Count();
        Assert.InRange(before, 100, 999);
        Assert.Equal(Enumerable.Range(prices[before], 1_202 - prices[before]), prices[before..]);
        Assert.InRange(prices[before], 1_001, 1_199);
    }

    [Fact]
    public async Task Large_values_pause_a_partition_by_their_bytes()
    {
        _world.Kafka.CreateTopic(Topic, 1);
        string padding = new('x', 50_000);
        Send(0, ["no json", .. Enumerable.Range(1, 90).Select(i => Event(i, padding))]);
        KafkaTickSource source = EmbeddedWorld.Source(
            await _world.Path.StartConsumerAsync("--Consumer:QueueBytesMax=524288", "--Consumer:BatchRecordsMax=20"));
        await Wait.UntilAsync(
            () => Task.FromResult(source.PausedPartitions == 1 && Assert.Single(source.Processors).Inbox.Waiting is >= 1 and <= 20),
            "the partition is paused");
        Release();
        await RadarPath.BacklogAppliedAsync(_world.Api);

        Assert.Equal(90, await _world.Path.CountAsync());
    }

    [Fact]
    public async Task Processor_that_waits_for_a_dead_letter_reports_it_until_it_continues()
    {
        _world.Kafka.CreateTopic(Topic, 1);
        Send(0, ["no json"]);
        var consumer = await _world.Path.StartConsumerAsync();
        HealthReportEntry waits = default;
        await Wait.UntilAsync(
            async () => (waits = await PartitionsAsync(consumer)).Description!.Contains(
                "s for the dead-letter topic", StringComparison.Ordinal),
            "the processor says what it waits for");
        Assert.Equal(HealthStatus.Degraded, waits.Status);
        await Wait.UntilAsync(async () => await PartitionsAsync(consumer) is { Status: HealthStatus.Unhealthy }, "it lasts too long");
        Release();
        await Wait.UntilAsync(
            async () => await PartitionsAsync(consumer) is { Status: HealthStatus.Healthy }, "the processor goes on");
    }

    private static string Event(int i, string padding = "") => $$"""{"symbol":"S","price":{{i}},"timestamp":{{i}},"x":"{{padding}}"}""";

    private static async Task<HealthReportEntry> PartitionsAsync(WebApplication consumer) =>
        (await consumer.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["lanes"];

    private void Release() => LeaderlessPartition.Find(_world.Kafka, DeadLetterTopic, 0);

    private void Send(int partition, IEnumerable<string> values)
    {
        using var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = _world.Kafka.BootstrapServers, EnableIdempotence = true })
            .SetLogHandler((_, _) => { }).Build();
        foreach (string value in values)
            producer.Produce(new TopicPartition(Topic, partition), new Message<string, string> { Key = "S", Value = value });
        producer.Flush(Wait.Limit);
    }
}
