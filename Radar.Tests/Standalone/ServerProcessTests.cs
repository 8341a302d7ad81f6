using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Standalone;

public sealed class ServerProcessTests
{
    [RequiresFact(Need.KafkaHome)]
    public async Task Killed_Kafka_has_its_topic_again_after_a_restart_and_is_gone_when_disposed()
    {
        string address;
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
            address = kafka.BootstrapServers;
        }

        Assert.False(Answers(address));
    }

    [RequiresFact(Need.RedisServer)]
    public async Task Killed_Redis_with_an_append_only_file_keeps_what_it_acknowledged()
    {
        await using var redis = await RedisServer.StartAsync(appendOnly: true);
        await using (var connection = await PatientRedis.ConnectAsync(redis.Address))
            await connection.GetDatabase().StringSetAsync("kept", "yes");

        redis.Kill();
        await redis.RestartAsync();

        await using var again = await PatientRedis.ConnectAsync(redis.Address);
        Assert.Equal("yes", await again.GetDatabase().StringGetAsync("kept"));
    }

    [RequiresFact(Need.RedisServer)]
    public async Task Server_ends_with_the_process_that_started_it_even_where_that_is_killed()
    {
        int port = LoopbackPort.Free();
        string address = $"127.0.0.1:{port}";
        using (new ServiceProcess("Radar.Standalone", "--infra-only", "--kafka-port", "0", "--redis-server", "--redis-port", $"{port}"))
            await Wait.UntilAsync(() => PongsAsync(address), "redis-server answers"); // and SIGKILL, with no chance to clean up

        await Wait.UntilAsync(() => Task.FromResult(!Answers(address)), "redis-server is gone");
    }

    [RequiresFact(Need.RedisServer, Need.Proc)]
    public async Task Signals_of_the_terminal_do_not_reach_the_server()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await PatientRedis.ConnectAsync(redis.Address + ",allowAdmin=true");
        var about = await connection.GetServers()[0].InfoAsync("server");
        string server = about.SelectMany(group => group).Single(line => line.Key == "process_id").Value;

        // A terminal signals every process of the group in its foreground, which this process may be in.
        Assert.NotEqual(await ProcessGroupAsync("self"), await ProcessGroupAsync(server));
    }

    [Fact]
    public async Task Directory_without_Kafka_is_refused_with_a_sentence()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => ApacheKafka.StartAsync(Path.GetTempPath()));

        Assert.Contains("holds no Apache Kafka", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Fifth field of <c>stat</c>; the second is a name in brackets.</summary>
    private static async Task<string> ProcessGroupAsync(string process)
    {
        string stat = await File.ReadAllTextAsync($"/proc/{process}/stat");
        return stat[stat.LastIndexOf(')')..].Split(' ')[3];
    }

    private static async Task<bool> PongsAsync(string address)
    {
        try
        {
            // asked again, so it need not be patient
            await using var connection = await ConnectionMultiplexer.ConnectAsync(address + ",connectRetry=0");
            await connection.GetDatabase().PingAsync();
            return true;
        }
        catch (Exception e) when (e is RedisConnectionException or TimeoutException)
        {
            return false;
        }
    }

    private static bool Answers(string address)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPEndPoint.Parse(address));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
