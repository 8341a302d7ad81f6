using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Radar.Tests.EndToEnd;

/// <summary>The AppHost as it is, on the embedded infrastructure, so that no container engine is needed.</summary>
[Collection(OneAppHostAtATime.Name)]
public sealed class AppHostTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Ticks_of_the_producer_are_served_by_the_API_and_every_project_is_healthy()
    {
        using var patience = new CancellationTokenSource(Patience);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Radar_AppHost>(
            [
                "--Infrastructure=embedded", "--ConsumerReplicas=2", "--Kafka:Topic=ticks", "--Kafka:Partitions=5",
                "--Producer:Synthetic:Rate=200", "--Producer:Synthetic:Count=1000",
            ],
            patience.Token);
        await using var app = await builder.BuildAsync(patience.Token);
        await app.StartAsync(patience.Token);
        foreach (string project in new[] { "producer", "consumer", "api" })
            await app.ResourceNotifications.WaitForResourceHealthyAsync(project, patience.Token);
        using var api = app.CreateHttpClient("api", "http");

        await UntilAsync(async () => (int)(await LagAsync(api))["partitions"]!.AsArray().Sum(partition => (long)partition!["end"]!) == 1000
            && (long)(await LagAsync(api))["messages"]! == 0);
        var ticker = await api.GetFromJsonAsync<JsonNode>("/api/v1/ticker/btcusdt", patience.Token);

        Assert.Equal("BTCUSDT", (string?)ticker!["symbol"]);
        Assert.Equal(5, (await LagAsync(api))["partitions"]!.AsArray().Count);
        Assert.True((decimal)ticker["price"]! > 0);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(new Uri("/docs/index.html", UriKind.Relative), patience.Token)).StatusCode);

        async Task UntilAsync(Func<Task<bool>> condition)
        {
            while (!await condition())
                await Task.Delay(Pause, TimeProvider.System, patience.Token);
        }

        async Task<JsonNode> LagAsync(HttpClient client)
        {
            using var answer = await client.GetAsync(new Uri("/api/v2/lag", UriKind.Relative), patience.Token);
            return answer.IsSuccessStatusCode
                ? (await answer.Content.ReadFromJsonAsync<JsonNode>(patience.Token))!
                : JsonNode.Parse("""{"messages":-1,"partitions":[]}""")!;
        }
    }

    [Fact]
    public async Task Infrastructure_that_is_not_known_is_refused_with_the_names_that_are()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(
            () => DistributedApplicationTestingBuilder.CreateAsync<Projects.Radar_AppHost>(["--Infrastructure=cloud"]));

        Assert.Contains("auto, containers, embedded, kafka-home, external", error.ToString(), StringComparison.Ordinal);
    }
}
