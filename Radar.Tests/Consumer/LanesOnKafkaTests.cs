using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Consumer;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer;

/// <summary>Lanes that are held up, moved, or whose topic changes under them, on a real broker.</summary>
[Collection(OnApacheKafka.Name)]
public sealed class LanesOnKafkaTests(KafkaHome apache)
{
    private static readonly string[] SmallQueues = ["--Consumer:QueueRecordsMax=100", "--Consumer:BatchRecordsMax=50"];

    [RequiresKafkaHomeFact]
    public async Task Partition_that_was_paused_when_it_left_is_read_when_it_comes_back()
    {
        const string Topic = "paused-moves";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, Topic, [.. SmallQueues, "--Consumer:HandOverSeconds=0"]);
        await CreateAsync(Topic, 2);
        await CreateHeldAsync(Topic + ".dlq");
        using HttpClient api = await path.StartApiAsync();
        for (int partition = 0; partition < 2; partition++)
            Send(Topic, partition, ["no json", .. Enumerable.Range(1, 2_000).Select(Event)]);
        KafkaTickSource staying = Source(await path.StartConsumerAsync());
        await RadarPath.UntilAsync(() => Task.FromResult(staying.PausedPartitions == 2), "both partitions are paused");

        var passing = await path.StartConsumerAsync();
        await RadarPath.UntilAsync(() => Task.FromResult(Source(passing).Lanes.Count == 1), "one partition has moved");
        await path.StopAsync(passing);
        await RadarPath.UntilAsync(() => Task.FromResult(staying.Lanes.Count == 2), "it has come back");
        await ReleaseAsync(Topic + ".dlq");
        await RadarPath.TakenInAsync(api);

        Assert.Equal(4_000, await path.CountAsync());
    }

    [RequiresKafkaHomeFact]
    public async Task Records_that_the_topic_drops_ahead_of_a_slow_lane_are_passed_over()
    {
        const string Topic = "dropped-ahead";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, Topic, SmallQueues);
        await CreateAsync(Topic, 1);
        await CreateHeldAsync(Topic + ".dlq");
        using HttpClient api = await path.StartApiAsync();
        Send(Topic, 0, ["no json", .. Enumerable.Range(1, 1_000).Select(Event)]);
        KafkaTickSource source = Source(await path.StartConsumerAsync());
        await RadarPath.UntilAsync(() => Task.FromResult(source.PausedPartitions == 1), "the partition is paused");
        using (IAdminClient admin = Admin())
            await admin.DeleteRecordsAsync([new TopicPartitionOffset(Topic, 0, 990)]);
        await ReleaseAsync(Topic + ".dlq");
        await RadarPath.TakenInAsync(api);
        Send(Topic, 0, [Event(1_001)]);
        await RadarPath.TakenInAsync(api);

        var trades = await TradesAsync(api);
        Assert.InRange(trades.Count, 100, 500);
        Assert.Equal(Enumerable.Range(990, 12), trades[^12..]);
    }

    [RequiresKafkaHomeFact]
    public async Task Letter_larger_than_a_megabyte_arrives_whole_where_the_broker_takes_it()
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
        await RadarPath.TakenInAsync(api);

        Assert.Equal([1, 2], await TradesAsync(api));
        var letter = Assert.Single(Letters(Topic + ".dlq", 1));
        Assert.Equal(("too_large", large), (Header(letter, "radar.reason"), letter.Value));
        Assert.Null(Header(letter, "radar.left_out"));
    }

    [RequiresKafkaHomeFact]
    public async Task Letter_that_the_broker_finds_too_large_says_what_it_left_out_and_holds_nothing_up()
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
        await RadarPath.TakenInAsync(api);

        Assert.Equal([1, 2], await TradesAsync(api));
        var letters = Letters(Topic + ".dlq", 2);
        Assert.Equal(
            [("S", null, "bad_json", "1", "value"), (null, null, "key_mismatch", "3", "key, value and headers")],
            letters.Select(letter => (
                letter.Key, letter.Value, Header(letter, "radar.reason"), Header(letter, "radar.offset"), Header(letter, "radar.left_out"))));
    }

    [RequiresKafkaHomeFact]
    public async Task Topic_made_anew_under_a_running_lane_stops_it_with_a_sentence_to_act_on()
    {
        const string Topic = "anew-beneath";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(
            apache.BootstrapServers, redis.Address, Topic, "--Kafka:Client:topic.metadata.refresh.interval.ms=500");
        await CreateAsync(Topic, 1);
        using HttpClient api = await path.StartApiAsync();
        var consumer = await path.StartConsumerAsync();
        Send(Topic, 0, [Event(1)]);
        await RadarPath.TakenInAsync(api);
        using (IAdminClient admin = Admin())
            await admin.DeleteTopicsAsync([Topic]);
        await RadarPath.UntilAsync(() => Task.FromResult(!Exists(Topic)), "the topic is gone");
        await CreateAsync(Topic, 1);
        Send(Topic, 0, Enumerable.Range(2, 50).Select(Event));

        await TroubledAsync(consumer, lanes: 1, "Redis holds the state of topic 'anew-beneath");
        Assert.Equal([1], await TradesAsync(api));
    }

    [RequiresKafkaHomeFact]
    public async Task Partitions_that_are_added_stop_every_lane_with_a_sentence_to_act_on()
    {
        const string Topic = "grown";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(
            apache.BootstrapServers, redis.Address, Topic, "--Kafka:Client:topic.metadata.refresh.interval.ms=500");
        await CreateAsync(Topic, 2);
        using HttpClient api = await path.StartApiAsync();
        var consumer = await path.StartConsumerAsync();
        Send(Topic, 0, [Event(1)]);
        await RadarPath.TakenInAsync(api);
        using (IAdminClient admin = Admin())
            await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = Topic, IncreaseTo = 3 }]);

        await TroubledAsync(consumer, lanes: 3, "but Kafka has 'grown");
        Assert.False(await path.Redis.GetDatabase().KeyExistsAsync(new RedisKeys(RedisKeys.FirstEpoch, 2).Position));
    }

    [RequiresKafkaHomeFact]
    public async Task Large_values_pause_a_partition_by_their_bytes()
    {
        const string Topic = "large-values";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, Topic, "--Consumer:QueueBytesMax=1048576");
        await CreateAsync(Topic, 1);
        await CreateHeldAsync(Topic + ".dlq");
        using HttpClient api = await path.StartApiAsync();
        string padding = new('x', 50_000);
        Send(Topic, 0, ["no json", .. Enumerable.Range(1, 400).Select(i => $$"""{"symbol":"S","price":{{i}},"timestamp":{{i}},"x":"{{padding}}"}""")]);
        KafkaTickSource source = Source(await path.StartConsumerAsync("--Consumer:BatchRecordsMax=50"));
        await RadarPath.UntilAsync(() => Task.FromResult(source.PausedPartitions == 1), "the partition is paused");
        Assert.InRange(Assert.Single(source.Lanes).Inbox.Waiting, 1, 50);
        await ReleaseAsync(Topic + ".dlq");
        await RadarPath.TakenInAsync(api);

        Assert.Equal(400, await path.CountAsync());
    }

    [RequiresKafkaHomeFact]
    public async Task Lane_that_waits_for_a_dead_letter_says_so_until_it_goes_on()
    {
        const string Topic = "waiting-letters";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, Topic);
        await CreateAsync(Topic, 1);
        await CreateHeldAsync(Topic + ".dlq");
        var consumer = await path.StartConsumerAsync();
        Send(Topic, 0, ["no json"]);
        await TroubledAsync(consumer, lanes: 1, "s for the dead-letter topic");
        await ReleaseAsync(Topic + ".dlq");
        await RadarPath.UntilAsync(async () => await LanesAsync(consumer) is { Status: HealthStatus.Healthy }, "the lane goes on");
    }

    [RequiresKafkaHomeFact]
    public async Task Consumer_that_its_group_refuses_is_not_healthy()
    {
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, "refused-by-group");
        var consumer = await path.StartConsumerAsync("--Kafka:Client:session.timeout.ms=1000", "--Kafka:Client:heartbeat.interval.ms=300");
        await RadarPath.UntilAsync(async () => await LanesAsync(consumer) is { Status: HealthStatus.Unhealthy }, "the consumer is unhealthy");
    }

    private static string Event(int i) => $$"""{"symbol":"S","price":{{i}},"timestamp":{{i}}}""";

    private static KafkaTickSource Source(WebApplication consumer) => consumer.Services.GetRequiredService<KafkaTickSource>();

    /// <summary>Prices of all trades, in the order of their offsets and partitions.</summary>
    private static async Task<List<int>> TradesAsync(HttpClient api)
    {
        var bars = await RadarPath.AllAsync(api, "/api/v2/trades/S?limit=1000", "trades");
        return [.. bars.Select(trade => (int)(decimal)trade["p"]!)];
    }

    private static async Task<HealthReportEntry> LanesAsync(WebApplication consumer) =>
        (await consumer.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["lanes"];

    private static async Task TroubledAsync(WebApplication consumer, int lanes, string sentence)
    {
        string told = "";
        await RadarPath.UntilAsync(
            async () =>
            {
                told = (await LanesAsync(consumer)).Description!;
                return told.Contains($" of {lanes} that do not advance", StringComparison.Ordinal) && told.Contains(sentence, StringComparison.Ordinal);
            },
            $"{lanes} lanes say '{sentence}'");
    }

    private static string? Header(Message<string?, string?> letter, string name) =>
        letter.Headers.TryGetLastBytes(name, out byte[] value) ? Encoding.UTF8.GetString(value) : null;

    private List<Message<string?, string?>> Letters(string topic, int count)
    {
        using var consumer = new ConsumerBuilder<string?, string?>(new ConsumerConfig { BootstrapServers = apache.BootstrapServers, GroupId = "letters" })
            .SetLogHandler((_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var letters = new List<Message<string?, string?>>();
        using var patience = new CancellationTokenSource(RadarPath.Patience);
        while (letters.Count < count)
            letters.Add(consumer.Consume(patience.Token).Message);
        return letters;
    }

    private void Send(string topic, int partition, IEnumerable<string> values) => Send(topic, partition, "S", values);

    private void Send(string topic, int partition, string key, IEnumerable<string> values)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = apache.BootstrapServers, EnableIdempotence = true, MessageMaxBytes = 10_000_000,
        }).SetLogHandler((_, _) => { }).Build();
        foreach (string value in values)
            producer.Produce(new TopicPartition(topic, partition), new Message<string, string> { Key = key, Value = value });
        producer.Flush(RadarPath.Patience);
    }

    private IAdminClient Admin() =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = apache.BootstrapServers }).SetLogHandler((_, _) => { }).Build();

    private bool Exists(string topic)
    {
        using IAdminClient admin = Admin();
        return admin.GetMetadata(RadarPath.Patience).Topics.Exists(found => found.Topic == topic && found.Error.Code == ErrorCode.NoError);
    }

    private async Task CreateAsync(string topic, int partitions, params (string Name, string Value)[] configs)
    {
        using IAdminClient admin = Admin();
        await admin.CreateTopicsAsync(
        [
            new TopicSpecification { Name = topic, NumPartitions = partitions, Configs = configs.ToDictionary(pair => pair.Name, pair => pair.Value) },
        ]);
    }

    /// <summary>A topic that acknowledges nothing until it is released: it wants more replicas than there are.</summary>
    private Task CreateHeldAsync(string topic) => CreateAsync(topic, 1, ("min.insync.replicas", "2"));

    private async Task ReleaseAsync(string topic)
    {
        using IAdminClient admin = Admin();
        await admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [new ConfigResource { Type = ResourceType.Topic, Name = topic }] =
                [new ConfigEntry { Name = "min.insync.replicas", Value = "1", IncrementalOperation = AlterConfigOpType.Set }],
        });
    }
}
