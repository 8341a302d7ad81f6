using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Radar.Market;
using Radar.ServiceDefaults;
using Radar.Standalone;
using Radar.Standalone.Infrastructure;

namespace Radar.Tests.ServiceDefaults;

public sealed class PrometheusTests
{
    private const string Enabled = "--Telemetry:Prometheus:Enabled=true";

    [Fact]
    public async Task Nothing_is_served_unless_it_is_asked_for()
    {
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(app.Urls.Single() + "/metrics"));
    }

    [Fact]
    public async Task Without_a_port_it_is_served_where_everything_else_is()
    {
        await using var app = await StartAsync(Enabled);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app.Urls.Single() + "/metrics"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app.Urls.Single() + "/alive"));
    }

    [Fact]
    public async Task With_a_port_it_is_served_only_there_and_nothing_else_is()
    {
        int port = LoopbackPort.Free();
        await using var app = await StartAsync(Enabled, $"--Telemetry:Prometheus:Port={port}");

        using var http = new HttpClient();
        Assert.Contains(
            "service_name=\"Radar.Api\"", await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics")), StringComparison.Ordinal);
        foreach (string path in new[] { "/", "/health", "/alive", "/metrics/x" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"http://127.0.0.1:{port}{path}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(app.Urls.Single() + "/metrics"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app.Urls.Single() + "/alive"));
    }

    [Fact]
    public async Task Port_that_is_taken_is_a_sentence_to_act_on()
    {
        int port = LoopbackPort.Free();
        await using var first = await StartAsync(Enabled, $"--Telemetry:Prometheus:Port={port}");
        var fault = await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync(Enabled, $"--Telemetry:Prometheus:Port={port}"));
        Assert.Contains($"Telemetry:Prometheus:Port={port}", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Telemetry:Prometheus:Port=70000", "Port")]
    [InlineData("--Telemetry:Prometheus:Address=everywhere", "Address")]
    [InlineData("--Telemetry:Prometheus:Adress=::", "Adress")]
    public async Task Wrong_setting_stops_the_start_and_is_named(string setting, string named)
    {
        var fault = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => StartAsync(setting));
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_standalone_one_of_three_serves_the_metrics_of_all()
    {
        var options = new StandaloneOptions { Settings = [Enabled, "--Telemetry:Prometheus:Port=9464"] };
        Assert.Equal("False", Read(ServiceArguments.Producer(options, []), "Enabled"));
        Assert.Equal("False", Read(ServiceArguments.Consumer(options, []), "Enabled"));
        Assert.Equal(("True", "True", "9464"), (
            Read(ServiceArguments.Api(options, []), "Enabled"), Read(ServiceArguments.Api(options, []), "AllServices"), Read(
                ServiceArguments.Api(options, []), "Port")));
    }

    private static string Read(string[] arguments, string name)
    {
        var options = WebApplication.CreateBuilder(arguments).Configuration.ReadEarly<PrometheusOptions>(PrometheusOptions.Section);
        return $"{typeof(PrometheusOptions).GetProperty(name)!.GetValue(options)}";
    }

    private static async Task<WebApplication> StartAsync(params string[] settings)
    {
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", .. settings]);
        builder.AddServiceDefaults(TelemetryNames.Api);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        try
        {
            await ServiceRunner.StartAsync(app, CancellationToken.None);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(string url)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(url));
        return answer.StatusCode;
    }
}
