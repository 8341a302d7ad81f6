using Microsoft.Extensions.Configuration;
using Radar.AppHost;
using Radar.AppHost.Commands;

var builder = DistributedApplication.CreateBuilder(args);
builder.Configuration["DcpPublisher:WaitForResourceCleanup"] = "true"; // no process outlives this one
QuietStart.Configure(builder);
StopOrder.Register(builder);
StartWatch.Register(builder);
var infrastructure = builder.AddInfrastructure();

builder.AddProject<Projects.Radar_Producer>("producer")
    .WithIconName("ArrowUpload")
    .OnKafka(infrastructure)
    .WithSettings("Radar", "Kafka", "Producer")
    .WithProducerCommands()
    .WithServiceHealth(builder.Configuration["Producer:Source"] == "kafka" ? ["kafka", "source-topic"] : ["kafka"])
    .WithUrlForEndpoint("http", url => (url.DisplayText, url.Url) = ("Health", "/health"));

builder.AddProject<Projects.Radar_Consumer>("consumer")
    .WithIconName("ArrowSync")
    .OnKafka(infrastructure)
    .OnRedis(infrastructure)
    .WithSettings("Radar", "Kafka", "Redis", "Consumer", "Projection", "Producer:SymbolCase")
    .WithConsumerCommands()
    .WithPublishedReplicas(builder.Configuration.GetValue("ConsumerReplicas", 1))
    .WithServiceHealth("kafka", "redis", "lanes")
    .WithUrlForEndpoint("http", url => (url.DisplayText, url.Url) = ("Health", "/health"));

builder.AddProject<Projects.Radar_Api>("api")
    .WithIconName("Globe")
    .OnKafka(infrastructure)
    .OnRedis(infrastructure)
    .WithSettings("Radar", "Kafka", "Redis", "Api", "Limits", "Producer:SymbolCase")
    .WithApiCommands()
    .WithPublishedReplicas(builder.Configuration.GetValue("ApiReplicas", 1))
    .WithExternalHttpEndpoints()
    .WithServiceHealth("kafka", "redis", "board", "integrity", "state", "lag", "symbols", "objective")
    .WithUrlForEndpoint("http", url => (url.DisplayText, url.Url) = ("Page", "/"))
    .WithUrlForEndpoint("http", _ => new() { Url = "/docs", DisplayText = "API documents" })
    .WithUrlForEndpoint("http", _ => new() { Url = "/api/v2/tickers", DisplayText = "Tickers" })
    .WithUrlForEndpoint("http", _ => new() { Url = "/api/v2/lag", DisplayText = "Lag" })
    .WithUrlForEndpoint("http", _ => new() { Url = "/health", DisplayText = "Health" });

Publishing.Configure(builder);
await builder.Build().RunAsync();
