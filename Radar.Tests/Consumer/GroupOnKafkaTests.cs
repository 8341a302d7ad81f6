using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer;

/// <summary>Consumers with a name in the group, and a dead-letter topic that somebody deletes.</summary>
[Collection(OnApacheKafka.Name)]
public sealed class GroupOnKafkaTests(KafkaHome apache)
{
    /// <summary>Without the name, the partitions would be another's only after the session timeout, which is longer here than the test waits.</summary>
    [RequiresKafkaHomeFact]
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

    [RequiresKafkaHomeFact]
    public async Task Of_two_consumers_with_the_same_name_the_first_ends_and_says_why()
    {
        using var redis = EmbeddedRedis.Start();
        string[] arguments = Arguments("namesakes", redis, "--Consumer:InstanceName=pod-0");
        using var first = new ServiceProcess("Radar.Consumer", arguments);
        await AssignedAsync(first);
        using var second = new ServiceProcess("Radar.Consumer", arguments);

        Assert.Equal(1, await first.ExitCodeAsync());
        Assert.Contains("Another consumer has the same Consumer:InstanceName=pod-0: give each its own name.", first.Output, StringComparison.Ordinal);
        await AssignedAsync(second);
    }

    [RequiresKafkaHomeFact]
    public async Task Dead_letter_topic_that_was_deleted_is_made_again()
    {
        const string Topic = "letters-deleted";
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(
            apache.BootstrapServers, redis.Address, Topic, "--Kafka:Partitions=1", "--Kafka:Client:topic.metadata.propagation.max.ms=1000");
        using HttpClient api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        await path.SendAsync(("A", "no json"));
        await RadarPath.TakenInAsync(api);
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = apache.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        await admin.DeleteTopicsAsync([Topic + ".dlq"]);
        await RadarPath.UntilAsync(
            () => Task.FromResult(!admin.GetMetadata(RadarPath.Patience).Topics.Exists(found => found.Topic == Topic + ".dlq")), "the dead letters are gone");

        await path.SendAsync(("A", "no json either"));
        await RadarPath.TakenInAsync(api);

        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = apache.BootstrapServers, GroupId = "letters" })
            .SetLogHandler((_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(Topic + ".dlq", 0, Offset.Beginning));
        using var patience = new CancellationTokenSource(RadarPath.Patience);
        Assert.Equal("no json either", consumer.Consume(patience.Token).Message.Value);
    }

    private static Task AssignedAsync(ServiceProcess consumer) => RadarPath.UntilAsync(
        () => Task.FromResult(consumer.Output.Contains("Assigned 2 partitions", StringComparison.Ordinal)), $"it has its partitions; {consumer.Output}");

    private string[] Arguments(string topic, EmbeddedRedis redis, params string[] more) =>
    [
        $"--ConnectionStrings:kafka={apache.BootstrapServers}", $"--ConnectionStrings:redis={PatientRedis.Of(redis.Address)}", $"--Kafka:Topic={topic}",
        "--Kafka:Partitions=2", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Radar.Consumer=Information", .. more,
    ];
}
