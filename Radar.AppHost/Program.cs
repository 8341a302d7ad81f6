using Microsoft.Extensions.Configuration;
using Radar.AppHost;
using Radar.AppHost.Commands;

var builder = DistributedApplication.CreateBuilder(args);
builder.Configuration["DcpPublisher:WaitForResourceCleanup"] = "true"; // no process outlives this one
var infrastructure = builder.AddInfrastructure();

builder.AddProject<Projects.Radar_Producer>("producer")
    .OnInfrastructure(infrastructure, redis: false)
    .WithSettings("Kafka", "Producer")
    .WithProducerCommands()
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => (url.DisplayText, url.Url) = ("Health", "/health"));

builder.AddProject<Projects.Radar_Consumer>("consumer")
    .OnInfrastructure(infrastructure)
    .WithSettings("Kafka", "Consumer", "Projection")
    .WithConsumerCommands()
    .WithReplicas(builder.Configuration.GetValue("ConsumerReplicas", 1))
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => (url.DisplayText, url.Url) = ("Health", "/health"));

builder.AddProject<Projects.Radar_Api>("api")
    .OnInfrastructure(infrastructure)
    .WithSettings("Kafka", "Api")
    .WithApiCommands()
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => (url.DisplayText, url.Url) = ("The radar", "/"))
    .WithUrlForEndpoint("http", _ => new() { Url = "/docs", DisplayText = "API and its documents" })
    .WithUrlForEndpoint("http", _ => new() { Url = "/api/v1/ticker/BTCUSDT", DisplayText = "A ticker" })
    .WithUrlForEndpoint("http", _ => new() { Url = "/api/v2/lag", DisplayText = "Lag" });

await builder.Build().RunAsync();
