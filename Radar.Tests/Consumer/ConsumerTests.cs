using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Consumer.Partitions;
using Radar.Consumer.Polling;
using Radar.Market;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Consumer;

public sealed class ConsumerTests : IAsyncLifetime
{
    private const string Topic = "market-ticks";
    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly RadarPath _path;
    private HttpClient _api = null!;

    public ConsumerTests()
    {
        _kafka.CreateTopic(Topic, 4);
        _kafka.CreateTopic(Topic + ".dlq", 1);
        _path = new RadarPath(_kafka, _redis.Address, Topic, "--Kafka:TopicIdentity=test");
    }

    public async Task InitializeAsync() => _api = await _path.StartApiAsync();

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _path.DisposeAsync();
        _redis.Dispose();
        _kafka.Dispose();
    }

    /// <summary>librdkafka goes to the end after all where it is told to go elsewhere while it still asks where the end is.</summary>
    [SkippableFact]
    public async Task Records_that_arrive_while_a_consumer_starts_are_all_applied_though_the_broker_is_slow_to_tell_the_end()
    {
        Skip.If(SlowBroker.Missing is not null, SlowBroker.Missing);
        SlowBroker.DelayNextListOffsets(_kafka, requests: 4, delayMs: 1500); // the end of each partition; the API may ask for one beside
        WebApplication consumer = await _path.StartConsumerAsync();
        var lanes = consumer.Services.GetRequiredService<KafkaTickSource>();
        await RadarPath.UntilAsync(() => Task.FromResult(lanes.Processors.Count == 4), "partitions are assigned");
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _kafka.BootstrapServers }).Build();
        const int Records = 1200; // one a millisecond, past the 500 ms after which librdkafka asks again
        for (int i = 0; i < Records; i++)
        {
            string symbol = $"S{i % 16}";
            producer.Produce(Topic, new Message<string, string> { Key = symbol, Value = $$"""{"symbol":"{{symbol}}","price":1,"timestamp":{{i}}}""" });
            await Task.Delay(1);
        }

        producer.Flush(RadarPath.Patience);
        await RadarPath.TakenInAsync(_api);

        int applied = 0;
        for (int i = 0; i < 16; i++)
            applied += (await RadarPath.AllAsync(_api, $"/api/v2/trades/S{i}?limit=1000", "trades")).Count;
        Assert.Equal(Records, applied);
    }

    [Fact]
    public async Task Refused_records_go_to_the_dead_letters_with_reason_and_coordinates_and_the_rest_is_served()
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        (string? Key, string? Value, string? Reason)[] records =
        [
            ("BTC", $$"""{"symbol":"BTC","price":1.5,"timestamp":{{now}}}""", null),
            ("BTC", "no json", "bad_json"),
            ("BTC", null, "bad_json"),
            (null, $$"""{"symbol":"BTC","price":1,"timestamp":{{now}}}""", "key_mismatch"),
            ("ETH", $$"""{"symbol":"BTC","price":1,"timestamp":{{now}}}""", "key_mismatch"),
            ("BTC", $$"""{"price":1,"timestamp":{{now}}}""", "missing_symbol"),
            ("BTC", $$"""{"symbol":"BTC","timestamp":{{now}}}""", "missing_price"),
            ("BTC", """{"symbol":"BTC","price":1}""", "missing_timestamp"),
            ("BTC", $$"""{"symbol":"B TC","price":1,"timestamp":{{now}}}""", "bad_symbol"),
            ("BTC", $$"""{"symbol":"BTC","price":0,"timestamp":{{now}}}""", "bad_price"),
            ("BTC", $$"""{"symbol":"BTC","price":NaN,"timestamp":{{now}}}""", "bad_json"),
            ("BTC", $$"""{"symbol":"BTC","price":1e400,"timestamp":{{now}}}""", "bad_price"),
            ("BTC", $$"""{"symbol":"BTC","price":1,"size":-1,"timestamp":{{now}}}""", "bad_size"),
            ("BTC", $$"""{"symbol":"BTC","price":1,"side":"long","timestamp":{{now}}}""", "bad_side"),
            ("BTC", $$"""{"symbol":"BTC","price":1,"timestamp":{{now + 600_000}}}""", "in_future"),
            ("BTC", $$"""{"symbol":"BTC","price":1e21,"timestamp":{{now}}}""", "out_of_range"),
            ("BTC", $$"""{"symbol":"BTC","price":1,"timestamp":{{now}},"x":"{{new string('x', 65_536)}}"}""", "too_large"),
            ("BTC", $$"""{"symbol":"btc","price":"2.50","timestamp":{{now + 1}},"unknown":[1,{}]}""", null),
        ];
        await _path.StartConsumerAsync();
        await _path.SendAsync([.. records.Select(record => (record.Key, record.Value))]);
        await RadarPath.TakenInAsync(_api);

        var refused = records.Where(record => record.Reason is not null).ToList();
        var letters = DeadLetters(refused.Count);
        Assert.Equal(
            refused.Select(record => (record.Key, record.Value, record.Reason)).Order(),
            letters.Select(letter => (letter.Key, letter.Value, (string?)Header(letter, "radar.reason"))).Order());
        Assert.All(letters, letter => Assert.Equal(Topic, Header(letter, "radar.topic")));
        Assert.Equal(refused.Count, letters.Select(letter => (Header(letter, "radar.partition"), Header(letter, "radar.offset"))).Distinct().Count());
        Assert.Equal(2, (await RadarPath.AllAsync(_api, "/api/v2/trades/BTC?limit=1000", "trades")).Count);
        Assert.Equal($$"""{"symbol":"BTC","price":2.5,"timestamp":{{now + 1}}}""", await _api.GetStringAsync(new Uri("/api/v1/ticker/BTC", UriKind.Relative)));
    }

    [Fact]
    public async Task Refused_records_fill_a_batch_as_others_do()
    {
        await _path.SendAsync([.. Enumerable.Repeat(((string?)"BTC", (string?)"no json"), 200)]);
        var sizes = new ConcurrentBag<int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "radar.consumer.batch.size")
                    listener.EnableMeasurementEvents(instrument, instrument.Meter.Scope);
            },
        };
        IMeterFactory? own = null;
        listener.SetMeasurementEventCallback<int>((_, size, _, scope) =>
        {
            if (ReferenceEquals(scope, own))
                sizes.Add(size);
        });
        listener.Start();
        var consumer = _path.BuildConsumer("--Consumer:BatchRecordsMax=7");
        own = consumer.Services.GetRequiredService<IMeterFactory>();
        await consumer.StartAsync();
        await RadarPath.TakenInAsync(_api);
        await RadarPath.UntilAsync(() => Task.FromResult(sizes.Sum() == 200), "all batches are counted");

        Assert.InRange(sizes.Max(), 1, 7);
        DeadLetters(200);
    }

    [Fact]
    public async Task Dead_letters_wait_for_a_producer_whose_queue_is_full()
    {
        await _path.SendAsync([.. Enumerable.Repeat(((string?)"BTC", (string?)"no json"), 300)]);
        await _path.StartConsumerAsync("--Kafka:Client:queue.buffering.max.messages=5");
        await RadarPath.TakenInAsync(_api);

        DeadLetters(300); // each once
    }

    [Fact]
    public async Task Records_without_a_timestamp_are_held_against_the_clock()
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        using (var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _kafka.BootstrapServers }).Build())
        {
            foreach (long time in new[] { now, now + 3_600_000 })
            {
                await producer.ProduceAsync(Topic, new Message<string, string>
                {
                    Key = "BTC", Value = $$"""{"symbol":"BTC","price":1,"timestamp":{{time}}}""", Timestamp = new Timestamp(-1, TimestampType.CreateTime),
                });
            }
        }

        await _path.StartConsumerAsync();
        await RadarPath.TakenInAsync(_api);

        Assert.Equal("in_future", Header(Assert.Single(DeadLetters(1)), "radar.reason"));
        Assert.Equal(1, await _path.CountAsync());
    }

    [Fact]
    public async Task Epoch_that_is_served_is_named_again_after_a_flush()
    {
        await _path.Redis.GetDatabase().StringSetAsync(RedisKeys.ActiveEpoch, "2");
        await _path.StartConsumerAsync();
        await _path.SendAsync(("BTC", """{"symbol":"BTC","price":1,"timestamp":1}"""));
        await RadarPath.UntilAsync(async () => await _path.CountAsync() == 1, "the tick is applied");
        await _path.Redis.GetDatabase().ExecuteAsync("FLUSHALL");
        await _path.SendAsync(("BTC", """{"symbol":"BTC","price":2,"timestamp":2}"""));
        await RadarPath.UntilAsync(async () => await _path.CountAsync() == 2, "the state is rebuilt");

        Assert.Equal("2", await _path.Redis.GetDatabase().StringGetAsync(RedisKeys.ActiveEpoch));
    }

    [Fact]
    public async Task Small_queues_and_batches_lose_nothing()
    {
        await _path.ProduceAsync("--Producer:Synthetic:Count=15000", "--Producer:Synthetic:Rate=0", "--Producer:TracesPerSymbolPerSecond=0");
        await _path.StartConsumerAsync("--Consumer:QueueRecordsMax=100", "--Consumer:BatchRecordsMax=7", "--Consumer:BatchSymbolsMax=2");
        await RadarPath.TakenInAsync(_api);

        Assert.Equal(15_000, await _path.CountAsync());
    }

    [Fact]
    public async Task State_after_a_flush_of_Redis_in_mid_stream_is_the_state_of_a_consumer_that_saw_no_flush()
    {
        var running = _path.ProduceAsync("--Producer:Synthetic:Count=3000", "--Producer:Synthetic:Rate=3000");
        await _path.StartConsumerAsync();
        await RadarPath.UntilAsync(async () => await _path.CountAsync() > 1000, "1000 ticks are applied");
        await _path.Redis.GetDatabase().ExecuteAsync("FLUSHALL");
        await running;
        await _path.ProduceAsync("--Producer:Synthetic:Count=3000", "--Producer:Synthetic:Rate=0"); // to every partition, were all of the first taken in before
        await RadarPath.TakenInAsync(_api);

        Assert.Equal(6_000, await _path.CountAsync());
        await AssertSameAsAFreshConsumerAsync();
    }

    [Fact]
    public async Task State_that_Redis_loses_after_the_last_record_is_rebuilt()
    {
        await _path.ProduceAsync("--Producer:Synthetic:Count=3000", "--Producer:Synthetic:Rate=0");
        await _path.StartConsumerAsync();
        await RadarPath.TakenInAsync(_api);
        await _path.Redis.GetDatabase().ExecuteAsync("FLUSHALL");
        await RadarPath.UntilAsync(async () => await _path.CountAsync() == 3_000, "everything is back");
        await RadarPath.TakenInAsync(_api);

        await AssertSameAsAFreshConsumerAsync();
    }

    [Fact]
    public async Task Consumers_that_come_and_go_have_the_effect_of_one()
    {
        string[] half = ["--Producer:Synthetic:Count=20000", "--Producer:Synthetic:Rate=4000"];
        var running = _path.ProduceAsync(half);
        var first = await _path.StartConsumerAsync();
        await RadarPath.UntilAsync(async () => await _path.CountAsync() > 1000, "the first consumer works");
        var second = await _path.StartConsumerAsync();
        await RadarPath.UntilAsync(() => Task.FromResult(Source(first).Processors.Count > 0 && Source(second).Processors.Count > 0), "both share the partitions");
        long shared = await _path.CountAsync();
        var runningOn = _path.ProduceAsync(half); // the first half may be over by now
        await RadarPath.UntilAsync(async () => await _path.CountAsync() > shared + 1000, "both work");
        await _path.StopAsync(first);
        await running;
        await runningOn;
        await RadarPath.TakenInAsync(_api);

        Assert.Equal(40_000, await _path.CountAsync());
        await AssertSameAsAFreshConsumerAsync();
    }

    [Fact]
    public async Task Partition_of_a_recreated_topic_stops_with_an_actionable_message()
    {
        await _path.SendAsync(("BTC", """{"symbol":"BTC","price":1,"timestamp":1}"""));
        var before = await _path.StartConsumerAsync();
        await RadarPath.TakenInAsync(_api);
        await _path.StopAsync(before);
        string state = await RedisDump.OfAsync(_path.Redis, "radar:{*");

        var consumer = await _path.StartConsumerAsync("--Kafka:TopicIdentity=recreated", "--Kafka:ConsumerGroup=recreated");

        string sentence = await BlockedAsync(consumer, "Topic market-ticks was recreated: the state is of the one with id test, and now it is recreated.");
        Assert.Contains("stop the consumers, then delete the keys radar:*", sentence, StringComparison.Ordinal);
        Assert.Equal(state, await RedisDump.OfAsync(_path.Redis, "radar:{*"));
    }

    [Theory]
    [InlineData("--Projection:TradesRetained=10")]
    [InlineData("--Projection:Days1Min=1")]
    [InlineData("--Consumer:FutureToleranceSeconds=1")]
    public async Task Consumer_with_other_settings_than_the_state_was_built_with_changes_nothing_and_says_so(string setting)
    {
        await _path.SendAsync(("BTC", """{"symbol":"BTC","price":1,"timestamp":1}"""));
        var before = await _path.StartConsumerAsync("--Projection:SymbolsMax=100");
        await RadarPath.TakenInAsync(_api);
        await _path.StopAsync(before);
        string state = await RedisDump.OfAsync(_path.Redis, "radar:{*");

        var consumer = await _path.StartConsumerAsync(setting);

        await BlockedAsync(
            consumer, "The state was built with other settings (trades=1000 days=7,30,90,365,3650 future_s=300) than this consumer has (trades=");
        Assert.Equal(state, await RedisDump.OfAsync(_path.Redis, "radar:{*"));
        await _path.StopAsync(consumer);
        await _path.SendAsync(("BTC", """{"symbol":"BTC","price":2,"timestamp":2}"""));
        await _path.StartConsumerAsync("--Projection:SymbolsMax=1000"); // a limit may be raised
        await RadarPath.TakenInAsync(_api);
    }

    [Fact]
    public async Task Partition_whose_state_is_ahead_of_its_topic_stops_with_an_actionable_message()
    {
        var keys = new RedisKeys(RedisKeys.FirstEpoch, 2);
        await _path.Redis.GetDatabase().HashSetAsync(keys.Position, [new("offset", 77), new("identity", "market-ticks test 4"), new("record_ms", 0)]);

        var consumer = await _path.StartConsumerAsync();

        await BlockedAsync(consumer, "Partition 2 of 1", "before offset 77, but the topic ends at 0");
        var mark = Assert.Single(IntegrityMarks.Read(await _path.Redis.GetDatabase().HashGetAsync(keys.Position, "incomplete")));
        Assert.Equal((IntegrityMarks.Truncation, 0, 77), (mark.Reason, mark.From, mark.To));
    }

    /// <summary>What unhealthy lanes say, once the sentences are among it: there may be a passing trouble before.</summary>
    private static async Task<string> BlockedAsync(WebApplication consumer, params string[] sentences)
    {
        string told = "";
        await RadarPath.UntilAsync(
            async () =>
            {
                var lanes = (await consumer.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["lanes"];
                told = lanes.Description!;
                return lanes.Status == HealthStatus.Unhealthy && Array.TrueForAll(sentences, sentence => told.Contains(sentence, StringComparison.Ordinal));
            },
            $"the lanes say '{string.Join("' and '", sentences)}'");
        return told;
    }

    private async Task AssertSameAsAFreshConsumerAsync()
    {
        using var fresh = EmbeddedRedis.Start();
        await using var again = new RadarPath(_kafka, fresh.Address, Topic, "--Kafka:TopicIdentity=test", "--Kafka:ConsumerGroup=fresh");
        using HttpClient api = await again.StartApiAsync();
        await again.StartConsumerAsync();
        await RadarPath.TakenInAsync(api);
        Assert.Equal(await RedisDump.OfAsync(again.Redis, "radar:{*"), await RedisDump.OfAsync(_path.Redis, "radar:{*"));
    }

    private List<Message<string?, string?>> DeadLetters(int count)
    {
        using var consumer = new ConsumerBuilder<string?, string?>(new ConsumerConfig
        {
            BootstrapServers = _kafka.BootstrapServers, GroupId = "dead-letters", AutoOffsetReset = AutoOffsetReset.Earliest,
        }).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(Topic + ".dlq", 0, Offset.Beginning));
        var letters = new List<Message<string?, string?>>();
        using var timeout = new CancellationTokenSource(RadarPath.Patience);
        while (letters.Count < count)
            letters.Add(consumer.Consume(timeout.Token).Message);
        Assert.Null(consumer.Consume(TimeSpan.FromMilliseconds(300)));
        return letters;
    }

    private static KafkaTickSource Source(WebApplication consumer) => consumer.Services.GetRequiredService<KafkaTickSource>();

    private static string Header(Message<string?, string?> letter, string name) => Encoding.UTF8.GetString(letter.Headers.GetLastBytes(name));
}
