using Microsoft.Extensions.Configuration;

namespace Radar.AppHost;

/// <summary>Kafka and Redis under the names <c>kafka</c> and <c>redis</c>, wherever they run.</summary>
/// <param name="Kafka">The broker; healthy when it answers.</param>
/// <param name="Redis">The store; healthy when it answers.</param>
/// <param name="Settings">Settings that the services need on this infrastructure, as environment variables.</param>
internal sealed record Infrastructure(
    IResourceBuilder<IResourceWithConnectionString> Kafka,
    IResourceBuilder<IResourceWithConnectionString> Redis,
    IReadOnlyDictionary<string, string> Settings);

/// <summary>Chooses the infrastructure and connects the projects with it.</summary>
internal static class InfrastructureExtensions
{
    private static readonly Dictionary<string, string> NoSettings = [];

    // A broker that is killed keeps its members on disk; a consumer that comes back waits for what it was before to time out. 45 s is
    // librdkafka's default, 6 s the least that a broker allows.
    private static readonly Dictionary<string, string> RunSettings = new() { ["Kafka__Client__session.timeout.ms"] = "6000" };

    /// <summary>
    /// Adds what the setting <c>Infrastructure</c> names: <c>containers</c>, <c>embedded</c>, <c>kafka-home</c> or <c>external</c>.
    /// <c>auto</c>, the default, is containers where an engine can run one and embedded otherwise. What is published gets containers or
    /// external servers: the other two are for one machine.
    /// </summary>
    public static Infrastructure AddInfrastructure(this IDistributedApplicationBuilder builder)
    {
        string choice = builder.Configuration["Infrastructure"] ?? "auto";
        bool run = builder.ExecutionContext.IsRunMode;
        return choice switch
        {
            "external" => AddExternal(builder),
            "auto" => run && !CanRunContainers() ? AddEmbedded(builder) : AddContainers(builder),
            "containers" => AddContainers(builder),
            "embedded" => run ? AddEmbedded(builder) : AddContainers(builder),
            "kafka-home" => run ? AddKafkaHome(builder) : AddContainers(builder),
            _ => throw new DistributedApplicationException(
                $"Infrastructure={choice} is unknown. One of: auto, containers, embedded, kafka-home, external."),
        };
    }

    /// <summary>Gives a service the broker's address, and starts it when the broker answers.</summary>
    public static IResourceBuilder<ProjectResource> OnKafka(this IResourceBuilder<ProjectResource> project, Infrastructure infrastructure)
    {
        project.WithReference(infrastructure.Kafka).WaitFor(infrastructure.Kafka);
        foreach (var (name, value) in infrastructure.Settings)
            project.WithEnvironment(name, value);
        // The dashboard ends shortly after the services; the telemetry of their last second must not wait 10 s for it, the default.
        return project.ApplicationBuilder.ExecutionContext.IsRunMode
            ? project.WithEnvironment("OTEL_EXPORTER_OTLP_TIMEOUT", "2000")
            : project;
    }

    /// <summary>The same for the store.</summary>
    public static IResourceBuilder<ProjectResource> OnRedis(
        this IResourceBuilder<ProjectResource> project, Infrastructure infrastructure) =>
        project.WithReference(infrastructure.Redis).WaitFor(infrastructure.Redis);

    /// <summary>
    /// Passes on what the AppHost was given for the service: <c>--Producer:Source=replay</c>, or <c>Producer__Source</c>. A secret is
    /// published as a parameter, whose value is not in the files.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithSettings(this IResourceBuilder<ProjectResource> project, params string[] sections)
    {
        var settings = sections.SelectMany(section => project.ApplicationBuilder.Configuration.GetSection(section).AsEnumerable());
        foreach (var (name, value) in settings.Where(setting => setting.Value is not null))
        {
            string variable = name.Replace(":", "__", StringComparison.Ordinal);
            if (project.ApplicationBuilder.ExecutionContext.IsRunMode || !Publishing.IsSecret(name))
                project.WithEnvironment(variable, value);
            else
                project.WithEnvironment(variable, Publishing.Secret(project.ApplicationBuilder, name, value!));
        }

        return project;
    }

    private static bool CanRunContainers()
    {
        if (ContainerEngine.Find() is not { } client)
            return false;
        // A builder of its own knows the image that the package would run.
        var redis = DistributedApplication.CreateBuilder().AddRedis("redis");
        if (!redis.Resource.TryGetContainerImageName(out string? image) || ContainerEngine.Fault(client, image) is not { } fault)
            return true;
        Console.WriteLine($"{client} cannot run {image} ({fault}): Kafka and Redis are embedded, and their data ends with this run.");
        return false;
    }

    private static Infrastructure AddContainers(IDistributedApplicationBuilder builder)
    {
        // A prefix keeps the data of one purpose apart from the developer's: tests have volumes of their own.
        // Aspire's own name for a volume has a hash of the AppHost's path, and a published one must not depend on that.
        string? prefix = builder.Configuration["VolumePrefix"] ?? (builder.ExecutionContext.IsPublishMode ? "radar" : null);
        var kafka = builder.AddKafka("kafka", LocalServers.KafkaPort)
            .WithDataVolume(prefix is null ? null : prefix + "-kafka-data")
            .WithKafkaUI(ui => ui.WithUrlForEndpoint("http", url => url.DisplayText = "Topics and groups"))
            .WithUrlForEndpoint("tcp", url => url.DisplayText = "Broker")
            .WithUrlForEndpoint("internal", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
            .WithBrokerHealthCheck();
        var redis = builder.AddRedis("redis", LocalServers.RedisPort)
            .WithDataVolume(prefix is null ? null : prefix + "-redis-data")
            .WithPersistence(TimeSpan.FromSeconds(10))
            .WithRedisInsight(ui => ui.WithUrlForEndpoint("http", url => url.DisplayText = "Keys"), "redis-ui");
        return new Infrastructure(kafka, redis, builder.ExecutionContext.IsRunMode ? RunSettings : NoSettings);
    }

    private static Infrastructure AddExternal(IDistributedApplicationBuilder builder) => new(
        builder.AddConnectionString("kafka").WithBrokerHealthCheck(),
        builder.AddConnectionString("redis").WithStoreHealthCheck(),
        NoSettings);

    /// <summary>The settings are those of <c>Radar.Standalone</c>'s embedded broker, which explains them.</summary>
    private static Infrastructure AddEmbedded(IDistributedApplicationBuilder builder) => builder.AddLocalServers([], new()
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
        string[] redis = LocalServers.HasRedisServer ? ["--redis-server"] : [];
        return builder.AddLocalServers(["--kafka-home", home, .. redis], RunSettings);
    }
}
