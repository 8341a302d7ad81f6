using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Consumer.Polling;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer;

/// <summary>Lanes that wait for a dead letter, since the partition of the letters has no leader until the test gives it one.</summary>
public sealed class WaitingPartitionsTests : IAsyncLifetime
{
    private const string Topic = "market-ticks";
    private const string Letters = Topic + ".dlq";
    private static readonly string[] SmallQueues = ["--Consumer:QueueRecordsMax=100", "--Consumer:BatchRecordsMax=50"];

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly RadarPath _path;
    private HttpClient _api = null!;

    public WaitingPartitionsTests()
    {
        _kafka.CreateTopic(Letters, 1);
        LeaderlessPartition.Lose(_kafka, Letters, 0);
        _path = new RadarPath(
            _kafka, _redis.Address, Topic,
            [
                "--Kafka:TopicIdentity=test", "--Consumer:HandOverSeconds=0",
                "--Kafka:Client:session.timeout.ms=60000", // nobody is to be put out of the group by a busy machine
            ]);
    }

    public async Task InitializeAsync() => _api = await _path.StartApiAsync();

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _path.DisposeAsync();
        _redis.Dispose();
        _kafka.Dispose();
    }

    [Fact]
    public async Task Partition_that_was_paused_when_it_left_is_read_when_it_comes_back()
    {
        _kafka.CreateTopic(Topic, 2);
        for (int partition = 0; partition < 2; partition++)
            Send(partition, ["no json", .. Enumerable.Range(1, 2_000).Select(i => Event(i))]);
        string[] settings = [.. SmallQueues, "--Kafka:Client:session.timeout.ms=4000"]; // what the group waits before it shares the partitions anew
        KafkaTickSource staying = Source(await _path.StartConsumerAsync(settings));
        await RadarPath.UntilAsync(() => Task.FromResult(staying.PausedPartitions == 2), "both partitions are paused");

        var passing = await _path.StartConsumerAsync(settings);
        await RadarPath.UntilAsync(() => Task.FromResult(staying.Processors.Count == 1 && Source(passing).Processors.Count == 1), "one partition has moved");
        await _path.StopAsync(passing);
        await RadarPath.UntilAsync(() => Task.FromResult(staying.Processors.Count == 2), "it has come back");
        Release();
        await RadarPath.TakenInAsync(_api);

        Assert.Equal(4_000, await _path.CountAsync());
    }

    /// <summary>The embedded broker keeps 5 MB of a partition.</summary>
    [Fact]
    public async Task Records_that_the_topic_drops_ahead_of_a_slow_processor_are_skipped_and_those_before_are_written()
    {
        _kafka.CreateTopic(Topic, 1);
        Send(0, ["no json", .. Enumerable.Range(1, 1_000).Select(i => Event(i))]);
        KafkaTickSource source = Source(await _path.StartConsumerAsync(SmallQueues));
        await RadarPath.UntilAsync(() => Task.FromResult(source.PausedPartitions == 1), "the partition is paused");
        string padding = new('x', 60_000);
        Send(0, Enumerable.Range(1_001, 200).Select(i => Event(i, padding)));
        Release();
        await RadarPath.TakenInAsync(_api);
        Send(0, [Event(1_201)]);
        await RadarPath.TakenInAsync(_api);

        var prices = (await RadarPath.AllAsync(_api, "/api/v2/trades/S?limit=1000", "trades")).ConvertAll(trade => (int)(decimal)trade["p"]!);
        int before = prices.TakeWhile((price, i) => price == i + 1).Count();
        Assert.InRange(before, 100, 999);
        Assert.Equal(Enumerable.Range(prices[before], 1_202 - prices[before]), prices[before..]);
        Assert.InRange(prices[before], 1_001, 1_199);
    }

    [Fact]
    public async Task Large_values_pause_a_partition_by_their_bytes()
    {
        _kafka.CreateTopic(Topic, 1);
        string padding = new('x', 50_000);
        Send(0, ["no json", .. Enumerable.Range(1, 90).Select(i => Event(i, padding))]);
        KafkaTickSource source = Source(await _path.StartConsumerAsync("--Consumer:QueueBytesMax=524288", "--Consumer:BatchRecordsMax=20"));
        await RadarPath.UntilAsync(
            () => Task.FromResult(source.PausedPartitions == 1 && Assert.Single(source.Processors).Inbox.Waiting is >= 1 and <= 20), "the partition is paused");
        Release();
        await RadarPath.TakenInAsync(_api);

        Assert.Equal(90, await _path.CountAsync());
    }

    [Fact]
    public async Task Processor_that_waits_for_a_dead_letter_reports_it_until_it_continues()
    {
        _kafka.CreateTopic(Topic, 1);
        Send(0, ["no json"]);
        var consumer = await _path.StartConsumerAsync();
        await RadarPath.UntilAsync(
            async () => (await PartitionsAsync(consumer)).Description!.Contains("s for the dead-letter topic", StringComparison.Ordinal), "the lane says what it waits for");
        Assert.Equal(HealthStatus.Degraded, (await PartitionsAsync(consumer)).Status);
        await RadarPath.UntilAsync(async () => await PartitionsAsync(consumer) is { Status: HealthStatus.Unhealthy }, "it lasts too long");
        Release();
        await RadarPath.UntilAsync(async () => await PartitionsAsync(consumer) is { Status: HealthStatus.Healthy }, "the lane goes on");
    }

    private static string Event(int i, string padding = "") => $$"""{"symbol":"S","price":{{i}},"timestamp":{{i}},"x":"{{padding}}"}""";

    private static KafkaTickSource Source(WebApplication consumer) => consumer.Services.GetRequiredService<KafkaTickSource>();

    private static async Task<HealthReportEntry> PartitionsAsync(WebApplication consumer) =>
        (await consumer.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["lanes"];

    private void Release() => LeaderlessPartition.Find(_kafka, Letters, 0);

    private void Send(int partition, IEnumerable<string> values)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _kafka.BootstrapServers, EnableIdempotence = true })
            .SetLogHandler((_, _) => { }).Build();
        foreach (string value in values)
            producer.Produce(new TopicPartition(Topic, partition), new Message<string, string> { Key = "S", Value = value });
        producer.Flush(RadarPath.Patience);
    }
}
