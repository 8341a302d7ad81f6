using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Radar.Api;
using Radar.Api.Board;
using Radar.Consumer;
using Radar.Market;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http.Answers;

/// <summary>What load balancers, orchestrators and logs learn of a service whose servers come and go.</summary>
public sealed class HealthTests
{
    private static readonly string[] Others = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

    [Fact]
    public async Task Api_that_has_state_stays_ready_without_Redis_and_logs_changes_not_polls()
    {
        using var lines = new LogLines();
        var redis = EmbeddedRedis.Start();
        await using var app = await StartAsync(ApiService.Build, redis.Address, lines);
        await using (var client = await PatientRedis.ConnectAsync(redis.Address))
            await new StateWriter(client).BeginAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var board = app.Services.GetRequiredService<LiveBoard>();
        await Wait.UntilAsync(() => Task.FromResult(board.Status.Layout is not null && board.Status.IsInSync), "the board is whole");
        await Wait.UntilAsync(async () => (await CheckAsync(http, "redis")) == "Healthy", "Redis is healthy");
        int before = lines.Lines.Count; // on a busy machine it may have been away at first

        redis.Dispose();
        await Wait.UntilAsync(async () => (await CheckAsync(http, "redis")) == "Degraded", "Redis is away");
        for (int i = 0; i < 5; i++) // each poll takes a second, for which Redis is asked
        {
            foreach (string path in new[] { "/health", "/ready", "/alive" })
            {
                using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
                Assert.True(answer.StatusCode == HttpStatusCode.OK,
                    $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            }
        }

        string line = Assert.Single(
            lines.Lines.Skip(before), line => line.Contains("Health of redis", StringComparison.Ordinal));
        Assert.StartsWith("Information: Health of redis is Degraded, was Healthy: Redis at 127.0.0.1:", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Health check", lines.Text, StringComparison.Ordinal); // the framework has a line for each poll
    }

    [Fact]
    public async Task Api_that_never_had_state_is_alive_and_not_ready()
    {
        using var lines = new LogLines();
        await using var app = await StartAsync(ApiService.Build, "127.0.0.1:1", lines);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        foreach (var (path, status) in new[] { ("/alive", HttpStatusCode.OK), ("/ready", HttpStatusCode.ServiceUnavailable),
            ("/health", HttpStatusCode.ServiceUnavailable) })
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(status, answer.StatusCode);
            if (path == "/ready")
                Assert.Equal(["board"],
                    JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["checks"]!.AsObject().Select(check => check.Key));
        }
    }

    [Fact]
    public async Task Read_routes_take_GET_and_HEAD_and_nothing_else()
    {
        using var lines = new LogLines();
        using var redis = EmbeddedRedis.Start();
        await using var api = await StartAsync(ApiService.Build, redis.Address, lines, "--Telemetry:Prometheus:Enabled=true");
        await using var consumer = await StartAsync(ConsumerService.Build, redis.Address, lines);
        using var http = new HttpClient();
        foreach (string path in new[]
            {
                "/health", "/ready", "/alive", "/", "/docs", "/docs/index.html", "/openapi/v1.json", "/metrics", "/api/v1/ticker/A",
                "/api/v2/tickers/A",
                "/api/v2/trades/A", "/api/v2/symbols", "/api/v2/lag", "/api/v2/dead-letters",
                "/api/v2/stream",
            })
            await AssertRefusedAsync(http, api, path);
        foreach (string path in new[] { "/health", "/ready", "/alive" })
            await AssertRefusedAsync(http, consumer, path);
        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, consumer.Urls.Single() + "/alive"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    private static async Task AssertRefusedAsync(HttpClient http, WebApplication host, string path)
    {
        foreach (string method in Others)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), host.Urls.Single() + path);
            using var answer = await http.SendAsync(request);
            Assert.True(answer.StatusCode == HttpStatusCode.MethodNotAllowed, $"{method} {path}: {answer.StatusCode}");
            Assert.Contains("GET", answer.Content.Headers.Allow);
        }
    }

    private static async Task<string?> CheckAsync(HttpClient http, string name)
    {
        using var answer = await http.GetAsync(new Uri("/health", UriKind.Relative));
        return (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["checks"]![name]!["status"];
    }

    private static async Task<WebApplication> StartAsync(
        Func<string[], WebApplication> build, string redis, LogLines lines, params string[] more)
    {
        var app = build(
        [
            "--urls=http://127.0.0.1:0", $"--ConnectionStrings:redis={redis}", "--ConnectionStrings:kafka=127.0.0.1:1",
            "--Api:KafkaTimeoutMs=500",
            "--Logging:Console:LogLevel:Default=None", .. more,
        ]);
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await app.StartAsync();
        return app;
    }
}
