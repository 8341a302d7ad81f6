using Radar.Standalone.Infrastructure;

namespace Radar.Tests.Fixtures;

/// <summary>One Apache Kafka broker for the tests of a class, from <c>KAFKA_HOME</c>; none where that is missing and they are skipped.</summary>
public sealed class KafkaHome : IAsyncLifetime
{
    private ApacheKafka? broker;

    /// <summary>The broker.</summary>
    public ApacheKafka Broker => broker ?? throw new InvalidOperationException(Requirement.KafkaHome);

    /// <summary>Where clients connect.</summary>
    public string BootstrapServers => Broker.BootstrapServers;

    public async Task InitializeAsync()
    {
        if (Requirement.KafkaHome is null)
            broker = await ApacheKafka.StartAsync(Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!);
    }

    public async Task DisposeAsync()
    {
        if (broker is not null)
            await broker.DisposeAsync();
    }
}

/// <summary>One <c>redis-server</c> for the tests of a class; none where it is missing and they are skipped.</summary>
public sealed class RedisOnPath : IAsyncLifetime
{
    private RedisServer? server;

    /// <summary>The server.</summary>
    public RedisServer Server => server ?? throw new InvalidOperationException(Requirement.RedisServer);

    /// <summary>Where clients connect.</summary>
    public string Address => Server.Address;

    public async Task InitializeAsync()
    {
        if (Requirement.RedisServer is null)
            server = await RedisServer.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }
}

/// <summary>Tests that share one Apache Kafka; each has topics of its own.</summary>
[CollectionDefinition(Name)]
public sealed class OnApacheKafka : ICollectionFixture<KafkaHome>
{
    public const string Name = "Apache Kafka";
}
