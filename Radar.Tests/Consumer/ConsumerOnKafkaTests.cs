using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Radar.Market;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Consumer;

/// <summary>What only a real broker, a real Redis and real processes can show.</summary>
[Collection(OnApacheKafka.Name)]
public sealed class ConsumerOnKafkaTests(KafkaHome apache)
{
    [RequiresFact(Need.KafkaHome, Need.RedisServer)]
    public async Task Killed_consumers_and_a_killed_Redis_leave_the_state_of_an_undisturbed_run()
    {
        await using var redis = await RedisServer.StartAsync(appendOnly: true);
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, "crashes");
        using HttpClient api = await path.StartApiAsync();
        string[] arguments =
        [
            $"--ConnectionStrings:kafka={apache.BootstrapServers}", $"--ConnectionStrings:redis={PatientRedis.Of(redis.Address)}",
            "--Kafka:Topic=crashes",
            "--Kafka:Client:session.timeout.ms=6000", "--Consumer:BatchRecordsMax=50", "--urls=http://127.0.0.1:0",
        ];

        long reached = 0;
        for (int crash = 0; crash < 3; crash++)
        {
            var producing = ProduceAsync();
            using var consumer = new ServiceProcess("Radar.Consumer", arguments);
            await UntilAppliedAsync(path, reached + 4_000, $"consumer {crash} advances; {consumer.Output}");
            consumer.Kill();
            reached = await AppliedAsync(path);
            await producing;
        }

        var last = ProduceAsync();
        await path.StartConsumerAsync("--Consumer:BatchRecordsMax=50");
        await UntilAppliedAsync(path, reached + 4_000, "the last consumer advances");
        redis.Kill();
        await redis.RestartAsync();
        await last;
        await RadarPath.BacklogAppliedAsync(api);

        await AssertUndisturbedAsync(path, "crashes", 60_000);

        // As much for each consumer: of a single stream a slow one might leave its successor nothing to advance by.
        Task ProduceAsync() => path.ProduceAsync(
            "--Producer:Synthetic:Count=15000", "--Producer:Synthetic:Rate=6000", "--Producer:Synthetic:SymbolCount=50");
    }

    [RequiresFact(Need.KafkaHome, Need.Signals)]
    public async Task Consumer_that_stood_still_while_another_took_over_changes_nothing_when_it_wakes()
    {
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, "zombie", "--Kafka:Client:session.timeout.ms=6000");
        using HttpClient api = await path.StartApiAsync();
        string[] half = ["--Producer:Synthetic:Count=30000", "--Producer:Synthetic:Rate=0", "--Producer:Synthetic:SymbolCount=50"];
        await path.ProduceAsync(half);
        using var zombie = new ServiceProcess(
            "Radar.Consumer",
            $"--ConnectionStrings:kafka={apache.BootstrapServers}", $"--ConnectionStrings:redis={PatientRedis.Of(redis.Address)}",
            "--Kafka:Topic=zombie",
            "--Kafka:Client:session.timeout.ms=6000", "--Consumer:BatchRecordsMax=20", "--urls=http://127.0.0.1:0");
        await UntilAppliedAsync(path, 1_000, $"the first consumer advances; {zombie.Output}");
        zombie.Signal("STOP");
        Assert.InRange(await AppliedAsync(path), 1_000, 30_000);
        await path.ProduceAsync(half);
        await path.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(api);
        zombie.Signal("CONT");

        // What it still writes is fenced off, unless its partitions are revoked first; then that is the last of it.
        await Wait.UntilAsync(
            () => Task.FromResult(zombie.Output.Contains("Handed over 12 partitions", StringComparison.Ordinal)),
            "the zombie has stopped its partitions");

        await AssertUndisturbedAsync(path, "zombie", 60_000);
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Aborted_transactions_are_not_applied_and_markers_do_not_count_as_lag()
    {
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, "transactions");
        using HttpClient api = await path.StartApiAsync();
        await path.StartConsumerAsync("--Kafka:Partitions=1");
        await RadarPath.BacklogAppliedAsync(api);
        using (var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = apache.BootstrapServers, TransactionalId = "t" }).Build())
        {
            producer.InitTransactions(Wait.Limit);
            foreach (var (price, commit) in new[] { (1, true), (2, false), (3, true), (4, false) })
            {
                producer.BeginTransaction();
                producer.Produce(
                    "transactions", new Message<string,
                    string> { Key = "BTC", Value = $$"""{"symbol":"BTC","price":{{price}},"timestamp":{{price}}}""" });
                producer.Flush(Wait.Limit); // an unsent record would leave no trace of the abort
                if (commit)
                    producer.CommitTransaction();
                else
                    producer.AbortTransaction();
            }
        }

        await RadarPath.BacklogAppliedAsync(api);

        var trades = await RadarPath.AllAsync(api, "/api/v2/trades/BTC?limit=10", "trades");
        Assert.Equal([1m, 3m], trades.Select(trade => (decimal)trade["p"]!));
        var lag = await RadarPath.GetAsync(api, "/api/v2/lag");
        Assert.Equal(8, (long)lag["partitions"]![0]!["end"]!);
        Assert.Equal(8, (long)lag["partitions"]![0]!["position"]!);
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Records_that_the_topic_dropped_before_they_were_applied_do_not_stop_the_partition()
    {
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, "dropped");
        using HttpClient api = await path.StartApiAsync();
        var consumer = await path.StartConsumerAsync("--Kafka:Partitions=1");
        await path.SendAsync(("BTC", """{"symbol":"BTC","price":1,"timestamp":1}"""));
        await RadarPath.BacklogAppliedAsync(api);
        await path.StopAsync(consumer);

        await path.SendAsync(
            [.. Enumerable.Range(2, 8).Select(i => ((string?)"BTC", (string?)$$"""{"symbol":"BTC","price":{{i}},"timestamp":{{i}}}"""))]);
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = apache.BootstrapServers }).Build())
            await admin.DeleteRecordsAsync([new TopicPartitionOffset("dropped", 0, 7)]);
        await path.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(api);

        var trades = await RadarPath.AllAsync(api, "/api/v2/trades/BTC?limit=10", "trades");
        Assert.Equal([1m, 8m, 9m], trades.Select(trade => (decimal)trade["p"]!));
    }

    [RequiresFact(Need.KafkaHome, Need.PythonKafka)]
    public async Task Plain_Python_producer_beside_ours_is_served_like_ours()
    {
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, "python");
        using HttpClient api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        await path.ProduceAsync("--Producer:Synthetic:Count=500", "--Producer:Synthetic:Rate=0");
        const string Script = """
            import json, sys, time
            from confluent_kafka import Producer
            producer = Producer({"bootstrap.servers": sys.argv[1]})
            for i in range(100):
                symbol = ["AAPL", "MSFT", "TSLA"][i % 3]
                event = {"symbol": symbol, "price": round(100 + i * 0.25, 2), "timestamp": int(time.time() * 1000)}
                producer.produce(sys.argv[2], key=symbol, value=json.dumps(event))
            producer.flush()
            """;
        using (var python = Process.Start(Requirement.Python, ["-c", Script, apache.BootstrapServers, "python"]))
        {
            await python.WaitForExitAsync().WaitAsync(Wait.Limit);
            Assert.Equal(0, python.ExitCode);
        }

        await RadarPath.BacklogAppliedAsync(api);

        Assert.Equal(124.75m, (decimal)(await RadarPath.GetAsync(api, "/api/v1/ticker/aapl"))["price"]!);
        var history = (await RadarPath.GetAsync(api, "/api/v1/history/MSFT"))["history"]!.AsArray();
        Assert.Equal(33, history.Count);
        Assert.Equal(124.25m, (decimal)(history[^1]!["p"])!);
        Assert.Equal(60, (await RadarPath.GetAsync(api, "/api/v1/history/BTCUSDT"))["history"]!.AsArray().Count);
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Sampled_tick_is_one_trace_from_send_over_process_to_the_write()
    {
        var spans = new System.Collections.Concurrent.ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is TelemetryNames.Producer or TelemetryNames.Consumer,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, "traced");
        using HttpClient api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        await path.ProduceAsync("--Producer:Synthetic:Count=20", "--Producer:Synthetic:Rate=0", "--Producer:TracesPerSymbolPerSecond=1000");
        await RadarPath.BacklogAppliedAsync(api);
        await Wait.UntilAsync(
            () => Task.FromResult(spans.Count(span => span.OperationName == "process traced") == 20), "the spans have ended");

        var sends = spans.Where(span => span.OperationName == "send traced").ToList();
        Assert.Equal(20, sends.Count);
        foreach (Activity send in sends)
        {
            var process = Assert.Single(spans, span => span.OperationName == "process traced" && span.ParentSpanId == send.SpanId);
            Assert.Equal(ActivityKind.Consumer, process.Kind);
            Assert.Equal(send.TraceId, process.TraceId);
            Assert.Equal(
                send.GetTagItem(TelemetryNames.KafkaOffset)?.ToString(), process.GetTagItem(TelemetryNames.KafkaOffset)?.ToString());
            var write = Assert.Single(spans, span => span.ParentSpanId == process.SpanId);
            Assert.Equal((ActivityKind.Client, "redis"), (write.Kind, write.GetTagItem("db.system.name")));
            Assert.True(write.StartTimeUtc >= process.StartTimeUtc.AddMilliseconds(-1) && write.Duration <= process.Duration);
        }
    }

    /// <summary>Another consumer, which nothing happens to, ends in the same bytes.</summary>
    private async Task AssertUndisturbedAsync(RadarPath path, string topic, int records)
    {
        using var undisturbed = EmbeddedRedis.Start();
        await using var again = new RadarPath(apache.BootstrapServers, undisturbed.Address, topic, "--Kafka:ConsumerGroup=undisturbed");
        using HttpClient api = await again.StartApiAsync();
        await again.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(api);
        Assert.Equal(records, await AppliedAsync(again));
        RedisDump.AssertSame(
            await RedisDump.OfAsync(again.Redis, "radar:{*"),
            await RedisDump.OfAsync(path.Redis, "radar:{*"),
            "The state differs from that of an undisturbed run.");
    }

    private static Task UntilAppliedAsync(RadarPath path, long moreThan, string what) => Wait.UntilAsync(
        async () =>
        {
            try
            {
                return await AppliedAsync(path) > moreThan;
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                return false;
            }
        },
        what);

    /// <summary>Sum of the positions.</summary>
    private static async Task<long> AppliedAsync(RadarPath path)
    {
        long applied = 0;
        foreach (RedisKey key in path.Redis.GetServers()[0].Keys(pattern: "radar:{*}:position"))
            applied += long.Parse((await path.Redis.GetDatabase().HashGetAsync(key, "offset")).ToString(), CultureInfo.InvariantCulture);
        return applied;
    }
}
