using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Radar.Market;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Operations;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using static Radar.Tests.Fixtures.StartedHost;

namespace Radar.Tests.ServiceDefaults.Operations;

/// <summary>The operations port, and how often health is checked.</summary>
public sealed class OperationsTests
{
    private readonly FakeTimeProvider _time = new();
    private int _checks;
    private Func<HealthCheckResult> _check = () => HealthCheckResult.Healthy("all is well");

    [Fact]
    public async Task Port_answers_health_in_full_and_further_routes_of_the_service_and_nothing_else()
    {
        int port = LoopbackPort.Free();
        await using var app = await StartAsync($"--Operations:Port={port}");
        string operations = $"http://127.0.0.1:{port}";

        var (status, health) = await GetAsync(operations + "/health");
        Assert.Equal((HttpStatusCode.OK, "all is well"), (status, (string?)health["checks"]!["counted"]!["description"]));
        foreach (string path in new[] { "/ready", "/alive", "/more" })
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(operations + path));
        foreach (string path in new[] { "/", "/metrics", "/own" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(operations + path));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await StatusAsync(operations + "/health", HttpMethod.Post));

        Assert.Equal("""{"status":"Healthy"}""", (await GetAsync(app.Urls.Single() + "/health")).Body.ToJsonString());
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(app.Urls.Single() + "/more"));
    }

    [Fact]
    public async Task Health_is_checked_once_in_a_second_however_many_ask()
    {
        await using var app = await StartAsync();
        string health = app.Urls.Single() + "/health";

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => StatusAsync(health)));
        Assert.Equal(1, _checks);

        _check = () => HealthCheckResult.Unhealthy("it broke");
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(health));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(health));
        Assert.Equal(2, _checks);
    }

    [Fact]
    public async Task Check_that_throws_shows_nothing_of_its_exception()
    {
        int port = LoopbackPort.Free();
        _check = () => throw new InvalidOperationException("secret of the inside");
        await using var app = await StartAsync($"--Operations:Port={port}");

        var (status, health) = await GetAsync($"http://127.0.0.1:{port}/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.DoesNotContain("secret", health.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("counted: The check failed; the log of the service says why.", (string?)health["description"],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_that_was_asked_to_stop_answers_on_and_is_not_ready_until_the_drain_is_over()
    {
        await using var app = await StartAsync("--Operations:DrainSeconds=30");
        string url = app.Urls.Single();
        var drain = app.Services.GetRequiredService<Drain>();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(url + "/ready"));

        var stopping = app.StopAsync();
        await Wait.UntilAsync(() => drain.HasBegun, "the drain has begun");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(url + "/ready"));
        using (var http = new HttpClient())
        using (var answer = await http.GetAsync(new Uri(url + "/own")))
            Assert.Equal((HttpStatusCode.OK, true), (answer.StatusCode, answer.Headers.ConnectionClose));
        Assert.False(drain.Over.IsCancellationRequested);
        Assert.False(stopping.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(30));
        await stopping.WaitAsync(Wait.Limit);
        Assert.True(drain.Over.IsCancellationRequested);
    }

    [Fact]
    public async Task Port_that_is_taken_is_a_sentence_to_act_on()
    {
        int port = LoopbackPort.Free();
        await using var first = await StartAsync($"--Operations:Port={port}");
        var fault = await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync($"--Operations:Port={port}"));
        Assert.Contains($"Operations:Port={port} is taken at 127.0.0.1", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Operations:Port=70000", "Port")]
    [InlineData("--Operations:Address=everywhere", "'everywhere' is no IP address")]
    [InlineData("--Operations:Adress=::", "Adress")]
    public async Task Wrong_setting_stops_the_start_and_is_named(string setting, string named)
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(setting));
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    private async Task<WebApplication> StartAsync(params string[] settings)
    {
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", .. settings]);
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.AddServiceDefaults(TelemetryNames.Api);
        builder.AddDrain();
        builder.Services.AddHealthChecks().AddCheck("counted", () =>
        {
            Interlocked.Increment(ref _checks);
            return _check();
        });
        builder.Services.AddSingleton(new OperationsRoute("/more", context => context.Response.WriteAsync("more")));
        var app = builder.Build();
        app.UseDrain();
        app.MapDefaultEndpoints(mayAll: static _ => false);
        app.MapGet("/own", () => "own");
        return await app.StartedAsync();
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> GetAsync(string url)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(url));
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
