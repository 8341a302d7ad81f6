using System.Net;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;

namespace Radar.Tests.EndToEnd;

/// <summary>The AppHost's settings reach the services.</summary>
[Collection(OneAppHostAtATime.Name)]
public sealed class AppHostTests
{
    [Fact]
    public async Task Ticks_of_the_producer_are_served_by_the_API_and_every_project_is_healthy()
    {
        await using var host = await RunningAppHost.StartAsync(
            "--Infrastructure=embedded", "--ConsumerReplicas=2", "--Kafka:Topic=ticks", "--Kafka:Partitions=5",
            "--Producer:Synthetic:Rate=200", "--Producer:Synthetic:Count=1000");
        var api = host.Api();
        JsonObject lag = [];

        await host.UntilAsync(
            async () =>
            {
                lag = await RunningAppHost.JsonAsync(api, "/api/v2/lag");
                return lag["partitions"]!.AsArray().Sum(partition => (long)partition!["end"]!) == 1000 && (long)lag["messages"]! == 0;
            },
            "1000 ticks are in the topic and in the state",
            () => lag.ToJsonString());
        var ticker = await host.WithinAsync(RunningAppHost.JsonAsync(api, "/api/v1/ticker/btcusdt"), "a ticker is served");
        using var docs = await host.WithinAsync(api.GetAsync(new Uri("/docs/index.html", UriKind.Relative)), "the documents are served");

        Assert.Equal("BTCUSDT", (string?)ticker["symbol"]);
        Assert.True((decimal)ticker["price"]! > 0);
        Assert.Equal(5, lag["partitions"]!.AsArray().Count);
        Assert.Equal(2, host.Instances("consumer").Count);
        Assert.Equal(HttpStatusCode.OK, docs.StatusCode);
    }

    [Fact]
    public async Task Infrastructure_that_is_not_known_is_refused_with_the_names_that_are()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(
            () => DistributedApplicationTestingBuilder.CreateAsync<Projects.Radar_AppHost>(["--Infrastructure=cloud"]));

        Assert.Contains("auto, containers, embedded, kafka-home, external", error.ToString(), StringComparison.Ordinal);
    }
}
