using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.AppHost;

/// <summary>Health checks of Kafka and Redis that only ask: they write nothing and keep one connection.</summary>
internal static class ServerHealth
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Healthy when a broker answers. It replaces Aspire's own check, which makes a producer for each check and a topic in the cluster.
    /// </summary>
    public static IResourceBuilder<T> WithBrokerHealthCheck<T>(this IResourceBuilder<T> kafka)
        where T : IResourceWithConnectionString
    {
        foreach (var other in kafka.Resource.Annotations.OfType<HealthCheckAnnotation>().ToList())
            kafka.Resource.Annotations.Remove(other);
        var settings = kafka.ApplicationBuilder.Configuration.GetSection("Kafka:Client");
        var client = new OneClient<Broker>(kafka.Resource, address => Task.FromResult(new Broker(Connect(address, settings))));
        return kafka.WithCheck("kafka-answers", client, async (broker, address) =>
        {
            try
            {
                var cluster = await broker.Metadata.AllAsync(Timeout);
                return HealthCheckResult.Healthy($"{cluster.Brokers.Count} broker(s) at {KafkaConnectionString.Check(address)}.");
            }
            catch (KafkaException e)
            {
                return HealthCheckResult.Unhealthy($"Kafka does not answer at {KafkaConnectionString.Check(address)} ({e.Error.Code}).");
            }
        });
    }

    /// <summary>Healthy when Redis answers.</summary>
    public static IResourceBuilder<T> WithStoreHealthCheck<T>(this IResourceBuilder<T> redis)
        where T : IResourceWithConnectionString
    {
        var client = new OneClient<IConnectionMultiplexer>(redis.Resource, async address =>
        {
            var options = RedisConnectionString.Parse(address).ToOptions();
            options.AbortOnConnectFail = false;
            return await ConnectionMultiplexer.ConnectAsync(options);
        });
        return redis.WithCheck("redis-answers", client, async (connection, _) =>
        {
            string address = string.Join(", ", connection.GetEndPoints().Select(endpoint => endpoint.ToString()));
            try
            {
                await connection.GetDatabase().PingAsync().WaitAsync(Timeout, TimeProvider.System);
                return HealthCheckResult.Healthy($"Redis answers at {address}.");
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                return HealthCheckResult.Unhealthy($"Redis does not answer at {address}.");
            }
        });
    }

    private static IResourceBuilder<T> WithCheck<T, TClient>(
        this IResourceBuilder<T> resource, string key, OneClient<TClient> client, Func<TClient, string, Task<HealthCheckResult>> check)
        where T : IResource
        where TClient : class, IDisposable
    {
        // Registered by a factory, so that the host disposes of the client.
        resource.ApplicationBuilder.Services.AddKeyedSingleton(key, (_, _) => client);
        resource.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            key,
            services => new Check(async cancellation =>
            {
                try
                {
                    var (connected, address) = await services.GetRequiredKeyedService<OneClient<TClient>>(key).GetAsync(cancellation);
                    return await check(connected, address);
                }
                catch (FormatException e)
                {
                    return HealthCheckResult.Unhealthy($"ConnectionStrings:{resource.Resource.Name} cannot be read: {e.Message}");
                }
            }),
            failureStatus: null,
            tags: null));
        return resource.WithHealthCheck(key);
    }

    private static IAdminClient Connect(string address, IConfigurationSection settings)
    {
        var config = new AdminClientConfig { BootstrapServers = KafkaConnectionString.Check(address) };
        foreach (var setting in settings.GetChildren())
            config.Set(setting.Key, setting.Value);
        return new AdminClientBuilder(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    /// <summary>A client and its calls for metadata, which end before it does.</summary>
    private sealed class Broker(IAdminClient admin) : IDisposable
    {
        public GuardedAdmin Metadata { get; } = new(admin);

        public void Dispose()
        {
            Metadata.Dispose();
            admin.Dispose();
        }
    }

    private sealed class Check(Func<CancellationToken, Task<HealthCheckResult>> run) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            run(cancellationToken);
    }

    /// <summary>The client of a server, made when its address is known. Checks of one resource do not overlap.</summary>
    private sealed class OneClient<TClient>(IResourceWithConnectionString server, Func<string, Task<TClient>> connect) : IDisposable
        where TClient : class, IDisposable
    {
        private TClient? _client;

        public async Task<(TClient Client, string Address)> GetAsync(CancellationToken cancellation)
        {
            string address = await server.GetConnectionStringAsync(cancellation)
                ?? throw new InvalidOperationException($"ConnectionStrings:{server.Name} is missing.");
            return (_client ??= await connect(address), address);
        }

        public void Dispose() => _client?.Dispose();
    }
}
