namespace Aspire.Hosting;

/// <summary>
/// Stands in for the package Aspire.Hosting.Kafka where the NuGet feed lacks it: the methods that Radar uses, in the package's shape, and
/// containers with the same images, environment and volume. A build with the package leaves this folder out.
/// </summary>
internal static class KafkaBuilderExtensions
{
    private const string Registry = "docker.io";
    private const string DataDirectory = "/var/lib/kafka/data";
    private const int BrokerPort = 9092;
    private const int InternalPort = 9093;
    private const int UIPort = 8080;

    /// <summary>Adds a broker in a container. <paramref name="port"/> is its port on the host; a free one where it is null.</summary>
    public static IResourceBuilder<KafkaServerResource> AddKafka(this IDistributedApplicationBuilder builder, string name, int? port = null)
    {
        var kafka = new KafkaServerResource(name);
        return builder.AddResource(kafka)
            .WithEndpoint(targetPort: BrokerPort, port: port, name: KafkaServerResource.PrimaryEndpointName)
            .WithEndpoint(targetPort: InternalPort, name: KafkaServerResource.InternalEndpointName)
            .WithImage("confluentinc/confluent-local", "8.2.0").WithImageRegistry(Registry)
            .WithIconName("MailMultiple")
            .WithEnvironment(
                "KAFKA_LISTENERS",
                "PLAINTEXT://localhost:29092,CONTROLLER://localhost:29093,"
                + $"PLAINTEXT_HOST://0.0.0.0:{BrokerPort},PLAINTEXT_INTERNAL://0.0.0.0:{InternalPort}")
            .WithEnvironment(
                "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT,PLAINTEXT_INTERNAL:PLAINTEXT")
            .WithEnvironment(context => context.EnvironmentVariables["KAFKA_ADVERTISED_LISTENERS"] =
                AdvertisedListeners(kafka, context.ExecutionContext.IsRunMode));
    }

    /// <summary>Keeps the broker's data in a volume; its name is made of application and resource where none is given.</summary>
    public static IResourceBuilder<KafkaServerResource> WithDataVolume(
        this IResourceBuilder<KafkaServerResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithEnvironment("KAFKA_LOG_DIRS", DataDirectory)
            .WithVolume(name ?? VolumeNameGenerator.Generate(builder, "data"), DataDirectory, isReadOnly);

    /// <summary>Adds a Kafka UI that shows this broker.</summary>
    public static IResourceBuilder<KafkaServerResource> WithKafkaUI(
        this IResourceBuilder<KafkaServerResource> builder,
        Action<IResourceBuilder<KafkaUIContainerResource>>? configureContainer = null,
        string? containerName = null)
    {
        var kafka = builder.Resource;
        var ui = builder.ApplicationBuilder.AddResource(new KafkaUIContainerResource(containerName ?? "kafka-ui"))
            .WithImage("kafbat/kafka-ui", "v1.5.0").WithImageRegistry(Registry)
            .WithIconName("WindowDatabase")
            .WithHttpEndpoint(targetPort: UIPort)
            .WithEnvironment("KAFKA_CLUSTERS_0_NAME", kafka.Name)
            .WithEnvironment("KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS",
                $"{kafka.Name}:{kafka.InternalEndpoint.Property(EndpointProperty.TargetPort)}")
            .ExcludeFromManifest();
        configureContainer?.Invoke(ui);
        return builder;
    }

    /// <summary>In run mode containers share a network in which a container has its resource's name.</summary>
    private static ReferenceExpression AdvertisedListeners(KafkaServerResource kafka, bool run)
    {
        var host = kafka.PrimaryEndpoint;
        var inside = kafka.InternalEndpoint;
        var listeners = new ReferenceExpressionBuilder();
        if (run)
        {
            listeners.Append($"PLAINTEXT://localhost:29092,PLAINTEXT_HOST://localhost:{host.Property(EndpointProperty.Port)}");
            listeners.Append($",PLAINTEXT_INTERNAL://{kafka.Name}:{inside.Property(EndpointProperty.TargetPort)}");
        }
        else
        {
            listeners.Append($"PLAINTEXT://{host.Property(EndpointProperty.Host)}:29092");
            listeners.Append($",PLAINTEXT_HOST://{host.Property(EndpointProperty.HostAndPort)}");
            listeners.Append($",PLAINTEXT_INTERNAL://{inside.Property(EndpointProperty.HostAndPort)}");
        }

        return listeners.Build();
    }
}
