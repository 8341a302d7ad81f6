using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Radar.Market;
using Radar.ServiceDefaults;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Topics;

/// <summary>What only a broker with transactions can show.</summary>
[Collection(OnApacheKafkaOfSources.Name)]
public sealed partial class TopicOnKafkaTests(KafkaHome apache)
{
    [RequiresFact(Need.KafkaHome)]
    public async Task Records_become_ticks_and_what_cannot_goes_to_the_dead_letters_as_it_came()
    {
        await using var run = new TopicRun(apache.BootstrapServers, "topic-mapped");
        var host = await run.StartAsync();
        await run.CreateSourceAsync(2); // the producer waits for it
        run.Send(
        [
            ("k", Event(1), null), (null, Event(2), null), ("t", null, null), ("j", "not json", new Headers { { "own", "x"u8.ToArray() } }),
            ("p", """{"symbol":"A","timestamp":1}""", null),
        ]);
        await run.DoneAsync();

        Assert.Equal([1, 2], run.Ticks().Select(tick => tick.TradeId.Number!.Value).Order());
        var letters = run.Read(run.DeadLetters).ToDictionary(record => Encoding.UTF8.GetString(record.Message.Key!));
        Assert.Equal(["j", "p", "t"], letters.Keys.Order());
        Assert.Equal(
            [("j", "bad_json"), ("p", "missing_price"), ("t", "no_value")],
            letters.OrderBy(pair => pair.Key).Select(pair => (pair.Key, TopicRun.Header(pair.Value, "radar.reason")!)));
        Assert.Null(letters["t"].Message.Value);
        Assert.Equal("not json", Encoding.UTF8.GetString(letters["j"].Message.Value!));
        Assert.Equal("x", TopicRun.Header(letters["j"], "own"));
        var source = run.Read(run.Source).Single(record => record.Message.Key is [(byte)'j']);
        Assert.Equal(
            (
                run.Source, source.Partition.Value.ToString(CultureInfo.InvariantCulture),
                source.Offset.Value.ToString(CultureInfo.InvariantCulture)),
            (TopicRun.Header(letters["j"], "radar.topic"), TopicRun.Header(
                letters["j"], "radar.partition"), TopicRun.Header(letters["j"], "radar.offset")));
        Assert.Equal((5, 3), (TopicRun.Metrics(host).Records, TopicRun.Metrics(host).Refused));
        Assert.Equal(2, ProducerHost.Metrics(host).Acknowledged);
    }

    /// <summary>
    /// The crash comes in an open transaction. One that is being decided, or is too old when the broker starts, may stay undecided for
    /// ever where there is only one broker: Kafka 4.3 takes partitions that have no leader yet for deleted ones and leaves them out.
    /// </summary>
    [RequiresFact(Need.KafkaHome)]
    public async Task Broker_that_crashes_and_comes_back_has_every_record_once()
    {
        int sent = 0;
        await using var broker = await ApacheKafka.StartAsync(Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!);
        await using var run = new TopicRun(broker.BootstrapServers, "topic-broker");
        await run.CreateSourceAsync(3);
        var host = await run.StartAsync("--Producer:Topic:BatchRecordsMax=1000", "--Producer:Topic:BatchMs=3000");
        Send(2_000); // two transactions
        await run.DoneAsync();
        // Again and again: one is open for 3 s, in which a busy machine may not come to look.
        await Wait.UntilAsync(() => Send(100).HasUndecidedAsync(), "another is open");
        broker.Kill();
        await broker.RestartAsync();
        Send(500);
        await run.DoneAsync();

        AssertOnce(run, sent);
        await Wait.UntilAsync(() => TopicRun.UnhealthyReason(host) is null, "it is healthy");

        TopicRun Send(int count)
        {
            run.Send(Enumerable.Range(sent, count).Select(
                i => ((string?)null, (string?)(i % 100 == 99 ? $"bad {i}" : Event(i)), (Headers?)null)));
            sent += count;
            return run;
        }
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Letter_that_the_broker_finds_too_large_goes_without_its_value_and_holds_nothing_up()
    {
        await using var run = new TopicRun(apache.BootstrapServers, "topic-large");
        await run.CreateSourceAsync(1);
        await run.CreateAsync(run.DeadLetters, 1, ("max.message.bytes", "1000"));
        var host = await run.StartAsync();
        byte[] incompressible = new byte[3_000];
        new Random(1).NextBytes(incompressible);
        run.Send(Event(1), "small", Convert.ToBase64String(incompressible), Event(2));
        await run.DoneAsync();

        Assert.Equal([1, 2], run.Ticks().Select(tick => tick.TradeId.Number!.Value).Order());
        var letters = run.Read(run.DeadLetters).ToDictionary(letter => TopicRun.Header(letter, "radar.offset")!);
        Assert.Equal(["1", "2"], letters.Keys.Order());
        // it was in the batch that was refused, and is not too large itself
        Assert.Equal("small", Encoding.UTF8.GetString(letters["1"].Message.Value!));
        Assert.Null(TopicRun.Header(letters["1"], "radar.left_out"));
        Assert.Null(letters["2"].Message.Value);
        Assert.Equal(
            ("bad_json", "value"), (TopicRun.Header(letters["2"], "radar.reason"), TopicRun.Header(letters["2"], "radar.left_out")));
        Assert.True(TopicRun.Metrics(host).Aborted > 0);
        Assert.Equal((4, 2), (TopicRun.Metrics(host).Records, TopicRun.Metrics(host).Refused)); // what was aborted does not count
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Ticks_that_the_broker_never_takes_are_the_unhealthy_reason_until_it_does()
    {
        await using var run = new TopicRun(apache.BootstrapServers, "topic-narrow");
        await run.CreateSourceAsync(1);
        await run.CreateAsync(run.Ours, 1, ("max.message.bytes", "10"));
        var host = await run.StartAsync();
        run.Send(Event(1));

        await Wait.UntilAsync(
            () => TopicRun.Metrics(host).Aborted > 0
                && TopicRun.UnhealthyReason(host)?.Contains("too large", StringComparison.OrdinalIgnoreCase) == true,
            "it is unhealthy since they are too large");
        using (var admin = run.Admin())
        {
            await admin.IncrementalAlterConfigsAsync(new()
            {
                [new ConfigResource { Type = ResourceType.Topic, Name = run.Ours }] =
                    [new ConfigEntry { Name = "max.message.bytes", Value = "100000", IncrementalOperation = AlterConfigOpType.Set }],
            });
        }

        await run.DoneAsync();
        await Wait.UntilAsync(() => Task.FromResult(TopicRun.UnhealthyReason(host) is null), "it is healthy");
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Source_that_is_gone_is_the_unhealthy_reason_until_it_is_back()
    {
        await using var run = new TopicRun(apache.BootstrapServers, "topic-gone");
        await run.CreateSourceAsync(1);
        var host = await run.StartAsync(
            "--Kafka:Client:topic.metadata.refresh.interval.ms=500", "--Kafka:Client:topic.metadata.propagation.max.ms=500");
        run.Send(Event(1));
        await run.DoneAsync();
        await Wait.UntilAsync(() => TopicRun.UnhealthyReason(host) is null, "it is healthy before");
        using (var admin = run.Admin())
            await admin.DeleteTopicsAsync([run.Source]);

        await Wait.UntilAsync(() => Task.FromResult(TopicRun.UnhealthyReason(host) is not null), "it is unhealthy");
        await run.CreateSourceAsync(1);
        run.Send(Event(2));

        await Wait.UntilAsync(
            () => Task.FromResult(TopicRun.Metrics(host).Records == 2 && TopicRun.UnhealthyReason(host) is null), "it is healthy");
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Aborted_records_of_the_source_are_not_read()
    {
        await using var run = new TopicRun(apache.BootstrapServers, "topic-source-aborted");
        await run.CreateSourceAsync(1);
        using (var producer = new ProducerBuilder<Null, string>(
            new ProducerConfig { BootstrapServers = apache.BootstrapServers, TransactionalId = run.Source }).Build())
        {
            producer.InitTransactions(Wait.Limit);
            foreach (int i in new[] { 1, 2, 3 })
            {
                producer.BeginTransaction();
                producer.Produce(run.Source, new Message<Null, string> { Value = Event(i) });
                producer.Flush(Wait.Limit);
                if (i == 2)
                    producer.AbortTransaction();
                else
                    producer.CommitTransaction();
            }
        }

        var host = await run.StartAsync();
        await Wait.UntilAsync(() => Task.FromResult(TopicRun.Metrics(host).Records == 2), "both are read");
        await run.StopAsync(host);

        Assert.Equal([1, 3], run.Ticks().Select(tick => tick.TradeId.Number!.Value).Order());
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Start_at_the_latest_holds_though_the_process_ends_before_its_first_record()
    {
        await using var run = new TopicRun(apache.BootstrapServers, "topic-latest");
        await run.CreateSourceAsync(1);
        run.Send(Event(1), Event(2));
        var first = await run.StartAsync("--Producer:Topic:Start=latest");
        await Wait.UntilAsync(async () => await run.UnreadAsync() == 0, "the start is committed");
        await run.StopAsync(first);
        run.Send(Event(3));
        await run.StartAsync("--Producer:Topic:Start=latest");
        await run.DoneAsync();

        Assert.Equal([3], run.Ticks().Select(tick => tick.TradeId.Number!.Value));
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Records_that_the_source_dropped_are_passed_over()
    {
        await using var run = new TopicRun(apache.BootstrapServers, "topic-dropped");
        await run.CreateSourceAsync(1);
        run.Send(Event(0));
        var first = await run.StartAsync();
        await run.DoneAsync();
        await run.StopAsync(first);
        run.Send([.. Enumerable.Range(1, 9).Select(Event)]);
        using (var admin = run.Admin())
            await admin.DeleteRecordsAsync([new TopicPartitionOffset(run.Source, 0, 7)]);
        await run.StartAsync();
        await run.DoneAsync();

        Assert.Equal([0, 7, 8, 9], run.Ticks().Select(tick => tick.TradeId.Number!.Value).Order());
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Trace_of_a_record_goes_on_in_its_ticks()
    {
        const string Sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        const string Unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-00";
        var spans = new System.Collections.Concurrent.ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetryNames.Producer,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var run = new TopicRun(apache.BootstrapServers, "topic-traced");
        await run.CreateSourceAsync(1);
        run.Send(
        [
            (null, Event(1), Trace(Sampled)), (null, Event(2), Trace(Unsampled)), (null, Event(3), null),
            (null, Event(4), new Headers { { TelemetryNames.TraceParent, null } }),
        ]);
        await run.StartAsync("--Producer:TracesPerSymbolPerSecond=0");
        await run.DoneAsync();

        var headers = run.Read(run.Ours).OrderBy(record => Encoding.ASCII.GetString(record.Message.Key!))
            .Select(record => TopicRun.Header(record, TelemetryNames.TraceParent));
        var span = Assert.Single(spans, span => span.OperationName == "send topic-traced");
        Assert.Equal((Sampled[3..35], Sampled[36..52]), (span.TraceId.ToHexString(), span.ParentSpanId.ToHexString()));
        Assert.Equal([span.Id, Unsampled, null, null], headers);

        static Headers Trace(string id) => new() { { TelemetryNames.TraceParent, Encoding.ASCII.GetBytes(id) } };
    }

    [Fact]
    public async Task Broker_that_only_plays_transactions_is_noticed_before_the_first_tick()
    {
        await using var producer = new ProducerHost();
        await producer.SendAsync("orders", [.. Enumerable.Range(0, 10).Select(Event)]);
        var host = producer.Build(
            ["Producer:Source=kafka", "Producer:Topic:Name=orders", .. EmbeddedKafka.ClientSettings.Select(
                s => $"Kafka:Client:{s.Key}={s.Value}")]);
        await host.StartAsync();
        await Wait.UntilAsync(() => ServiceRunner.HasFailed(host), "the producer has stopped");

        Assert.Equal(0, TopicRun.Metrics(host).Refused);
        Assert.Equal(0, ProducerHost.Metrics(host).Acknowledged);
    }

    [Fact]
    public async Task Broker_without_transactions_ends_the_process_with_a_line_and_the_exit_code_of_wrong_configuration()
    {
        await using var kafka = new ProducerHost();
        await kafka.SendAsync("orders", Event(1));
        using var producer = new ServiceProcess(
            "Radar.Producer",
            [
                $"--ConnectionStrings:kafka={kafka.BootstrapServers}", "--urls=http://127.0.0.1:0", "--Producer:Source=kafka",
                "--Producer:Topic:Name=orders",
                .. EmbeddedKafka.ClientSettings.Select(s => $"--Kafka:Client:{s.Key}={s.Value}"),
            ]);

        Assert.Equal(ServiceRunner.ConfigurationError, await producer.ExitCodeAsync());
        Assert.Contains(
            "configuration: Producer:Source=kafka needs a broker with transactions: this one confirms them but does not keep them",
            producer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", producer.Output, StringComparison.Ordinal);
    }

    private static string Event(int i) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"symbol":"S{{i % 20}}","price":"{{i + 1}}.5","timestamp":{{1_700_000_000_000 + i}},"trade_id":{{i}}}""");

    /// <summary>Every hundredth record is bad, the others are ticks with their number as the id.</summary>
    private static void AssertOnce(TopicRun run, int count)
    {
        Assert.Equal(
            Enumerable.Range(0, count).Where(i => i % 100 != 99).Select(i => (long)i),
            run.Ticks().Select(tick => tick.TradeId.Number!.Value).Order());
        Assert.Equal(
            Enumerable.Range(0, count).Where(i => i % 100 == 99).Select(i => $"bad {i}").Order(StringComparer.Ordinal),
            run.Read(run.DeadLetters).Select(letter => Encoding.UTF8.GetString(letter.Message.Value!)).Order(StringComparer.Ordinal));
    }
}
