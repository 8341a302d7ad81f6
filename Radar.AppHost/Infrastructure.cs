using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Radar.AppHost.Commands;

namespace Radar.AppHost;

/// <summary>Kafka and Redis under the names <c>kafka</c> and <c>redis</c>, wherever they come from.</summary>
internal sealed record Infrastructure(
    IResourceBuilder<IResourceWithConnectionString> Kafka,
    IResourceBuilder<IResourceWithConnectionString> Redis,
    IReadOnlyList<IResourceBuilder<IResource>> WaitFor,
    IReadOnlyDictionary<string, string> Settings);

/// <summary>Chooses the infrastructure and connects the projects with it.</summary>
internal static class InfrastructureExtensions
{
    // Their own usual ports, so that a producer of one's own finds them.
    private const int KafkaPort = 9092;
    private const int RedisPort = 6379;

    private static readonly Dictionary<string, string> NoSettings = [];

    /// <summary>
    /// Adds what the setting <c>Infrastructure</c> names: <c>containers</c>, <c>embedded</c>, <c>kafka-home</c> or <c>external</c>.
    /// <c>auto</c>, the default, is containers where an engine answers and embedded otherwise. What is published gets containers or
    /// external ones: the other two are for one machine.
    /// </summary>
    public static Infrastructure AddInfrastructure(this IDistributedApplicationBuilder builder)
    {
        string choice = builder.Configuration["Infrastructure"] ?? "auto";
        bool run = builder.ExecutionContext.IsRunMode;
        return choice switch
        {
            "external" => AddExternal(builder),
            "auto" => run && !ContainerEngine.Answers() ? AddEmbedded(builder) : AddContainers(builder),
            "containers" => AddContainers(builder),
            "embedded" => run ? AddEmbedded(builder) : AddContainers(builder),
            "kafka-home" => run ? AddKafkaHome(builder) : AddContainers(builder),
            _ => throw new DistributedApplicationException(
                $"Infrastructure={choice} is unknown. One of: auto, containers, embedded, kafka-home, external."),
        };
    }

    /// <summary>Gives a service its connection strings, and starts it when they lead somewhere.</summary>
    public static IResourceBuilder<ProjectResource> OnInfrastructure(
        this IResourceBuilder<ProjectResource> project, Infrastructure infrastructure, bool redis = true)
    {
        project.WithReference(infrastructure.Kafka);
        if (redis)
            project.WithReference(infrastructure.Redis);
        // The dashboard ends at the same moment as the services; their last telemetry must not wait 10 s for it, the default.
        project.WithEnvironment("OTEL_EXPORTER_OTLP_TIMEOUT", "2000");
        foreach (var resource in infrastructure.WaitFor.Where(resource => redis || resource != infrastructure.Redis))
            project.WaitFor(resource);
        foreach (var (name, value) in infrastructure.Settings)
            project.WithEnvironment(name, value);
        return project;
    }

    /// <summary>
    /// Hands on what was said to the AppHost about the service: <c>--Producer:Source=replay</c>, or <c>Producer__Source</c>.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithSettings(this IResourceBuilder<ProjectResource> project, params string[] sections)
    {
        var settings = sections.SelectMany(section => project.ApplicationBuilder.Configuration.GetSection(section).AsEnumerable());
        foreach (var (name, value) in settings.Where(setting => setting.Value is not null))
            project.WithEnvironment(name.Replace(":", "__", StringComparison.Ordinal), value);
        return project;
    }

    private static Infrastructure AddContainers(IDistributedApplicationBuilder builder)
    {
#if ASPIRE_KAFKA
        var kafka = builder.AddKafka("kafka", KafkaPort).WithDataVolume().WithKafkaUI();
#else
        var kafka = builder.AddKafkaContainer("kafka", KafkaPort);
#endif
        var redis = builder.AddRedis("redis", RedisPort).WithDataVolume().WithPersistence(TimeSpan.FromSeconds(10));
        // Broker and consumer are asked to end at the same moment; who did not leave the group keeps the next consumer waiting so long.
        return new Infrastructure(kafka, redis, [kafka, redis], builder.ExecutionContext.IsRunMode ? new() { ["Kafka__Client__session.timeout.ms"] = "6000" } : NoSettings);
    }

    private static Infrastructure AddExternal(IDistributedApplicationBuilder builder) =>
        new(builder.AddConnectionString("kafka"), builder.AddConnectionString("redis"), [], NoSettings);

    /// <summary>The settings are those of <c>Radar.Standalone</c>'s embedded broker, which says what they are for.</summary>
    private static Infrastructure AddEmbedded(IDistributedApplicationBuilder builder) => AddStandalone(builder, [], new()
    {
        ["Kafka__TopicIdentity"] = Guid.NewGuid().ToString(),
        ["Kafka__Client__session.timeout.ms"] = "4000",
        ["Kafka__Client__heartbeat.interval.ms"] = "1000",
        ["Kafka__Client__fetch.wait.max.ms"] = "10",
        ["Producer__UnconsumedBytesMax"] = "4194304",
        ["Consumer__CommitIntervalMs"] = "20",
    });

    private static Infrastructure AddKafkaHome(IDistributedApplicationBuilder builder)
    {
        string home = builder.Configuration["KAFKA_HOME"] ?? throw new DistributedApplicationException(
            "Infrastructure=kafka-home needs KAFKA_HOME, the directory of an unpacked Apache Kafka 4.");
        return AddStandalone(builder, ["--kafka-home", home], NoSettings);
    }

    /// <summary>
    /// One process with both servers. Clients come to Kafka's port once; its answer names the port where they go on. It is told what
    /// was said about Kafka, since the embedded broker has the topics that it is told, and no others.
    /// </summary>
    private static Infrastructure AddStandalone(
        IDistributedApplicationBuilder builder, string[] arguments, Dictionary<string, string> settings)
    {
        // Nothing here is a container, and nothing need wait for an engine that is not there.
        builder.Configuration["DcpPublisher:ContainerRuntimeInitializationTimeout"] = "00:00:00";
        var servers = builder.AddProject<Projects.Radar_Standalone>("infrastructure", launchProfileName: null)
            .WithEndpoint(KafkaPort, name: "kafka", scheme: "tcp")
            .WithEndpoint(RedisPort, name: "redis", scheme: "tcp");
        var kafka = servers.GetEndpoint("kafka");
        var redis = servers.GetEndpoint("redis");
        // A process that runs does not answer yet; without these its clients would start too early and complain.
        builder.Services.AddHealthChecks().AddRedis(_ => $"127.0.0.1:{redis.Port},abortConnect=false", "infrastructure-redis");
        servers.WithKafkaCheck(kafka).WithHealthCheck("infrastructure-redis");
        // All are asked to end at the same moment; a producer still flushes and a consumer still commits then.
        var said = builder.Configuration.GetSection("Kafka").AsEnumerable().Where(setting => setting.Value is not null);
        string[] kafkaSettings = [.. said.Select(setting => $"--{setting.Key}={setting.Value}")];
        servers.WithArgs("--infra-only", "--linger", "3").WithArgs(arguments).WithArgs(kafkaSettings).WithArgs(context =>
        {
            context.Args.Add("--kafka-port");
            context.Args.Add(kafka.Property(EndpointProperty.TargetPort));
            context.Args.Add("--redis-port");
            context.Args.Add(redis.Property(EndpointProperty.TargetPort));
        });
        servers.WithInfrastructureCommands();
        return new Infrastructure(
            builder.AddConnectionString("kafka", ReferenceExpression.Create($"{kafka.Property(EndpointProperty.HostAndPort)}")),
            builder.AddConnectionString("redis", ReferenceExpression.Create($"{redis.Property(EndpointProperty.HostAndPort)}")),
            [servers],
            settings);
    }
}
