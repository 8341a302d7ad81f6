using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.AppHost;

/// <summary>A broker in a container, which is its own controller.</summary>
internal sealed class KafkaContainer(string name) : ContainerResource(name), IResourceWithConnectionString
{
    // In the network of the host: a container would be told the port inside it.
    public EndpointReference Clients => new(this, "tcp", KnownNetworkIdentifiers.LocalhostNetwork);

    public EndpointReference Containers => new(this, "internal", KnownNetworkIdentifiers.DefaultAspireContainerNetwork);

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Clients.Property(EndpointProperty.HostAndPort)}");
}

/// <summary>Kafka for those builds that have no Aspire.Hosting.Kafka, and a health check for both.</summary>
internal static class KafkaContainerExtensions
{
    private const string Data = "/var/lib/kafka/data";

    /// <summary>The image and the listeners are those of Aspire's <c>AddKafka</c>.</summary>
    public static IResourceBuilder<KafkaContainer> AddKafkaContainer(this IDistributedApplicationBuilder builder, string name, int port)
    {
        var kafka = new KafkaContainer(name);
        return builder.AddResource(kafka)
            .WithImage("confluentinc/confluent-local", "8.2.0").WithImageRegistry("docker.io")
            .WithIconName("MailMultiple")
            .WithEndpoint(port, targetPort: 9092, name: "tcp", scheme: "tcp")
            .WithEndpoint(targetPort: 9093, name: "internal", scheme: "tcp")
            .WithUrlForEndpoint("internal", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
            .WithVolume(VolumeNameGenerator.Generate(builder.CreateResourceBuilder(kafka), "data"), Data)
            .WithEnvironment("KAFKA_LOG_DIRS", Data)
            .WithEnvironment(
                "KAFKA_LISTENERS",
                "PLAINTEXT://localhost:29092,CONTROLLER://localhost:29093,PLAINTEXT_HOST://0.0.0.0:9092,PLAINTEXT_INTERNAL://0.0.0.0:9093")
            .WithEnvironment(
                "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT,PLAINTEXT_INTERNAL:PLAINTEXT")
            .WithEnvironment(context => context.EnvironmentVariables["KAFKA_ADVERTISED_LISTENERS"] = context.ExecutionContext.IsRunMode
                ? ReferenceExpression.Create($"PLAINTEXT://localhost:29092,PLAINTEXT_HOST://localhost:{kafka.Clients.Property(EndpointProperty.Port)},PLAINTEXT_INTERNAL://{name}:9093")
                : ReferenceExpression.Create($"PLAINTEXT://localhost:29092,PLAINTEXT_HOST://{kafka.Clients.Property(EndpointProperty.HostAndPort)},PLAINTEXT_INTERNAL://{kafka.Containers.Property(EndpointProperty.HostAndPort)}"))
            .WithKafkaCheck(kafka.Clients);
    }

    /// <summary>Healthy when the broker behind <paramref name="endpoint"/> answers; it writes nothing.</summary>
    public static IResourceBuilder<T> WithKafkaCheck<T>(this IResourceBuilder<T> resource, EndpointReference endpoint)
        where T : IResource
    {
        string key = resource.Resource.Name + "-kafka";
        resource.ApplicationBuilder.Services.AddHealthChecks().AddAsyncCheck(key, async cancellation =>
        {
            var config = new AdminClientConfig { BootstrapServers = $"127.0.0.1:{endpoint.Port}" };
            using var admin = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
            try
            {
                await Task.Run(() => admin.GetMetadata(TimeSpan.FromSeconds(3)), cancellation);
                return HealthCheckResult.Healthy();
            }
            catch (KafkaException e)
            {
                return HealthCheckResult.Unhealthy($"Kafka does not answer ({e.Error.Code}).");
            }
        });
        return resource.WithHealthCheck(key);
    }
}
