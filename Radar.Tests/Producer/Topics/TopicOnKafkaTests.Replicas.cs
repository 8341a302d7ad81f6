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

/// <content>Replicas that share the source topic, and crash, stand still or lose their partitions.</content>
public sealed partial class TopicOnKafkaTests
{
    [RequiresFact(Need.KafkaHome)]
    public async Task Killed_replicas_leave_every_record_in_the_output_once()
    {
        int sent = 0;
        await using var run = new TopicRun(apache.BootstrapServers, "topic-killed");
        await run.CreateSourceAsync(6);
        string[] arguments = run.Arguments(
            "--Producer:Topic:BatchRecordsMax=200", "--Producer:Topic:TransactionTimeoutMs=1000", "--Kafka:Client:session.timeout.ms=6000",
            "--Logging:LogLevel:Radar.Producer.Topics=Information");
        using var steady = new ServiceProcess("Radar.Producer", arguments);
        for (int crash = 0; crash < 3; crash++)
        {
            using var victim = new ServiceProcess("Radar.Producer", arguments);
            await Wait.UntilAsync(
                () => Task.FromResult(Regex.IsMatch(victim.Output, "Assigned [1-9]")), $"crash {crash}; {victim.Output}{steady.Output}");
            await Wait.UntilAsync(
                async () =>
                {
                    run.Send(Enumerable.Range(sent, 10_000).Select(Record));
                    sent += 10_000;
                    long unread = await run.UnreadAsync();
                    return await run.UnreadAsync() is > 2_000 and var left && left < unread;
                },
                "the replicas are at work and not done");
            victim.Kill();
        }

        await run.DoneAsync(() => steady.Output);

        AssertOnce(run, sent);

        static (string?, string?, Headers?) Record(int i) =>
            (i % 7 == 0 ? null : $"k{i % 50}", i % 100 == 99 ? $"bad {i}" : Event(i), null);
    }

    [RequiresFact(Need.KafkaHome, Need.Signals)]
    public async Task Replica_that_stood_still_commits_nothing_that_another_has_done()
    {
        const int Count = 6_000;
        await using var run = new TopicRun(apache.BootstrapServers, "topic-zombie");
        await run.CreateSourceAsync(4);
        string[] arguments = run.Arguments(
            "--Producer:Topic:BatchRecordsMax=100000", "--Producer:Topic:BatchMs=10000", "--Producer:Topic:TransactionTimeoutMs=30000",
            "--Kafka:Client:session.timeout.ms=6000", "--Kafka:Client:heartbeat.interval.ms=1000");
        using var zombie = new ServiceProcess("Radar.Producer", arguments);
        run.Send(
            Enumerable.Range(0, Count).Select(i => ((string?)$"k{i}", (string?)(i % 100 == 99 ? $"bad {i}" : Event(i)), (Headers?)null)));

        // Its transaction is open for ten seconds: records are in our topic, undecided.
        await Wait.UntilAsync(() => Task.FromResult(run.HasOutput()), "the replica has written; " + zombie.Output);
        zombie.Signal("STOP");
        await run.StartAsync("--Kafka:Client:session.timeout.ms=6000");
        await Wait.UntilAsync(async () => await run.UnreadAsync() == 0, "the other replica has taken over");
        zombie.Signal("CONT");
        await Wait.UntilAsync(
            () => Task.FromResult(zombie.Output.Contains("aborted", StringComparison.Ordinal) || zombie.Output.Contains(
                "Lost", StringComparison.Ordinal)
                || zombie.Output.Contains("cannot go on", StringComparison.Ordinal)),
            "the zombie has noticed");
        await run.DoneAsync(() => zombie.Output);

        AssertOnce(run, Count);
    }

    [RequiresFact(Need.KafkaHome, Need.Signals)]
    public async Task Replica_that_lost_its_partitions_and_its_producer_reads_only_what_it_is_given_again()
    {
        const int Count = 4_000;
        await using var run = new TopicRun(apache.BootstrapServers, "topic-lost");
        await run.CreateSourceAsync(4);
        string[] arguments = run.Arguments(
            "--Producer:Topic:BatchRecordsMax=100000", "--Producer:Topic:BatchMs=10000", "--Producer:Topic:TransactionTimeoutMs=30000",
            "--Kafka:Client:session.timeout.ms=6000", "--Kafka:Client:heartbeat.interval.ms=1000",
            "--Logging:LogLevel:Radar.Producer.Topics=Information");
        using var zombie = new ServiceProcess("Radar.Producer", arguments);
        Send(0);

        await Wait.UntilAsync(() => Task.FromResult(run.HasOutput()), "the replica has written; " + zombie.Output);
        zombie.Signal("STOP");
        await run.StartAsync("--Kafka:Client:session.timeout.ms=6000");

        // As Kafka does when a transaction is older than its timeout; that the open one is aborted here lets the other replica go on.
        run.Fence(Regex.Match(zombie.Output, "in transactions as (.+?)\\.\\s").Groups[1].Value);
        await Wait.UntilAsync(async () => await run.UnreadAsync() == 0, "the other replica has taken over");
        zombie.Signal("CONT");
        await Wait.UntilAsync(
            () => Task.FromResult(Regex.Count(zombie.Output, "in transactions as") == 2),
            "the zombie has a new producer; " + zombie.Output);
        Send(1);
        await run.DoneAsync(() => zombie.Output);

        AssertOnce(run, 2 * Count);
        Assert.DoesNotContain("cannot be read", zombie.Output, StringComparison.Ordinal);

        void Send(int batch) => run.Send(Enumerable.Range(batch * Count, Count)
            .Select(i => ((string?)$"k{i}", (string?)(i % 100 == 99 ? $"bad {i}" : Event(i)), (Headers?)null)));
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Second_replica_of_one_instance_name_stops_the_first()
    {
        await using var run = new TopicRun(apache.BootstrapServers, "topic-instance");
        await run.CreateSourceAsync(1);
        var first = await run.StartAsync("--Producer:Topic:Instance=a");
        run.Send(Event(1));
        await run.DoneAsync();
        await run.StartAsync("--Producer:Topic:Instance=a");
        run.Send([.. Enumerable.Range(2, 100).Select(Event)]);
        await Wait.UntilAsync(
            () =>
            {
                run.Send(Event(1000));
                return Task.FromResult(ServiceRunner.HasFailed(first));
            },
            "the first has stopped");
        await run.DoneAsync();

        Assert.Equal(Enumerable.Range(1, 101).Select(i => (long)i), run.Ticks().Select(
            tick => tick.TradeId.Number!.Value).Where(i => i < 1000).Order());
    }
}
