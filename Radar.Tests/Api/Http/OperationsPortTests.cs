using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http;

/// <summary>What an API that asks for keys answers to its operators, and what it leaves out on request.</summary>
public sealed class OperationsPortTests
{
    [Fact]
    public async Task Operations_port_needs_no_key_and_answers_health_in_full_lag_and_no_data()
    {
        using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic(ApiWorld.Topic, ApiWorld.Partitions);
        using var redis = EmbeddedRedis.Start();
        int port = LoopbackPort.Free();
        await using var world = await ApiWorld.StartAsync(
            redis.Address, kafka.BootstrapServers, fresh: false, "--Auth:Mode=keys", $"--Operations:Port={port}");
        using var operations = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        var health = await operations.GetFromJsonAsync<JsonObject>("/health");
        Assert.NotNull(health!["checks"]!["lag"]);
        await world.ProduceAsync(partition: 0, count: 1);
        await Wait.UntilAsync(
            async () => (int)(await operations.GetFromJsonAsync<JsonObject>("/api/v2/lag"))!["messages"]! == 1, "one message waits");

        foreach (string path in new[] { "/api/v2/tickers", "/admin/keys", "/docs/index.html", "/" })
        {
            using var answer = await operations.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Lag_that_cannot_be_measured_is_a_problem_on_the_operations_port_too()
    {
        using var redis = EmbeddedRedis.Start();
        int port = LoopbackPort.Free();
        await using var world = await ApiWorld.StartAsync(redis.Address, kafka: null, fresh: false, $"--Operations:Port={port}");
        using var operations = new HttpClient();

        using var answer = await operations.GetAsync(new Uri($"http://127.0.0.1:{port}/api/v2/lag"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Documents_can_be_left_out()
    {
        using var redis = EmbeddedRedis.Start();
        await using var world = await ApiWorld.StartAsync(redis.Address, kafka: null, fresh: false, "--Api:Docs=false");

        foreach (string path in new[] { "/docs", "/docs/index.html", "/openapi/v1.json" })
        {
            using var answer = await world.Http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.DoesNotContain("lists what there is", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Contains("<html data-docs=\"none\"", await world.Http.GetStringAsync("/"), StringComparison.Ordinal);
    }
}
