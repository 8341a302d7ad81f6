using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Producer;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Connections;

/// <summary>A topic of two replicas on two brokers in two racks.</summary>
public sealed class KafkaReplicasTests
{
    private const string Topic = "replicated";
    private const int Count = 3_000;

    private static readonly string[] Settings =
    [
        "--Producer:Source=synthetic", "--Producer:Synthetic:PastMinutes=0", "--Kafka:Partitions=1", "--Kafka:Client:client.rack=b",
    ];

    [RequiresFact(Need.KafkaHome)]
    public async Task Ticks_wait_for_enough_replicas_in_sync_which_is_reported_and_each_is_applied_once()
    {
        string home = Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!;
        await using var first = await ApacheKafka.StartAsync(home, InRack("a"));
        await using var second = await first.AddBrokerAsync(home, 2, InRack("b"));
        await CreateAsync(first.BootstrapServers, Topic, ("min.insync.replicas", "2"));
        await CreateAsync(first.BootstrapServers, Topic + ".dlq", ("min.insync.replicas", "1"));
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(first.BootstrapServers, redis.Address, Topic, Settings);
        using var api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        await path.ProduceAsync($"--Producer:Synthetic:Count={Count}", "--Producer:Synthetic:Rate=0");
        await RadarPath.BacklogAppliedAsync(api);

        second.Kill();
        var producer = await path.StartAsync(
            ProducerService.Build, [$"--Producer:Synthetic:Count={Count}", "--Producer:Synthetic:Rate=1000"]);
        var health = producer.Services.GetRequiredService<HealthCheckService>();
        var report = await Wait.ForAsync(
            () => health.CheckHealthAsync(), static found => found.Entries["sending"].Status == HealthStatus.Degraded,
            static found => Task.FromResult("it is reported; " + found.Entries["sending"].Description));
        Assert.Contains(
            "partition 0 has 1 in-sync replicas, and min.insync.replicas is 2: bring brokers back",
            report.Entries["sending"].Description, StringComparison.Ordinal);
        Assert.Equal(Count, await path.CountAsync()); // what waits is nowhere else
        await second.RestartAsync();

        await RadarPath.ProducedAsync(producer);
        await RadarPath.BacklogAppliedAsync(api);
        Assert.Equal(2 * Count, await path.CountAsync());
        await Wait.ForAsync(
            () => health.CheckHealthAsync(), static found => found.Entries["sending"].Status == HealthStatus.Healthy,
            static found => Task.FromResult("it is healthy again; " + found.Entries["sending"].Description));
    }

    private static KafkaListener InRack(string rack) => KafkaListener.Plain with
    {
        Properties = $"""
            broker.rack={rack}
            replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector
            replica.lag.time.max.ms=3000
            """,
    };

    /// <summary>A topic whose leader is the first broker, so that it stays when the second is gone.</summary>
    private static async Task CreateAsync(string kafka, string topic, (string Name, string Value) setting)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka })
            .SetLogHandler(static (_, _) => { }).Build();
        await admin.CreateTopicsAsync(
        [
            new TopicSpecification
            {
                Name = topic, NumPartitions = 1, ReplicasAssignments = new() { [0] = [1, 2] },
                Configs = new() { [setting.Name] = setting.Value },
            },
        ]);
    }
}
