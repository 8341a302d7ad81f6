using Radar.Standalone.Infrastructure;
using StackExchange.Redis;

namespace Radar.Tests.Fixtures;

/// <summary>
/// One Apache Kafka broker for the tests of a class, from <c>KAFKA_HOME</c>; none where that is missing and they are skipped.
/// </summary>
[Requires(Need.KafkaHome)]
public sealed class KafkaHome : IAsyncLifetime
{
    private ApacheKafka? broker;

    /// <summary>The broker.</summary>
    public ApacheKafka Broker => broker ?? throw new InvalidOperationException(Requirement.MissingFor(GetType()));

    /// <summary>Where clients connect.</summary>
    public string BootstrapServers => Broker.BootstrapServers;

    public async Task InitializeAsync()
    {
        if (Requirement.MissingFor(GetType()) is null)
            broker = await ApacheKafka.StartAsync(Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!);
    }

    public async Task DisposeAsync()
    {
        if (broker is not null)
            await broker.DisposeAsync();
    }
}

/// <summary>One <c>redis-server</c> for the tests of a class; none where it is missing and they are skipped.</summary>
[Requires(Need.RedisServer)]
public sealed class RedisOnPath : IAsyncLifetime
{
    private readonly Lazy<ConnectionMultiplexer> _client;
    private RedisServer? _server;

    public RedisOnPath() => _client = new(() => PatientRedis.Connect(Address));

    /// <summary>Where clients connect.</summary>
    public string Address => _server?.Address ?? throw new InvalidOperationException(Requirement.MissingFor(GetType()));

    /// <summary>A connection that the tests of the class share.</summary>
    public ConnectionMultiplexer Client => _client.Value;

    public async Task InitializeAsync()
    {
        if (Requirement.MissingFor(GetType()) is null)
            _server = await RedisServer.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_client.IsValueCreated)
            await _client.Value.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>Tests that share one Apache Kafka; each has topics of its own.</summary>
[CollectionDefinition(Name)]
public sealed class OnApacheKafka : ICollectionFixture<KafkaHome>
{
    public const string Name = "Apache Kafka";
}

/// <summary>
/// Tests of the producer's Kafka source, on an Apache Kafka that they share, beside those of <see cref="OnApacheKafka"/>.
/// </summary>
[CollectionDefinition(Name)]
public sealed class OnApacheKafkaOfSources : ICollectionFixture<KafkaHome>
{
    public const string Name = "Apache Kafka of sources";
}
