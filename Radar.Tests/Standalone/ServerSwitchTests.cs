using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Radar.Standalone;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Standalone;

/// <summary>Servers that go away and come back on their ports.</summary>
public sealed class ServerSwitchTests
{
    private const string Topic = "market-ticks";
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Embedded_Kafka_is_away_while_stopped_and_has_its_records_when_it_is_back(bool onGivenPort)
    {
        using var kafka = EmbeddedKafka.Start(onGivenPort ? LoopbackPort.Free() : 0);
        kafka.CreateTopic(Topic, 2);
        await StopAndStartAsync(kafka, kafka.BootstrapServers);
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Apache_Kafka_is_away_while_stopped_and_has_its_records_when_it_is_back()
    {
        await using var kafka = await ApacheKafka.StartAsync(Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!);
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers })
            .SetLogHandler((_, _) => { }).Build())
            await admin.CreateTopicsAsync([new() { Name = Topic, NumPartitions = 2 }]);
        await StopAndStartAsync(kafka, kafka.BootstrapServers);
    }

    [Fact]
    public async Task Embedded_Redis_is_away_while_stopped_and_empty_when_it_is_back()
    {
        using var redis = EmbeddedRedis.Start();

        Assert.True((await KeptAsync(redis, redis.Address)).IsNull);
    }

    [RequiresFact(Need.RedisServer)]
    public async Task Redis_server_is_away_while_stopped_and_has_its_data_when_it_is_back()
    {
        await using var redis = await RedisServer.StartAsync();

        Assert.Equal("there", await KeptAsync(redis, redis.Address));
    }

    /// <summary>In a process of its own: a key in the environment of this one would be that of every host which a test starts.</summary>
    [Fact]
    public async Task Both_are_stopped_and_started_over_HTTP_with_the_key_of_the_environment()
    {
        int[] ports = [LoopbackPort.Free(), LoopbackPort.Free(), LoopbackPort.Free()];
        string[] addresses = [.. ports.Select(port => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"))];
        using var process = new ServiceProcess(
            "Radar.Standalone", new Dictionary<string, string> { ["Control__Key"] = ControlCalls.Key }, "--infra-only",
            "--kafka-port", $"{ports[0]}", "--redis-port", $"{ports[1]}", "--control-port", $"{ports[2]}");
        await Wait.ForAsync(
            () => Task.FromResult(Accepts(addresses[2])), static accepts => accepts,
            _ => Task.FromResult("the control port is open; " + process.Output));
        using var client = ControlCalls.Client(new Uri("http://" + addresses[2]));
        foreach (string name in new[] { "kafka", "redis" })
        {
            string address = name == "kafka" ? addresses[0] : addresses[1];
            string stopped = await ControlCalls.MarkdownAsync(client, $"/control/{name}/stop");
            bool away = !Accepts(address);
            var again = await ControlCalls.PostAsync(client, $"/control/{name}/stop");
            string started = await ControlCalls.MarkdownAsync(client, $"/control/{name}/start");
            var twice = await ControlCalls.PostAsync(client, $"/control/{name}/start");

            Assert.Contains("in memory", stopped, StringComparison.Ordinal);
            Assert.True(away, $"{name} still accepts connections");
            Assert.EndsWith("was stopped already.", (string)again.Body["message"]!, StringComparison.Ordinal);
            Assert.Contains("runs again", started, StringComparison.Ordinal);
            Assert.True(Accepts(address));
            Assert.EndsWith("runs already.", (string)twice.Body["message"]!, StringComparison.Ordinal);
        }

        client.DefaultRequestHeaders.Clear();
        Assert.Equal(401, (await ControlCalls.PostAsync(client, "/control/kafka/stop")).Status);
    }

    [Fact]
    public async Task Control_port_without_a_key_is_a_mistake_that_is_named()
    {
        var options = new StandaloneOptions { InfrastructureOnly = true, ControlPort = 0 };
        await using var infrastructure = await RunningInfrastructure.StartAsync(options, CancellationToken.None);

        var error = await Assert.ThrowsAsync<Radar.ServiceDefaults.ConfigurationException>(
            () => InfrastructureControl.StartAsync(options, infrastructure, CancellationToken.None));

        Assert.Contains("Control__Key", error.Message, StringComparison.Ordinal);
    }

    private static async Task StopAndStartAsync(IServerSwitch kafka, string bootstrap)
    {
        using var producer = new ProducerBuilder<Null,
        string>(new ProducerConfig { BootstrapServers = bootstrap, MessageTimeoutMs = (int)Wait.Limit.TotalMilliseconds })
            .SetLogHandler((_, _) => { }).Build();
        var at = (await producer.ProduceAsync(Topic, new Message<Null, string> { Value = "before" })).TopicPartitionOffset;

        await kafka.StopAsync();
        bool answered = Answers(bootstrap, Short);
        bool isUp = kafka.IsUp;
        var waiting = producer.ProduceAsync(
            new TopicPartition(Topic, 1 - at.Partition.Value), new Message<Null, string> { Value = "meanwhile" });
        await kafka.StartAsync(CancellationToken.None);
        await Wait.UntilAsync(() => Task.FromResult(Answers(bootstrap, Short)), "Kafka answers again");

        Assert.False(answered);
        Assert.False(isUp);
        Assert.True(kafka.IsUp);
        Assert.Equal("before", Read(bootstrap, at));
        Assert.Equal("meanwhile", Read(bootstrap, (await waiting.WaitAsync(Wait.Limit)).TopicPartitionOffset));
    }

    private static async Task<RedisValue> KeptAsync(IServerSwitch redis, string address)
    {
        await using var connection = await PatientRedis.ConnectAsync(address + ",abortConnect=false");
        await connection.GetDatabase().StringSetAsync("key", "there");

        await redis.StopAsync();
        bool accepted = Accepts(address);
        bool isUp = redis.IsUp;
        await redis.StartAsync(CancellationToken.None);

        Assert.False(accepted);
        Assert.False(isUp);
        Assert.True(redis.IsUp);
        RedisValue found = default;
        await Wait.UntilAsync(
            async () =>
            {
                try
                {
                    found = await connection.GetDatabase().StringGetAsync("key");
                    return true;
                }
                catch (Exception e) when (e is RedisException or TimeoutException)
                {
                    return false;
                }
            },
            "the client is connected again");
        return found;
    }

    private static bool Answers(string bootstrap, TimeSpan limit)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        try
        {
            return admin.GetMetadata(limit).Brokers.Count > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    private static bool Accepts(string address)
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

    private static string Read(string bootstrap, TopicPartitionOffset at)
    {
        using var consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig { BootstrapServers = bootstrap, GroupId = "test" })
            .SetLogHandler((_, _) => { }).Build();
        consumer.Assign(at);
        using var limit = new CancellationTokenSource(Wait.Limit);
        string value = consumer.Consume(limit.Token).Message.Value;
        consumer.Close();
        return value;
    }
}
