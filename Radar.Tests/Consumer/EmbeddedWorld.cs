using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Radar.Consumer.Polling;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer;

/// <summary>An embedded broker with the dead-letter topic, an embedded Redis, and an API that shows the state.</summary>
internal sealed class EmbeddedWorld : IAsyncDisposable
{
    public const string Topic = "market-ticks";
    public const string DeadLetters = Topic + ".dlq";
    public const string Identity = "--Kafka:TopicIdentity=test";

    /// <param name="partitions">Of the topic; 0 leaves it to the test to create it.</param>
    /// <param name="settings">Of every service.</param>
    public EmbeddedWorld(int partitions, params string[] settings)
    {
        if (partitions > 0)
            Kafka.CreateTopic(Topic, partitions);
        Kafka.CreateTopic(DeadLetters, 1);
        Path = new RadarPath(Kafka, Redis.Address, Topic, [Identity, .. settings]);
    }

    public EmbeddedKafka Kafka { get; } = EmbeddedKafka.Start();

    public EmbeddedRedis Redis { get; } = EmbeddedRedis.Start();

    public RadarPath Path { get; }

    public HttpClient Api { get; private set; } = null!;

    public static KafkaTickSource Source(WebApplication consumer) => consumer.Services.GetRequiredService<KafkaTickSource>();

    public async Task StartAsync() => Api = await Path.StartApiAsync();

    /// <summary>Waits for so many dead letters, and reads all that there are then.</summary>
    public List<DeadLetterRecord> ReadDeadLetters(int count) => DeadLetterRecord.Read(Kafka.BootstrapServers, DeadLetters, count);

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        await Path.DisposeAsync();
        Redis.Dispose();
        Kafka.Dispose();
    }
}
