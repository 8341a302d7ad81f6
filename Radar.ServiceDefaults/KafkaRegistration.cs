using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults.Tls;

namespace Radar.ServiceDefaults;

/// <summary>Registers Kafka clients from <c>ConnectionStrings:kafka</c>, <see cref="KafkaOptions"/> and a health check.</summary>
public static class KafkaRegistration
{
    private const string Name = "kafka";

    // Aspire's client warns that no logs will be written where another handler writes them: KafkaLog.
    private const string AspireClient = "Aspire.Confluent.Kafka";

    /// <summary>
    /// Adds <see cref="KafkaOptions"/>, <see cref="RadarOptions"/>, <see cref="SymbolRule"/>, an <see cref="IAdminClient"/>,
    /// <see cref="GuardedAdmin"/>, <see cref="TopicSetup"/>, <see cref="KafkaClients"/> and the health check <c>kafka</c>.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="whenAway">What the service is while Kafka does not answer.</param>
    public static WebApplicationBuilder AddRadarKafka(this WebApplicationBuilder builder, HealthStatus whenAway = HealthStatus.Unhealthy)
    {
        string servers = builder.ReadConnectionString(Name, KafkaConnectionString.Check);
        builder.Services.AddCheckedOptions<RadarOptions, RadarOptionsValidator>(RadarOptions.Section);
        if (builder.Configuration[$"{RadarOptions.Section}:{nameof(RadarOptions.Name)}"] is { Length: > 0 } state)
            NameGroup(builder.Configuration, state);
        builder.Services.AddCheckedOptions<KafkaOptions, KafkaOptionsValidator>(KafkaOptions.Section);
        builder.Services.AddSingleton<IValidateOptions<KafkaOptions>, KafkaOptionsRules>();
        builder.Services.AddHostedService<UncheckedCertificates>();
        builder.Services.AddSymbolRule();
        builder.Services.TryAddSingleton(services =>
        {
            var config = new AdminClientConfig { BootstrapServers = servers };
            Shared(services.GetRequiredService<IOptions<KafkaOptions>>().Value, config);
            return new AdminClientBuilder(config).SetLogHandler(KafkaLog.Handler(services)).SetErrorHandler((_, _) => { }).Build();
        });
        builder.Services.TryAddSingleton<GuardedAdmin>();
        string advice = ServerAdvice.Of(builder.Configuration, Name);
        builder.Services.TryAddSingleton(services => new KafkaFault(
            services.GetRequiredService<TimeProvider>(),
            new KafkaCertificates(services.GetRequiredService<IOptions<KafkaOptions>>().Value.Client)));
        builder.Services.TryAddSingleton(services => new KafkaClients(servers, services, advice));
        builder.Services.TryAddSingleton<TopicSetup>();
        builder.Services.TryAddSingleton<TopicAdmin>();
        builder.Services.AddHealthChecks().AddCheck<KafkaHealthCheck>(Name, whenAway);
        return builder;
    }

    /// <summary>Two states of one topic that shared a group would have half of its partitions each.</summary>
    private static void NameGroup(ConfigurationManager configuration, string state)
    {
        string group = $"{KafkaOptions.Section}:{nameof(KafkaOptions.ConsumerGroup)}";
        if (configuration[group] is null)
            configuration.AddInMemoryCollection([new(group, "radar-" + state)]);
    }

    /// <summary>Adds an <see cref="IProducer{TKey,TValue}"/> by Aspire's registration.</summary>
    /// <remarks>
    /// Aspire's tracing begins a new trace per record, its health check produces to a topic of its own, and its metrics cost a page of
    /// statistics per second: all three are off, Radar's take their place.
    /// </remarks>
    public static WebApplicationBuilder AddRadarKafkaProducer<TKey, TValue>(
        this WebApplicationBuilder builder,
        Action<ProducerConfig> configure,
        Action<IServiceProvider, ProducerBuilder<TKey, TValue>> configureBuilder)
    {
        var kafka = builder.Configuration.ReadEarly<KafkaOptions>(KafkaOptions.Section);
        builder.Logging.AddFilter(AspireClient, LogLevel.Error);
        builder.AddKafkaProducer<TKey, TValue>(
            Name,
            settings =>
            {
                settings.DisableTracing = true;
                settings.DisableMetrics = true;
                settings.DisableHealthChecks = true;
                Shared(kafka, settings.Config);
                configure(settings.Config);
            },
            (services, client) =>
            {
                client.SetLogHandler(KafkaLog.Handler(services));
                configureBuilder(services, client);
            });
        return builder;
    }

    /// <summary>Adds an <see cref="IConsumer{TKey,TValue}"/>; see the producer's remarks.</summary>
    public static WebApplicationBuilder AddRadarKafkaConsumer<TKey, TValue>(
        this WebApplicationBuilder builder,
        Action<ConsumerConfig> configure,
        Action<IServiceProvider, ConsumerBuilder<TKey, TValue>> configureBuilder)
    {
        var kafka = builder.Configuration.ReadEarly<KafkaOptions>(KafkaOptions.Section);
        builder.Logging.AddFilter(AspireClient, LogLevel.Error);
        builder.AddKafkaConsumer<TKey, TValue>(
            Name,
            settings =>
            {
                settings.DisableTracing = true;
                settings.DisableMetrics = true;
                settings.DisableHealthChecks = true;
                Shared(kafka, settings.Config);
                configure(settings.Config);
            },
            (services, client) =>
            {
                client.SetLogHandler(KafkaLog.Handler(services));
                configureBuilder(services, client);
            });
        return builder;
    }

    /// <summary>The address of <paramref name="name"/>, or an error that says how to give it.</summary>
    internal static string RequireConnectionString(this IHostApplicationBuilder builder, string name) =>
        builder.Configuration.GetConnectionString(name) is { Length: > 0 } address
            ? address
            : throw new ConfigurationException(
                $"ConnectionStrings:{name} is missing. Set it (environment variable ConnectionStrings__{name}=host:port), "
                + "start the whole path with `dotnet radar.cs up`, or run the Radar.AppHost project.");

    /// <summary>Reads the address of <paramref name="name"/>.</summary>
    /// <exception cref="ConfigurationException">It is missing, or cannot be read; nothing of it is quoted.</exception>
    internal static T ReadConnectionString<T>(this IHostApplicationBuilder builder, string name, Func<string, T> read)
    {
        string text = builder.RequireConnectionString(name);
        try
        {
            return read(text);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"ConnectionStrings:{name} cannot be read: {e.Message}");
        }
    }

    internal static void Shared(KafkaOptions kafka, ClientConfig config)
    {
        config.SocketKeepaliveEnable = true;
        foreach (var (name, value) in kafka.Client)
            config.Set(name, value);
    }

    private sealed class KafkaHealthCheck(GuardedAdmin admin, KafkaClients clients) : IHealthCheck
    {
        private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                var cluster = await admin.AllAsync(Timeout);
                return cluster.Brokers.Count > 0
                    ? HealthCheckResult.Healthy($"Kafka at {clients.Servers} answers, {cluster.Brokers.Count} brokers.")
                    : new HealthCheckResult(context.Registration.FailureStatus, $"Kafka at {clients.Servers} lists no broker.");
            }
            catch (KafkaException e)
            {
                return new HealthCheckResult(
                    context.Registration.FailureStatus,
                    $"Kafka at {clients.Servers} does not answer ({clients.Reason(e.Error).Public}). {clients.Advice}");
            }
        }
    }
}
