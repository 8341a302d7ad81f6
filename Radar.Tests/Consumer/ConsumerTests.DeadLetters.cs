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

/// <content>Records that are refused.</content>
public sealed partial class ConsumerTests
{
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
        await _world.Path.StartConsumerAsync();
        await _world.Path.SendAsync([.. records.Select(record => (record.Key, record.Value))]);
        await RadarPath.BacklogAppliedAsync(_world.Api);

        var refused = records.Where(record => record.Reason is not null).ToList();
        var deadLetters = DeadLetters(refused.Count);
        Assert.Equal(
            refused.Select(record => (record.Key, record.Value, record.Reason)).Order(),
            deadLetters.Select(deadLetter => (deadLetter.KeyText, deadLetter.ValueText, deadLetter.Header("radar.reason"))).Order());
        Assert.All(deadLetters, deadLetter => Assert.Equal(Topic, deadLetter.Header("radar.topic")));
        Assert.Equal(refused.Count, deadLetters.Select(
            deadLetter => (deadLetter.Header("radar.partition"), deadLetter.Header("radar.offset"))).Distinct().Count());
        Assert.Equal(2, (await RadarPath.AllAsync(_world.Api, "/api/v2/trades/BTC?limit=1000", "trades")).Count);
        Assert.Equal($$"""{"symbol":"BTC","price":2.5,"timestamp":{{now + 1}}}""", await _world.Api.GetStringAsync(
            new Uri("/api/v1/ticker/BTC", UriKind.Relative)));
    }

    [Fact]
    public async Task Refused_records_fill_a_batch_as_others_do()
    {
        await _world.Path.SendAsync([.. Enumerable.Repeat(((string?)"BTC", (string?)"no json"), 200)]);
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
        var consumer = _world.Path.BuildConsumer("--Consumer:BatchRecordsMax=7");
        own = consumer.Services.GetRequiredService<IMeterFactory>();
        await consumer.StartAsync();
        await RadarPath.BacklogAppliedAsync(_world.Api);
        await Wait.UntilAsync(() => Task.FromResult(sizes.Sum() == 200), "all batches are counted");

        Assert.InRange(sizes.Max(), 1, 7);
        DeadLetters(200);
    }

    [Fact]
    public async Task Dead_letters_wait_for_a_producer_whose_queue_is_full()
    {
        await _world.Path.SendAsync([.. Enumerable.Repeat(((string?)"BTC", (string?)"no json"), 300)]);
        await _world.Path.StartConsumerAsync("--Kafka:Client:queue.buffering.max.messages=5");
        await RadarPath.BacklogAppliedAsync(_world.Api);

        DeadLetters(300); // each once
    }

    [Fact]
    public async Task Records_without_a_timestamp_are_held_against_the_clock()
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        using (var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = _world.Kafka.BootstrapServers }).Build())
        {
            foreach (long time in new[] { now, now + 3_600_000 })
            {
                await producer.ProduceAsync(Topic, new Message<string, string>
                {
                    Key = "BTC", Value = $$"""{"symbol":"BTC","price":1,"timestamp":{{time}}}""",
                    Timestamp = new Timestamp(-1, TimestampType.CreateTime),
                });
            }
        }

        await _world.Path.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(_world.Api);

        Assert.Equal("in_future", Assert.Single(DeadLetters(1)).Header("radar.reason"));
        Assert.Equal(1, await _world.Path.CountAsync());
    }

    private List<DeadLetterRecord> DeadLetters(int count)
    {
        var deadLetters = _world.ReadDeadLetters(count);
        Assert.Equal(count, deadLetters.Count);
        return deadLetters;
    }
}
