using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer;

/// <summary>Consumers with a name in the group, and a dead-letter topic that somebody deletes.</summary>
[Collection(OnApacheKafka.Name)]
public sealed class GroupOnKafkaTests(KafkaHome apache)
{
    /// <summary>
    /// Without the name, the partitions would be another's only after the session timeout, which is longer here than the test waits.
    /// </summary>
    [RequiresFact(Need.KafkaHome)]
    public async Task Killed_consumer_with_a_name_has_its_partitions_back_at_once()
    {
        using var redis = EmbeddedRedis.Start();
        string[] arguments = Arguments("named", redis, "--Kafka:Client:session.timeout.ms=300000", "--Consumer:InstanceName=pod-0");
        using (var first = new ServiceProcess("Radar.Consumer", arguments))
        {
            await AssignedAsync(first);
            first.Kill();
        }

        using var second = new ServiceProcess("Radar.Consumer", arguments);
        await AssignedAsync(second);
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Of_two_consumers_with_the_same_name_the_first_ends_and_gives_the_reason()
    {
        using var redis = EmbeddedRedis.Start();
        string[] arguments = Arguments("namesakes", redis, "--Consumer:InstanceName=pod-0");
        using var first = new ServiceProcess("Radar.Consumer", arguments);
        await AssignedAsync(first);
        using var second = new ServiceProcess("Radar.Consumer", arguments);

        Assert.Equal(1, await first.ExitCodeAsync());
        Assert.Contains(
            "Another consumer has the same Consumer:InstanceName=pod-0: give each its own name.", first.Output, StringComparison.Ordinal);
        await AssignedAsync(second);
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Dead_letter_topic_that_was_deleted_is_made_again()
    {
        const string Topic = "letters-deleted";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(
            apache.BootstrapServers, redis.Address, Topic, "--Kafka:Partitions=1", "--Kafka:Client:topic.metadata.propagation.max.ms=1000");
        using HttpClient api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        await path.SendAsync(("A", "no json"));
        await RadarPath.BacklogAppliedAsync(api);
        using IAdminClient admin = Admin();
        await DeleteAsync(admin, Topic + ".dlq");

        await path.SendAsync(("A", "no json either"));
        await RadarPath.BacklogAppliedAsync(api);

        Assert.Equal("no json either", FirstLetter(Topic));
    }

    /// <summary>
    /// The broker refuses to make it, as it does for a user who may not; here since it has fewer brokers than replicas are asked for.
    /// </summary>
    [RequiresFact(Need.KafkaHome)]
    public async Task Dead_letter_topic_that_was_deleted_and_may_not_be_made_is_named_as_gone_and_nothing_is_lost()
    {
        const string Topic = "letters-forbidden";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(
            apache.BootstrapServers, redis.Address, Topic, "--Kafka:ReplicationFactor=3",
            "--Kafka:Client:topic.metadata.propagation.max.ms=1000");
        using IAdminClient admin = Admin();
        await admin.CreateTopicsAsync([One(Topic), One(Topic + ".dlq")]);
        using HttpClient api = await path.StartApiAsync();
        using var lines = new LogLines();
        WebApplication consumer = path.BuildConsumer("--Logging:LogLevel:Radar=Information");
        consumer.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await consumer.StartAsync();
        await path.SendAsync(("A", "no json"));
        await RadarPath.BacklogAppliedAsync(api);
        await DeleteAsync(admin, Topic + ".dlq");

        await path.SendAsync(("A", "no json either"), ("A", Tick(1)), ("A", Tick(2)));
        await PartitionsHealth.StoppedAsync(consumer, $"the dead-letter topic {Topic}.dlq is gone");
        await Wait.UntilAsync(
            async () =>
            {
                var partitions = await PartitionsHealth.OfAsync(consumer);
                Assert.NotEqual(HealthStatus.Healthy, partitions.Status);
                Assert.Contains("otherwise create it", partitions.Description, StringComparison.Ordinal);
                return lines.Text.Contains($"The broker does not let Radar create topic {Topic}.dlq", StringComparison.Ordinal);
            },
            "a line says that it cannot be made");
        Assert.Equal(0, await path.CountAsync());

        await admin.CreateTopicsAsync([One(Topic + ".dlq")]);
        await RadarPath.BacklogAppliedAsync(api);
        Assert.Equal(2, await path.CountAsync());
        Assert.Equal("no json either", FirstLetter(Topic));
    }

    private static string Tick(int price) => $$"""{"symbol":"A","price":{{price}},"timestamp":{{price}}}""";

    private static TopicSpecification One(string topic) => new() { Name = topic, NumPartitions = 1, ReplicationFactor = 1 };

    private static async Task DeleteAsync(IAdminClient admin, string topic)
    {
        await admin.DeleteTopicsAsync([topic]);
        await Wait.UntilAsync(
            () => Task.FromResult(!admin.GetMetadata(Wait.Limit).Topics.Exists(found => found.Topic == topic)),
            $"{topic} is gone");
    }

    private IAdminClient Admin() =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = apache.BootstrapServers }).SetLogHandler((_, _) => { }).Build();

    private string FirstLetter(string topic)
    {
        using var consumer = new ConsumerBuilder<string, string>(
            new ConsumerConfig { BootstrapServers = apache.BootstrapServers, GroupId = "letters" })
            .SetLogHandler((_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(topic + ".dlq", 0, Offset.Beginning));
        using var timeout = new CancellationTokenSource(Wait.Limit);
        return consumer.Consume(timeout.Token).Message.Value;
    }

    private static Task AssignedAsync(ServiceProcess consumer) => Wait.UntilAsync(
        () => Task.FromResult(consumer.Output.Contains("Assigned 2 partitions", StringComparison.Ordinal)),
        $"it has its partitions; {consumer.Output}");

    /// <summary>In a group of its own: a member with a name stays in its group until its session times out, stopped or not.</summary>
    private string[] Arguments(string topic, EmbeddedRedis redis, params string[] more) =>
    [
        $"--ConnectionStrings:kafka={apache.BootstrapServers}", $"--ConnectionStrings:redis={PatientRedis.Of(redis.Address)}",
        $"--Kafka:Topic={topic}", $"--Kafka:ConsumerGroup={topic}",
        "--Kafka:Partitions=2", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Radar.Consumer=Information", .. more,
    ];
}
