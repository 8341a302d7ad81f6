using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Standalone;

public sealed class ServerProcessTests
{
    [RequiresKafkaHomeFact]
    public async Task Killed_Kafka_has_its_topic_again_after_a_restart_and_leaves_no_process_behind()
    {
        int process;
        await using (var kafka = await ApacheKafka.StartAsync(Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!))
        {
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers })
                .SetLogHandler((_, _) => { })
                .Build();
            await admin.CreateTopicsAsync([new TopicSpecification { Name = "kept", NumPartitions = 3 }]);

            kafka.Kill();
            await kafka.RestartAsync();

            var description = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(["kept"]));
            Assert.Equal(3, Assert.Single(description.TopicDescriptions).Partitions.Count);
            process = kafka.ProcessId;
        }

        Assert.DoesNotContain(Process.GetProcesses(), candidate => candidate.Id == process);
    }

    [RequiresRedisServerFact]
    public async Task Killed_Redis_with_an_append_only_file_keeps_what_it_acknowledged()
    {
        await using var redis = await RedisServer.StartAsync(appendOnly: true);
        await using (var connection = await ConnectionMultiplexer.ConnectAsync(redis.Address))
            await connection.GetDatabase().StringSetAsync("kept", "yes");

        redis.Kill();
        await redis.RestartAsync();

        await using var again = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        Assert.Equal("yes", await again.GetDatabase().StringGetAsync("kept"));
    }

    [Fact]
    public async Task Directory_without_Kafka_is_refused_with_a_sentence()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => ApacheKafka.StartAsync(Path.GetTempPath()));

        Assert.Contains("holds no Apache Kafka", error.Message, StringComparison.Ordinal);
    }
}
