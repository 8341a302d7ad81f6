using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Consumer.Partitions;
using Radar.Consumer.Polling;
using Radar.Consumer.Topics;
using Radar.Market.Store;
using Radar.Market;
using Radar.ServiceDefaults.Control;
using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.Consumer;

/// <summary>The consumer: topic → projection → Redis. Any number of them share the partitions.</summary>
public static class ConsumerService
{
    /// <summary>Builds the host; it serves <c>/health</c>, <c>/alive</c> and, where there is a key for it, <c>/control</c>.</summary>
    /// <exception cref="ConfigurationException">A connection string is missing or cannot be read.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults(TelemetryNames.Consumer);
        builder.AddRadarRedis();
        builder.AddRadarKafka();
        builder.AddTickConsumer();
        builder.AddControl();

        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapControl(ConsumerControl.Map);
        return app;
    }

    private static void AddTickConsumer(this WebApplicationBuilder builder)
    {
        builder.Services.AddCheckedOptions<ConsumerOptions, ConsumerOptionsValidator>(ConsumerOptions.Section);
        builder.Services.AddCheckedOptions<ProjectionOptions, ProjectionOptionsValidator>(ProjectionOptions.Section);
        builder.Services.AddSingleton<ConsumerMetrics>();
        builder.Services.AddSingleton<DeadLetters>();
        builder.Services.AddSingleton<TickTopic>();
        builder.Services.AddSingleton<TopicWatch>();
        builder.Services.AddSingleton(static services => ActivatorUtilities.CreateInstance<TopicConfirmation>(
            services, (Func<Task<TopicIdentity>>)services.GetRequiredService<TickTopic>().AskIdentityAsync));
        builder.Services.AddSingleton<FaultLog>();
        builder.Services.AddSingleton<HealthNotices>();
        builder.Services.AddSingleton<OperatorPause>();
        builder.Services.AddSingleton<PollingSignals>();
        builder.Services.AddSingleton<PartitionProcessorFactory>();
        builder.Services.AddSingleton<EpochToWrite>();
        builder.Services.AddSingleton<KafkaTickSource>();
        builder.Services.AddHostedService(services => services.GetRequiredService<KafkaTickSource>());
        builder.Services.AddHostedService<StateScrub>();
        builder.Services.AddHealthChecks().AddCheck<PartitionsHealthCheck>("lanes");

        string group = builder.Configuration.ReadEarly<KafkaOptions>(KafkaOptions.Section).ConsumerGroup;
        var consumer = builder.Configuration.ReadEarly<ConsumerOptions>(ConsumerOptions.Section);
        builder.AddRadarKafkaConsumer<RecordBytes, RecordBytes>(
            config => Configure(config, group, consumer.CommitIntervalMs, consumer.InstanceName),
            static (services, client) =>
            {
                var source = services.GetRequiredService<KafkaTickSource>();
                var bytes = new RecordBytesDeserializer();
                client.SetKeyDeserializer(bytes).SetValueDeserializer(bytes)
                    .SetPartitionsAssignedHandler((_, partitions) => source.Assigned(partitions))
                    .SetPartitionsRevokedHandler((_, partitions) => source.Revoked(partitions))
                    .SetPartitionsLostHandler((_, partitions) => source.Revoked(partitions))
                    .SetErrorHandler((_, error) => source.Failed(error));
            });

        // Its handlers are the source's, so it is made when the source asks for it.
        builder.Services.AddSingleton(static services => new Lazy<IConsumer<RecordBytes, RecordBytes>>(
            services.GetRequiredService<IConsumer<RecordBytes, RecordBytes>>));
        builder.AddRadarKafkaProducer<byte[]?, byte[]?>(
            static config =>
            {
                config.EnableIdempotence = true;
                config.Partitioner = Partitioner.Murmur2Random;
                config.TopicMetadataRefreshIntervalMs ??= GroupTimes.MetadataRefreshMs;
                config.MessageMaxBytes = 1_000_000_000; // the broker decides how large a dead letter may be
            },
            static (_, client) => client
                .SetKeySerializer(Serializers.ByteArray!).SetValueSerializer(Serializers.ByteArray!).SetErrorHandler((_, _) => { }));
    }

    /// <summary>The client settings, shared with the benchmark that compares against a bare loop.</summary>
    internal static void Configure(ConsumerConfig config, string group, int commitIntervalMs, string? instanceName = null)
    {
        config.GroupId = group;
        config.GroupInstanceId = instanceName ?? config.GroupInstanceId;
        GroupTimes.SetDefaults(config);
        config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
        config.IsolationLevel = IsolationLevel.ReadCommitted;

        // The position in Redis decides where to begin; a position that the topic no longer has is an error to report, not to skip.
        config.AutoOffsetReset = AutoOffsetReset.Error;
        config.EnablePartitionEof = true;

        // What is committed is for the ecosystem's tools, and for producers that wait for slow consumers.
        config.EnableAutoOffsetStore = false;
        config.EnableAutoCommit = true;
        config.AutoCommitIntervalMs = commitIntervalMs;

        // A full local queue makes librdkafka wait 1 s before it fetches again, an age for a consumer that empties it in 0.1 s.
        config.FetchQueueBackoffMs = 10;
        config.QueuedMinMessages = 100_000;
        config.QueuedMaxMessagesKbytes = 16 * 1024;
        config.ConsumeResultFields = "headers,timestamp";
    }
}
