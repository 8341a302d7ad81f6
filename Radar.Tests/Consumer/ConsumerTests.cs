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

public sealed partial class ConsumerTests : IAsyncLifetime
{
    private const string Topic = EmbeddedWorld.Topic;
    private readonly EmbeddedWorld _world = new(partitions: 4);

    public Task InitializeAsync() => _world.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    /// <summary>
    /// librdkafka goes to the end after all where it gets another offset to start from while it still asks where the end is.
    /// </summary>
    [RequiresFact(Need.SlowBroker)]
    public async Task Records_that_arrive_while_a_consumer_starts_are_all_applied_though_the_broker_is_slow_to_report_the_end()
    {
        // the end of each partition; the API may ask for one beside
        SlowBroker.DelayNextListOffsets(_world.Kafka, requests: 4, delayMs: 1500);
        WebApplication consumer = await _world.Path.StartConsumerAsync();
        var partitions = EmbeddedWorld.Source(consumer);
        await Wait.UntilAsync(() => Task.FromResult(partitions.Processors.Count == 4), "partitions are assigned");
        using var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = _world.Kafka.BootstrapServers, LingerMs = 1 }).Build();
        const int Records = 1200; // each acknowledged before the next: past the 500 ms after which librdkafka asks again
        for (int i = 0; i < Records; i++)
        {
            string symbol = $"S{i % 16}";
            await producer.ProduceAsync(
                Topic, new Message<string, string> { Key = symbol, Value = $$"""{"symbol":"{{symbol}}","price":1,"timestamp":{{i}}}""" });
        }

        await RadarPath.BacklogAppliedAsync(_world.Api);

        int applied = 0;
        for (int i = 0; i < 16; i++)
            applied += (await RadarPath.AllAsync(_world.Api, $"/api/v2/trades/S{i}?limit=1000", "trades")).Count;
        Assert.Equal(Records, applied);
    }

    [Fact]
    public async Task Epoch_that_is_served_is_named_again_after_a_flush()
    {
        await _world.Path.Redis.GetDatabase().StringSetAsync(RedisKeys.ActiveEpoch, "2");
        await _world.Path.StartConsumerAsync();
        await _world.Path.SendAsync(("BTC", """{"symbol":"BTC","price":1,"timestamp":1}"""));
        await Wait.UntilAsync(async () => await _world.Path.CountAsync() == 1, "the tick is applied");
        await _world.Path.Redis.GetDatabase().ExecuteAsync("FLUSHALL");
        await _world.Path.SendAsync(("BTC", """{"symbol":"BTC","price":2,"timestamp":2}"""));
        await Wait.UntilAsync(async () => await _world.Path.CountAsync() == 2, "the state is rebuilt");

        Assert.Equal("2", await _world.Path.Redis.GetDatabase().StringGetAsync(RedisKeys.ActiveEpoch));
    }

    [Fact]
    public async Task Small_queues_and_batches_lose_nothing()
    {
        await _world.Path.ProduceAsync(
            "--Producer:Synthetic:Count=15000", "--Producer:Synthetic:Rate=0", "--Producer:TracesPerSymbolPerSecond=0");
        await _world.Path.StartConsumerAsync(
            "--Consumer:QueueRecordsMax=100", "--Consumer:BatchRecordsMax=7", "--Consumer:BatchSymbolsMax=2");
        await RadarPath.BacklogAppliedAsync(_world.Api);

        Assert.Equal(15_000, await _world.Path.CountAsync());
    }

    [Fact]
    public async Task State_after_a_flush_of_Redis_in_mid_stream_is_the_state_of_a_consumer_that_saw_no_flush()
    {
        var running = _world.Path.ProduceAsync("--Producer:Synthetic:Count=3000", "--Producer:Synthetic:Rate=3000");
        await _world.Path.StartConsumerAsync();
        await Wait.UntilAsync(async () => await _world.Path.CountAsync() > 1000, "1000 ticks are applied");
        await _world.Path.Redis.GetDatabase().ExecuteAsync("FLUSHALL");
        await running;
        // to every partition, were all of the first taken in before
        await _world.Path.ProduceAsync("--Producer:Synthetic:Count=3000", "--Producer:Synthetic:Rate=0");
        await RadarPath.BacklogAppliedAsync(_world.Api);

        Assert.Equal(6_000, await _world.Path.CountAsync());
        await AssertSameAsAFreshConsumerAsync();
    }

    [Fact]
    public async Task State_that_Redis_loses_after_the_last_record_is_rebuilt()
    {
        await _world.Path.ProduceAsync("--Producer:Synthetic:Count=3000", "--Producer:Synthetic:Rate=0");
        await _world.Path.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(_world.Api);
        await _world.Path.Redis.GetDatabase().ExecuteAsync("FLUSHALL");
        await Wait.UntilAsync(async () => await _world.Path.CountAsync() == 3_000, "everything is back");
        await RadarPath.BacklogAppliedAsync(_world.Api);

        await AssertSameAsAFreshConsumerAsync();
    }

    [Fact]
    public async Task Consumers_that_come_and_go_have_the_effect_of_one()
    {
        string[] half = ["--Producer:Synthetic:Count=20000", "--Producer:Synthetic:Rate=4000"];
        var running = _world.Path.ProduceAsync(half);
        var first = await _world.Path.StartConsumerAsync();
        await Wait.UntilAsync(async () => await _world.Path.CountAsync() > 1000, "the first consumer works");
        var second = await _world.Path.StartConsumerAsync();
        await Wait.UntilAsync(
            () => Task.FromResult(EmbeddedWorld.Source(first).Processors.Count > 0 && EmbeddedWorld.Source(second).Processors.Count > 0),
            "both share the partitions");
        long shared = await _world.Path.CountAsync();
        var runningOn = _world.Path.ProduceAsync(half); // the first half may be over by now
        await Wait.UntilAsync(async () => await _world.Path.CountAsync() > shared + 1000, "both work");
        await _world.Path.StopAsync(first);
        await running;
        await runningOn;
        await RadarPath.BacklogAppliedAsync(_world.Api);

        Assert.Equal(40_000, await _world.Path.CountAsync());
        await AssertSameAsAFreshConsumerAsync();
    }

    [Fact]
    public async Task Partition_of_a_recreated_topic_stops_with_an_actionable_message()
    {
        await _world.Path.SendAsync(("BTC", """{"symbol":"BTC","price":1,"timestamp":1}"""));
        var before = await _world.Path.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(_world.Api);
        await _world.Path.StopAsync(before);
        string state = await RedisDump.OfAsync(_world.Path.Redis, "radar:{*");

        var consumer = await _world.Path.StartConsumerAsync("--Kafka:TopicIdentity=recreated", "--Kafka:ConsumerGroup=recreated");

        string sentence = await BlockedAsync(
            consumer, "Topic market-ticks was recreated: the state is of the one with id test, and now it is recreated.");
        Assert.Contains("stop the consumers and build the state again (docs/operations.md", sentence, StringComparison.Ordinal);
        Assert.Equal(state, await RedisDump.OfAsync(_world.Path.Redis, "radar:{*"));
    }

    [Theory]
    [InlineData("--Projection:TradesRetained=10")]
    [InlineData("--Projection:Days1Min=1")]
    [InlineData("--Consumer:FutureToleranceSeconds=1")]
    public async Task Consumer_with_other_settings_than_the_state_was_built_with_changes_nothing_and_reports_it(string setting)
    {
        await _world.Path.SendAsync(("BTC", """{"symbol":"BTC","price":1,"timestamp":1}"""));
        var before = await _world.Path.StartConsumerAsync("--Projection:SymbolsMax=100");
        await RadarPath.BacklogAppliedAsync(_world.Api);
        await _world.Path.StopAsync(before);
        string state = await RedisDump.OfAsync(_world.Path.Redis, "radar:{*");

        var consumer = await _world.Path.StartConsumerAsync(setting);

        await BlockedAsync(
            consumer,
            "The state was built with other settings (trades=1000 days=7,30,90,365,3650 future_s=300) than this consumer has (trades=");
        Assert.Equal(state, await RedisDump.OfAsync(_world.Path.Redis, "radar:{*"));
        await _world.Path.StopAsync(consumer);
        await _world.Path.SendAsync(("BTC", """{"symbol":"BTC","price":2,"timestamp":2}"""));
        await _world.Path.StartConsumerAsync("--Projection:SymbolsMax=1000"); // a limit may be raised
        await RadarPath.BacklogAppliedAsync(_world.Api);
    }

    [Fact]
    public async Task Partition_whose_state_is_ahead_of_its_topic_stops_with_an_actionable_message()
    {
        var keys = new RedisKeys(RedisKeys.FirstEpoch, 2);
        await _world.Path.Redis.GetDatabase().HashSetAsync(
            keys.Position, [new("offset", 77), new("identity", "market-ticks test 4"), new("record_ms", 0)]);

        var consumer = await _world.Path.StartConsumerAsync();

        await BlockedAsync(consumer, "Partition 2 of 1", "before offset 77, but the topic ends at 0");
        var mark = Assert.Single(IntegrityMarks.Read(await _world.Path.Redis.GetDatabase().HashGetAsync(keys.Position, "incomplete")));
        Assert.Equal((IntegrityMarks.Truncation, 0, 77), (mark.Reason, mark.From, mark.To));
    }

    /// <summary>What unhealthy partitions say, once the sentences are among it: there may be a passing trouble before.</summary>
    private static async Task<string> BlockedAsync(WebApplication consumer, params string[] sentences)
    {
        string description = "";
        await Wait.UntilAsync(
            async () =>
            {
                var partitions = (await consumer.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["lanes"];
                description = partitions.Description!;
                return partitions.Status == HealthStatus.Unhealthy && Array.TrueForAll(
                    sentences, sentence => description.Contains(sentence, StringComparison.Ordinal));
            },
            $"the partitions say '{string.Join("' and '", sentences)}'");
        return description;
    }

    private async Task AssertSameAsAFreshConsumerAsync()
    {
        using var fresh = EmbeddedRedis.Start();
        await using var again = new RadarPath(
            _world.Kafka, fresh.Address, Topic, "--Kafka:TopicIdentity=test", "--Kafka:ConsumerGroup=fresh");
        using HttpClient api = await again.StartApiAsync();
        await again.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(api);
        Assert.Equal(await RedisDump.OfAsync(again.Redis, "radar:{*"), await RedisDump.OfAsync(_world.Path.Redis, "radar:{*"));
    }
}
