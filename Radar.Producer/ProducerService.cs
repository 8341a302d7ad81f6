using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Producer.Control;
using Radar.Producer.Live;
using Radar.Producer.Replay;
using Radar.Producer.Synthetic;
using Radar.Producer.Topics;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Control;

namespace Radar.Producer;

/// <summary>The producer: a source of ticks, chosen by configuration, sent to the Kafka topic.</summary>
public static class ProducerService
{
    /// <summary>
    /// Builds the host. Arguments are configuration: <c>--Producer:Source=replay --Producer:Replay:Paths:0=trades.csv</c>.
    /// </summary>
    /// <exception cref="ConfigurationException">Something that no waiting will mend, such as a missing connection string.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults(TelemetryNames.Producer);
        builder.AddProducer();
        builder.AddProducerControl();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapControl(ProducerControl.Map);
        return app;
    }

    /// <summary>Adds the source, the sink and the worker that moves ticks from one to the other.</summary>
    public static WebApplicationBuilder AddProducer(this WebApplicationBuilder builder)
    {
        builder.Services.AddCheckedOptions<ProducerOptions, ProducerOptionsValidator>(ProducerOptions.Section);
        builder.Services.AddSingleton<IValidateOptions<ProducerOptions>, ProducerOptionsRules>();
        builder.Services.AddAllowedPrices();
        builder.Services.AddSingleton<IValidateOptions<ProducerOptions>, TopicOptionsRules>();
        builder.AddRadarKafka();
        builder.Services.AddSingleton<ProducerMetrics>();
        builder.Services.AddSingleton<SymbolVenues>();
        builder.Services.AddHealthChecks().AddCheck<SymbolVenuesHealthCheck>("symbol-venues");
        var options = builder.Configuration.ReadEarly<ProducerOptions>(ProducerOptions.Section);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout(options));
        if (options.Source == SourceNames.Kafka)
        {
            builder.AddTopicSource();
            return builder;
        }

        builder.AddKafkaTickSink(options);
        builder.AddTickSource();
        builder.Services.AddHostedService<ProducerWorker>();
        return builder;
    }

    /// <summary>Hands the setting that all services share to files and topics.</summary>
    internal static IServiceCollection AddAllowedPrices(this IServiceCollection services)
    {
        services.AddOptions<ProducerOptions>().PostConfigure<IConfiguration>((options, configuration) =>
            options.Replay.AllowNonPositivePrices = options.Topic.AllowNonPositivePrices =
                configuration.GetValue<bool>($"{RadarOptions.Section}:{nameof(RadarOptions.AllowNonPositivePrices)}"));
        return services;
    }

    private static void AddTickSource(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<ITickSource>(services =>
            services.GetRequiredService<IOptions<ProducerOptions>>().Value.Source switch
            {
                SourceNames.None => new NoTickSource(),
                SourceNames.Synthetic => ActivatorUtilities.CreateInstance<SyntheticTickSource>(services),
                SourceNames.Replay => ActivatorUtilities.CreateInstance<ReplayTickSource>(services),
                _ => ActivatorUtilities.CreateInstance<LiveTickSource>(services),
            });

    private static void AddKafkaTickSink(this WebApplicationBuilder builder, ProducerOptions options)
    {
        builder.AddRadarKafkaProducer<byte[], byte[]>(
            config => KafkaTickSink.Configure(options, config),
            (_, _) => { });
        builder.Services.AddSingleton<Backpressure>();
        builder.Services.AddSingleton<KafkaTickSink>();
        builder.Services.AddSingleton<TopicStart>();
        builder.Services.AddSingleton<SendWatch>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<SendWatch>());
        builder.Services.AddHealthChecks().AddCheck<SendWatch>("sending");
    }

    /// <summary>A topic's offsets and our ticks are one transaction: its worker reads and writes, and is source and sink in one.</summary>
    private static void AddTopicSource(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TopicMetrics>();
        builder.Services.AddSingleton<TopicStatus>();
        builder.Services.AddHostedService<TopicWorker>();
        builder.Services.AddHealthChecks().AddCheck<TopicHealthCheck>("source-topic");
    }

    /// <summary>
    /// A stop that is cut off reports nothing. The flush may take its time, twice with transactions (offsets, then the commit); the rest
    /// is for what else the host has to stop.
    /// </summary>
    private static TimeSpan ShutdownTimeout(ProducerOptions options) =>
        (TimeSpan.FromMilliseconds(options.FlushMs) * (options.Source == SourceNames.Kafka ? 2 : 1)) + TimeSpan.FromSeconds(10);
}
