using Microsoft.Extensions.Configuration;
using Radar.AppHost.Commands;

namespace Radar.AppHost;

/// <summary>Kafka and Redis without containers: <c>Radar.Standalone</c> runs both in one process, <c>infrastructure</c>.</summary>
internal static class LocalServers
{
    /// <summary>Kafka's usual port, so that a producer of one's own finds it.</summary>
    public const int KafkaPort = 9092;

    /// <summary>Redis's usual port.</summary>
    public const int RedisPort = 6379;

    /// <summary>Whether Standalone would find a Redis or Valkey server to start.</summary>
    public static bool HasRedisServer { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(directory => File.Exists(Path.Combine(directory, "redis-server")) || File.Exists(Path.Combine(directory, "valkey-server")));

    /// <summary>
    /// Adds the process and a connection string for each server. Clients connect to Kafka's port first; its answer names the port where
    /// they go on. The process gets the settings about Kafka, since the embedded broker has the configured topics and no others.
    /// </summary>
    public static Infrastructure AddLocalServers(
        this IDistributedApplicationBuilder builder, string[] arguments, Dictionary<string, string> settings)
    {
        // Nothing here is a container, and nothing need wait for an engine that is not there.
        builder.Configuration["DcpPublisher:ContainerRuntimeInitializationTimeout"] = "00:00:00";
        var servers = builder.AddProject<Projects.Radar_Standalone>("infrastructure", launchProfileName: null)
            .WithIconName("ServerMultiple")
            .WithEndpoint(KafkaPort, name: "kafka", scheme: "tcp")
            .WithEndpoint(RedisPort, name: "redis", scheme: "tcp")
            .WithUrlForEndpoint("kafka", url => url.DisplayText = "Kafka")
            .WithUrlForEndpoint("redis", url => url.DisplayText = "Redis");
        var kafkaSettings = builder.Configuration.GetSection("Kafka").AsEnumerable().Where(setting => setting.Value is not null)
            .Select(setting => $"--{setting.Key}={setting.Value}");
        var kafka = servers.GetEndpoint("kafka");
        var redis = servers.GetEndpoint("redis");
        servers.WithArgs("--infra-only").WithArgs(arguments).WithArgs([.. kafkaSettings]).WithArgs(context =>
        {
            context.Args.Add("--kafka-port");
            context.Args.Add(kafka.Property(EndpointProperty.TargetPort));
            context.Args.Add("--redis-port");
            context.Args.Add(redis.Property(EndpointProperty.TargetPort));
        });
        servers.WithInfrastructureCommands();
        return new Infrastructure(
            builder.AddConnectionString("kafka", ReferenceExpression.Create($"{kafka.Property(EndpointProperty.HostAndPort)}"))
                .WithParentRelationship(servers).WithBrokerHealthCheck(),
            builder.AddConnectionString("redis", ReferenceExpression.Create($"{redis.Property(EndpointProperty.HostAndPort)}"))
                .WithParentRelationship(servers).WithStoreHealthCheck(),
            settings);
    }
}
