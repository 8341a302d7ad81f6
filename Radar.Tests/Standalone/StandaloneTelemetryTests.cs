using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Radar.Standalone;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using Radar.Tests.Fixtures.Otlp;

namespace Radar.Tests.Standalone;

/// <summary>What three services in one process tell an OTLP endpoint.</summary>
public sealed class StandaloneTelemetryTests
{
    [Fact]
    public async Task Each_service_sends_its_traces_metrics_and_logs_under_its_own_name()
    {
        var received = new ConcurrentDictionary<string, string>(); // path and service → all that came, as text
        await using var endpoint = await ListenAsync(received);
        await RunAsync(
            endpoint.Urls.Single(),
            api => Wait.ForAsync(
                async () =>
                {
                    using var read = await api.GetAsync(new Uri("/api/v2/tickers/BTCUSDT", UriKind.Relative), CancellationToken.None);
                    return Missing(received);
                },
                missing => missing.Count == 0,
                missing => Task.FromResult($"all signals arrive; missing are {string.Join(", ", missing)}")));

        // What is one service's is not exported by another.
        Assert.DoesNotContain("messaging.client.sent.messages", received["/v1/metrics radar-api"], StringComparison.Ordinal);
        Assert.DoesNotContain("radar.lag.seconds", received["/v1/metrics radar-consumer"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_that_is_down_is_nothing_that_a_start_or_a_stop_warns_of()
    {
        string output = await RunAsync($"http://127.0.0.1:{LoopbackPort.Free()}", async api => await Wait.UntilAsync(
            async () => (await api.GetAsync(new Uri("/api/v1/ticker/BTCUSDT", UriKind.Relative))).IsSuccessStatusCode, "a tick"));

        Assert.Contains("info:", output, StringComparison.Ordinal);
        foreach (string level in new[] { "warn:", "fail:", "crit:" })
            Assert.DoesNotContain(level, output, StringComparison.Ordinal);
    }

    private static List<string> Missing(ConcurrentDictionary<string, string> received) =>
    [
        .. Expected.SelectMany(expected => expected.Value
            .Where(name => received.GetValueOrDefault(expected.Key)?.Contains(name, StringComparison.Ordinal) != true)
            .Select(name => $"{expected.Key}: {name}")),
    ];

    private static Dictionary<string, string[]> Expected { get; } = new()
    {
        ["/v1/traces radar-producer"] = ["send market-ticks"],
        ["/v1/traces radar-consumer"] = ["process market-ticks"],
        ["/v1/traces radar-api"] = ["/api/v2/tickers"],
        ["/v1/metrics radar-producer"] = ["messaging.client.sent.messages", "messaging.client.operation.duration"],
        ["/v1/metrics radar-consumer"] = ["messaging.process.duration", "radar.event_to_applied"],
        ["/v1/metrics radar-api"] = ["radar.lag.seconds.max", "radar.event_to_visible", "kestrel.active_connections"],
        ["/v1/logs radar-producer"] = ["Source: "],
        ["/v1/logs radar-consumer"] = ["Assigned "],
        ["/v1/logs radar-api"] = ["Lag is known"],
    };

    /// <summary>Standalone as a process of its own, since telemetry is a matter of the whole process.</summary>
    /// <returns>What it wrote to its console.</returns>
    private static async Task<string> RunAsync(string endpoint, Func<HttpClient, Task> use)
    {
        int port = LoopbackPort.Free();
        using var process = new ServiceProcess(
            "Radar.Standalone", OtlpSettings.Often(endpoint), "--urls", $"http://127.0.0.1:{port}", "--rate", "200",
            "--Producer:TracesPerSymbolPerSecond=1000", "--Api:StaleAfterMs=600000", "--Api:KafkaTimeoutMs=60000");
        using var api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Wait.UntilAsync(() => AnswersAsync(api, process), "Standalone answers");
        await use(api);
        process.Signal("TERM");
        Assert.Equal(0, await process.ExitCodeAsync());
        return process.Output;
    }

    private static async Task<bool> AnswersAsync(HttpClient api, ServiceProcess process)
    {
        try
        {
            using var answer = await api.GetAsync(new Uri("/alive", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            Assert.DoesNotContain("configuration:", process.Output, StringComparison.Ordinal);
            return false;
        }
    }

    /// <summary>Takes OTLP over HTTP. Names lie in protobuf as they are, so that looking for them needs no decoder.</summary>
    private static async Task<WebApplication> ListenAsync(ConcurrentDictionary<string, string> received)
    {
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/v1/{signal}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            string text = Encoding.Latin1.GetString(body.ToArray());
            foreach (string service in new[] { "radar-producer", "radar-consumer", "radar-api" })
            {
                if (text.Contains(string.Create(
                    CultureInfo.InvariantCulture, $"service.name\x12{(char)(service.Length + 2)}\n{(char)service.Length}{service}"),
                        StringComparison.Ordinal))
                    received.AddOrUpdate($"{context.Request.Path} {service}", text, (_, before) => before + text);
            }
        });
        await app.StartAsync();
        return app;
    }
}
