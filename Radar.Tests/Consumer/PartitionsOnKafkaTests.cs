using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer;

/// <summary>
/// Partitions whose topic changes under them, whose dead letters the broker refuses, or that the group refuses, on a real broker.
/// </summary>
[Collection(OnApacheKafka.Name)]
public sealed class PartitionsOnKafkaTests(KafkaHome apache)
{
    [RequiresFact(Need.KafkaHome)]
    public async Task Dead_letter_larger_than_a_megabyte_arrives_complete_where_the_broker_accepts_it()
    {
        const string Topic = "large-letters";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, Topic);
        await CreateAsync(Topic, 1, ("max.message.bytes", "4000000"));
        await CreateAsync(Topic + ".dlq", 1, ("max.message.bytes", "4000000"));
        using HttpClient api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        string large = new('x', 2_000_000);
        Send(Topic, 0, [Event(1), large, Event(2)]);
        await RadarPath.BacklogAppliedAsync(api);

        Assert.Equal([1, 2], await TradesAsync(api));
        var deadLetter = Assert.Single(DeadLetters(Topic + ".dlq", 1));
        Assert.Equal(("too_large", large), (deadLetter.Header("radar.reason"), deadLetter.ValueText));
        Assert.Null(deadLetter.Header("radar.left_out"));
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Dead_letter_that_the_broker_finds_too_large_names_what_it_omits_and_blocks_nothing()
    {
        const string Topic = "refused-letters";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, Topic);
        await CreateAsync(Topic, 1);
        await CreateAsync(Topic + ".dlq", 1, ("max.message.bytes", "1000"));
        using HttpClient api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        Send(Topic, 0, [Event(1), new string('x', 3_000), Event(2)]);
        Send(Topic, 0, new string('k', 3_000), [Event(3)]);
        await RadarPath.BacklogAppliedAsync(api);

        Assert.Equal([1, 2], await TradesAsync(api));
        // sent again one by one, in any order
        var deadLetters = DeadLetters(Topic + ".dlq", 2).OrderBy(deadLetter => deadLetter.Header("radar.offset"));
        Assert.Equal(
            [("S", null, "bad_json", "1", "value"), (null, null, "key_mismatch", "3", "key, value and headers")],
            deadLetters.Select(deadLetter => (
                deadLetter.KeyText, deadLetter.ValueText, deadLetter.Header("radar.reason"), deadLetter.Header("radar.offset"),
                deadLetter.Header("radar.left_out"))));
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Dead_letter_that_is_too_large_without_any_part_blocks_its_partition_until_the_topic_accepts_it()
    {
        const string Topic = "narrow-letters";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, Topic);
        await CreateAsync(Topic, 1);
        await CreateAsync(Topic + ".dlq", 1, ("max.message.bytes", "100"));
        using HttpClient api = await path.StartApiAsync();
        var consumer = await path.StartConsumerAsync();
        Send(Topic, 0, [Event(1), "no json", Event(2)]);

        string sentence = await PartitionsHealth.StoppedAsync(
            consumer, "the record at offset 1 is too large for the dead-letter topic narrow-letters.dlq");
        Assert.Contains("Raise the topic's max.message.bytes.", sentence, StringComparison.Ordinal);
        Assert.Equal(0, await path.CountAsync());
        using (IAdminClient admin = Admin())
        {
            await admin.IncrementalAlterConfigsAsync(new()
            {
                [new ConfigResource { Type = ResourceType.Topic, Name = Topic + ".dlq" }] =
                    [new ConfigEntry { Name = "max.message.bytes", Value = "100000", IncrementalOperation = AlterConfigOpType.Set }],
            });
        }

        await RadarPath.BacklogAppliedAsync(api);
        Assert.Equal([1, 2], await TradesAsync(api));
        var deadLetter = Assert.Single(DeadLetters(Topic + ".dlq", 1));
        Assert.Equal(
            ("no json", "1", null), (deadLetter.ValueText, deadLetter.Header("radar.offset"), deadLetter.Header("radar.left_out")));
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Topic_recreated_under_a_running_consumer_stops_its_partition_with_an_actionable_message()
    {
        const string Topic = "recreated-beneath";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(
            apache.BootstrapServers, redis.Address, Topic, "--Kafka:Client:topic.metadata.refresh.interval.ms=500");
        await CreateAsync(Topic, 1);
        using HttpClient api = await path.StartApiAsync();
        var consumer = await path.StartConsumerAsync();
        Send(Topic, 0, [Event(1)]);
        await RadarPath.BacklogAppliedAsync(api);
        using (IAdminClient admin = Admin())
            await admin.DeleteTopicsAsync([Topic]);
        await Wait.UntilAsync(() => Task.FromResult(!Exists(Topic)), "the topic is gone");
        await CreateAsync(Topic, 1);
        Send(Topic, 0, Enumerable.Range(2, 50).Select(Event));

        await BlockedAsync(consumer, partitions: 1, "Topic recreated-beneath was recreated: the state is of the one with id ");
        Assert.Equal([1], await TradesAsync(api));
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Partitions_that_are_added_stop_every_partition_with_an_actionable_message()
    {
        const string Topic = "grown";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(
            apache.BootstrapServers, redis.Address, Topic, "--Kafka:Client:topic.metadata.refresh.interval.ms=500");
        await CreateAsync(Topic, 2);
        using HttpClient api = await path.StartApiAsync();
        var consumer = await path.StartConsumerAsync();
        Send(Topic, 0, [Event(1)]);
        await RadarPath.BacklogAppliedAsync(api);
        using (IAdminClient admin = Admin())
            await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = Topic, IncreaseTo = 3 }]);

        await BlockedAsync(consumer, partitions: 3, "Topic grown had 2 partitions when the state was begun, now it has 3.");
        Assert.False(await path.Redis.GetDatabase().KeyExistsAsync(new RedisKeys(RedisKeys.FirstEpoch, 2).Position));
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Consumer_that_its_group_refuses_is_not_healthy()
    {
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, "refused-by-group");
        var consumer = await path.StartConsumerAsync("--Kafka:Client:session.timeout.ms=1000", "--Kafka:Client:heartbeat.interval.ms=300");
        await Wait.UntilAsync(
            async () => await PartitionsAsync(consumer) is { Status: HealthStatus.Unhealthy }, "the consumer is unhealthy");
    }

    private static string Event(int i) => $$"""{"symbol":"S","price":{{i}},"timestamp":{{i}}}""";

    /// <summary>Prices of all trades, in the order of their offsets and partitions.</summary>
    private static async Task<List<int>> TradesAsync(HttpClient api)
    {
        var bars = await RadarPath.AllAsync(api, "/api/v2/trades/S?limit=1000", "trades");
        return [.. bars.Select(trade => (int)(decimal)trade["p"]!)];
    }

    private static async Task<HealthReportEntry> PartitionsAsync(WebApplication consumer) =>
        (await consumer.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["lanes"];

    private static async Task BlockedAsync(WebApplication consumer, int partitions, string sentence)
    {
        string description = "";
        await Wait.UntilAsync(
            async () =>
            {
                description = (await PartitionsAsync(consumer)).Description!;
                return description.Contains($" of {partitions} that do not advance", StringComparison.Ordinal) && description.Contains(
                    sentence, StringComparison.Ordinal);
            },
            $"{partitions} partitions say '{sentence}'");
    }

    private List<DeadLetterRecord> DeadLetters(string topic, int count) => DeadLetterRecord.Read(apache.BootstrapServers, topic, count);

    private void Send(string topic, int partition, IEnumerable<string> values) => Send(topic, partition, "S", values);

    private void Send(string topic, int partition, string key, IEnumerable<string> values)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = apache.BootstrapServers, EnableIdempotence = true, MessageMaxBytes = 10_000_000,
        }).SetLogHandler((_, _) => { }).Build();
        foreach (string value in values)
            producer.Produce(new TopicPartition(topic, partition), new Message<string, string> { Key = key, Value = value });
        producer.Flush(Wait.Limit);
    }

    private IAdminClient Admin() =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = apache.BootstrapServers }).SetLogHandler((_, _) => { }).Build();

    private bool Exists(string topic)
    {
        using IAdminClient admin = Admin();
        return admin.GetMetadata(Wait.Limit).Topics.Exists(found => found.Topic == topic && found.Error.Code == ErrorCode.NoError);
    }

    private async Task CreateAsync(string topic, int partitions, params (string Name, string Value)[] configs)
    {
        using IAdminClient admin = Admin();
        await admin.CreateTopicsAsync(
        [
            new TopicSpecification { Name = topic, NumPartitions = partitions, Configs = configs.ToDictionary(
                pair => pair.Name, pair => pair.Value) },
        ]);
    }
}
