using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Radar.Market;
using Radar.Producer;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer;

/// <summary>The whole producer on the embedded broker.</summary>
public sealed class KafkaTickSinkTests
{
    [Fact]
    public async Task Every_tick_arrives_once_and_in_order_per_symbol()
    {
        await using var kafka = new ProducerHost();
        var host = kafka.Build("Producer:Synthetic:Rate=0", "Producer:Synthetic:Count=20000", "Producer:Synthetic:SymbolCount=64");

        await host.StartAsync();
        var arrived = await kafka.ConsumeAsync(20_000);
        await host.StopAsync();

        Assert.Equal(20_000, ProducerHost.Metrics(host).Acknowledged);
        Assert.Equal(0, ProducerHost.Metrics(host).Failed);
        foreach (var symbol in arrived.GroupBy(record => record.Tick.Symbol))
        {
            Assert.Single(symbol.Select(record => record.Partition).Distinct());
            Assert.Equal(Enumerable.Range(1, symbol.Count()).Select(i => (long?)i), symbol.Select(record => record.Tick.TradeId.Number));
        }
    }

    [Fact]
    public async Task One_hot_symbol_at_full_speed_is_held_back_and_loses_nothing()
    {
        // About 15 MB for one partition that keeps 5.
        const int Count = 100_000;
        await using var kafka = new ProducerHost();
        var host = kafka.Build(
            "Producer:Synthetic:Rate=0", $"Producer:Synthetic:Count={Count}", "Producer:Synthetic:Symbols:0=HOT",
            "Producer:UnconsumedBytesMax=3000000", "Producer:Compression=none");

        await host.StartAsync();
        await Wait.UntilAsync(() => ProducerHost.Metrics(host).Acknowledged > 5_000, "the first ticks are acknowledged");
        var arrived = await kafka.ConsumeAsync(Count);
        await host.StopAsync();

        Assert.Equal(Enumerable.Range(0, Count).Select(i => (long)i), arrived.Select(record => record.Offset));
        Assert.Equal(Enumerable.Range(1, Count).Select(i => (long?)i), arrived.Select(record => record.Tick.TradeId.Number));
        Assert.True(ProducerHost.Metrics(host).HeldBackMs > 0, "nothing was held back");
    }

    [Fact]
    public async Task Backlog_that_another_producer_left_counts_as_unconsumed()
    {
        await using var kafka = new ProducerHost(partitions: 1);
        string[] settings =
        [
            "Producer:Synthetic:Rate=0", "Producer:Synthetic:Count=4000", "Producer:UnconsumedBytesMax=2000000",
            "Producer:Compression=none",
        ];
        var first = kafka.Build(settings);
        await first.StartAsync();
        await Wait.UntilAsync(() => ProducerHost.Metrics(first).Acknowledged == 4_000, "the backlog is there");
        await first.StopAsync();

        var second = kafka.Build(settings).Services.GetRequiredService<Backpressure>();
        await second.OpenAsync(1, default);
        Assert.Equal((2_000_000 / (140 + 160)) - 4_000, second.Credit(inFlight: 0, bytes: 140));

        await kafka.ConsumeAsync(3_000);
        await Wait.UntilAsync(
            async () =>
            {
                await second.WaitAsync(() => second.Credit(0, 140), default); // asks the broker once, which may be too slow for an answer
                return second.Credit(0, 140) == (2_000_000 / (140 + 160)) - 1_000;
            },
            "what was consumed counts");
        Assert.Equal((2_000_000 / (140 + 160)) - 1_000 - 500, second.Credit(inFlight: 500, 140));
    }

    [Fact]
    public async Task Coordinator_that_refuses_for_a_while_is_asked_again()
    {
        await using var kafka = new ProducerHost(partitions: 2);
        var backpressure = kafka.Build("Producer:UnconsumedBytesMax=2000000").Services.GetRequiredService<Backpressure>();
        SlowBroker.RefuseNextOffsetFetches(
            kafka.Kafka, ErrorCode.GroupLoadInProgress, ErrorCode.GroupCoordinatorNotAvailable, ErrorCode.NotCoordinatorForGroup);

        await backpressure.OpenAsync(2, default);
        await backpressure.WaitAsync(() => backpressure.Credit(0, 140), default);

        Assert.Equal(2_000_000 / (140 + 160), backpressure.Credit(0, 140));
    }

    [Fact]
    public async Task Stop_waits_for_the_last_acknowledgement()
    {
        await using var kafka = new ProducerHost();
        var host = kafka.Build("Producer:Synthetic:Rate=0", "Producer:LingerMs=500", "Producer:UnconsumedBytesMax=2000000");

        await host.StartAsync();
        await Wait.UntilAsync(() => ProducerHost.Metrics(host).Bytes > 0, "ticks are on their way");
        await host.StopAsync();

        long acknowledged = ProducerHost.Metrics(host).Acknowledged;
        var arrived = await kafka.ConsumeAsync((int)acknowledged);
        Assert.All(
            arrived.GroupBy(record => record.Tick.Symbol),
            symbol => Assert.Equal(Enumerable.Range(1, symbol.Count()).Select(i => (long?)i),
                symbol.Select(record => record.Tick.TradeId.Number)));
    }

    [Fact]
    public async Task Traced_ticks_carry_the_span_that_their_acknowledgement_ended()
    {
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetryNames.Producer,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var kafka = new ProducerHost();
        var host = kafka.Build("Producer:Synthetic:Rate=0", "Producer:Synthetic:Count=50", "Producer:TracesPerSymbolPerSecond=1000",
            "Producer:Synthetic:Symbols:0=TRACED");

        await host.StartAsync();
        var arrived = await kafka.ConsumeAsync(50);
        await host.StopAsync();

        var sent = spans.Where(span => Equals(span.GetTagItem(TelemetryNames.KafkaMessageKey), "TRACED")).ToDictionary(span => span.Id!);
        Assert.Equal(50, sent.Count);
        Assert.All(arrived, record =>
        {
            var span = sent[record.TraceParent!];
            Assert.Equal(("send market-ticks", ActivityKind.Producer, (string?)null), (span.OperationName, span.Kind, span.ParentId));
            Assert.Equal(record.Offset, span.GetTagItem(TelemetryNames.KafkaOffset));
            Assert.Equal($"{record.Partition}", span.GetTagItem(TelemetryNames.DestinationPartition));
        });
        Assert.Equal(50, sent.Values.Select(span => span.TraceId).Distinct().Count());
    }

    [Fact]
    public async Task Untraced_ticks_carry_no_header()
    {
        await using var kafka = new ProducerHost();
        var host = kafka.Build("Producer:Synthetic:Rate=0", "Producer:Synthetic:Count=500", "Producer:TracesPerSymbolPerSecond=0");

        await host.StartAsync();
        var arrived = await kafka.ConsumeAsync(500);

        Assert.All(arrived, record => Assert.Null(record.TraceParent));
    }

    [Fact]
    public async Task Source_none_sends_nothing_and_is_healthy()
    {
        await using var kafka = new ProducerHost();
        var host = kafka.Build("Producer:Source=none");

        await host.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(host.Urls.First()) };
        var health = await http.GetAsync(new Uri("/health", UriKind.Relative));
        await host.StopAsync();

        Assert.True(health.IsSuccessStatusCode);
        Assert.Equal(0, ProducerHost.Metrics(host).Bytes);
    }
}
