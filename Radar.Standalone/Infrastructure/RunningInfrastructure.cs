using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Radar.ServiceDefaults;

namespace Radar.Standalone.Infrastructure;

/// <summary>The Kafka and the Redis that the services use: started here, or known to run elsewhere.</summary>
internal sealed class RunningInfrastructure : IAsyncDisposable
{
    // Whole batches are the broker's unit of dropping, so the limit stays well below what it keeps.
    private const long UnconsumedBytesMax = 4 * 1024 * 1024;

    private readonly Stack<object> _started = new();
    private readonly List<string> _settings = [];

    private RunningInfrastructure()
    {
    }

    /// <summary><c>ConnectionStrings:kafka</c>.</summary>
    public string Kafka { get; private set; } = "";

    /// <summary><c>ConnectionStrings:redis</c>; it may have a password.</summary>
    public string Redis { get; private set; } = "";

    /// <summary>Where that is, <c>host:port</c>, for people.</summary>
    public string RedisAddresses => RedisConnectionString.Parse(Redis).Addresses;

    /// <summary>What is worth knowing about each, as lines for a person.</summary>
    public string KafkaNote { get; private set; } = "";

    /// <inheritdoc cref="KafkaNote"/>
    public string RedisNote { get; private set; } = "";

    /// <summary>Stops and starts the Kafka that was started here; null where it runs elsewhere.</summary>
    public IServerSwitch? KafkaSwitch { get; private set; }

    /// <inheritdoc cref="KafkaSwitch"/>
    public IServerSwitch? RedisSwitch { get; private set; }

    /// <summary>Settings that the services need on this infrastructure, as arguments.</summary>
    public IReadOnlyList<string> Settings => _settings;

    /// <summary>Starts what is not configured to run elsewhere.</summary>
    /// <exception cref="ConfigurationException">A port is taken, or a program is missing or does not start; the message names
    /// which.</exception>
    public static async Task<RunningInfrastructure> StartAsync(StandaloneOptions options, CancellationToken cancellationToken)
    {
        var infrastructure = new RunningInfrastructure();
        try
        {
            await infrastructure.StartKafkaAsync(options, cancellationToken);
            await infrastructure.StartRedisAsync(options, cancellationToken);
            infrastructure._settings.Add("--ConnectionStrings:kafka=" + infrastructure.Kafka);
            infrastructure._settings.Add("--ConnectionStrings:redis=" + infrastructure.Redis);
            infrastructure._settings.Add($"--{ServerAdvice.Section}:kafka=" + Advice(
                options.Kafka is not null ? "--kafka" : options.KafkaHome is not null ? "--kafka-home" : null));
            infrastructure._settings.Add($"--{ServerAdvice.Section}:redis=" + Advice(
                options.Redis is not null ? "--redis" : options.RedisServer ? "--redis-server" : null));
            return infrastructure;
        }
        catch
        {
            await infrastructure.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends what was started here, the last first.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out object? server))
        {
            if (server is IAsyncDisposable process)
                await process.DisposeAsync();
            else
                ((IDisposable)server).Dispose();
        }
    }

    private static string Advice(string? option) => option is null ? "It is embedded in this process." : $"Check {option}.";

    private async Task StartKafkaAsync(StandaloneOptions options, CancellationToken cancellationToken)
    {
        if (options.Kafka is not null)
        {
            Kafka = options.Kafka;
            KafkaNote = "runs elsewhere";
        }
        else if (options.KafkaHome is not null)
        {
            var kafka = await OnPortAsync("--kafka-port", options.KafkaPort, port =>
                ApacheKafka.StartAsync(options.KafkaHome, port, cancellationToken: cancellationToken));
            (Kafka, KafkaSwitch) = (kafka.BootstrapServers, kafka);
            KafkaNote = $"Apache Kafka from {options.KafkaHome}; its data is gone when this ends";
        }
        else
        {
            var kafka = await OnPortAsync("--kafka-port", options.KafkaPort, port => Task.FromResult(EmbeddedKafka.Start(port)));
            var topics = ServiceArguments.Kafka(options);
            foreach (string topic in new[] { topics.Topic, topics.DeadLetters }.Distinct())
                kafka.CreateTopic(topic, topics.Partitions);
            (Kafka, KafkaSwitch) = (kafka.BootstrapServers, kafka);
            KafkaNote = "embedded, in memory: keeps the newest 5 MB of each partition, and nothing when this ends";
            _settings.AddRange(EmbeddedKafka.ClientSettings.Select(setting => $"--Kafka:Client:{setting.Key}={setting.Value}"));
            _settings.Add($"--Kafka:TopicIdentity={Guid.NewGuid()}");
            _settings.Add($"--Producer:UnconsumedBytesMax={UnconsumedBytesMax}");
            _settings.Add("--Consumer:CommitIntervalMs=20"); // the producer waits for it
        }
    }

    private async Task StartRedisAsync(StandaloneOptions options, CancellationToken cancellationToken)
    {
        if (options.Redis is not null)
        {
            Redis = options.Redis;
            RedisNote = options.EmbedsKafka
                ? "runs elsewhere; it outlives the embedded Kafka, whose topic it will not know again: use an empty one each time"
                : "runs elsewhere";
        }
        else if (options.RedisServer)
        {
            var redis = await OnPortAsync("--redis-port", options.RedisPort, port =>
                RedisServer.StartAsync(port, cancellationToken: cancellationToken));
            (Redis, RedisSwitch) = (redis.Address, redis);
            RedisNote = "redis-server; its data is gone when this ends";
        }
        else
        {
            var redis = await OnPortAsync("--redis-port", options.RedisPort, port => Task.FromResult(EmbeddedRedis.Start(port)));
            (Redis, RedisSwitch) = (redis.Address, redis);
            RedisNote = "embedded, in memory: gone when this ends";
        }
    }

    private async Task<T> OnPortAsync<T>(string option, int? port, Func<int, Task<T>> start)
        where T : notnull
    {
        try
        {
            var server = await start(port ?? 0);
            _started.Push(server);
            return server;
        }
        catch (SocketException e)
        {
            throw new ConfigurationException($"{option} {port} cannot be used ({e.Message}). Choose another, or 0 for a free one.");
        }
        catch (InvalidOperationException e)
        {
            throw new ConfigurationException(e.Message);
        }
    }
}
