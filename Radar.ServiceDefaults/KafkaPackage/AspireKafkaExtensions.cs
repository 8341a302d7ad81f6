using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Stands in for the package Aspire.Confluent.Kafka where the NuGet feed lacks it: the two registrations that Radar uses, in the package's
/// shape. A build with the package leaves this folder out.
/// </summary>
internal static class AspireKafkaExtensions
{
    /// <summary>Registers an <see cref="IProducer{TKey,TValue}"/> for the servers of <c>ConnectionStrings:connectionName</c>.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="connectionName">Name of the connection string.</param>
    /// <param name="configureSettings">Runs at once, after the connection string was read.</param>
    /// <param name="configureBuilder">Runs when the client is made.</param>
    public static void AddKafkaProducer<TKey, TValue>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<KafkaProducerSettings>? configureSettings = null,
        Action<IServiceProvider, ProducerBuilder<TKey, TValue>>? configureBuilder = null)
    {
        var settings = new KafkaProducerSettings { ConnectionString = builder.Configuration.GetConnectionString(connectionName) };
        configureSettings?.Invoke(settings);
        builder.Services.AddSingleton(services =>
        {
            UseServers(settings.Config, settings.ConnectionString);
            var client = new ProducerBuilder<TKey, TValue>(settings.Config);
            configureBuilder?.Invoke(services, client);
            return client.Build();
        });
    }

    /// <summary>Registers an <see cref="IConsumer{TKey,TValue}"/>; parameters as for a producer.</summary>
    public static void AddKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<KafkaConsumerSettings>? configureSettings = null,
        Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder = null)
    {
        var settings = new KafkaConsumerSettings { ConnectionString = builder.Configuration.GetConnectionString(connectionName) };
        configureSettings?.Invoke(settings);
        builder.Services.AddSingleton(services =>
        {
            UseServers(settings.Config, settings.ConnectionString);
            var client = new ConsumerBuilder<TKey, TValue>(settings.Config);
            configureBuilder?.Invoke(services, client);
            return client.Build();
        });
    }

    private static void UseServers(ClientConfig config, string? servers)
    {
        if (servers is not null)
            config.BootstrapServers = servers;
        if (string.IsNullOrEmpty(config.BootstrapServers))
            throw new InvalidOperationException("No bootstrap servers configured.");
    }
}
