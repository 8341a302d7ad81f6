using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Radar.Market;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Operations;
using Radar.Standalone;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using static Radar.Tests.Fixtures.StartedHost;

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
    public async Task With_an_operations_port_it_is_served_only_there()
    {
        int port = LoopbackPort.Free();
        await using var app = await StartAsync(Enabled, $"--Operations:Port={port}");

        using var http = new HttpClient();
        Assert.Contains(
            "service_name=\"Radar.Api\"", await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics")), StringComparison.Ordinal);
        foreach (string path in new[] { "/", "/metrics/x" })
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"http://127.0.0.1:{port}{path}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(app.Urls.Single() + "/metrics"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app.Urls.Single() + "/alive"));
    }

    [Fact]
    public async Task Wrong_setting_stops_the_start_and_is_named()
    {
        var fault = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => StartAsync("--Telemetry:Prometheus:Port=9464"));
        Assert.Contains("Telemetry:Prometheus: there is no setting 'Port'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_standalone_one_of_three_serves_the_metrics_of_all()
    {
        var options = new StandaloneOptions { Settings = [Enabled, "--Operations:Port=9464"] };
        Assert.Equal((false, false, 0), Read(ServiceArguments.Producer(options, [])));
        Assert.Equal((false, false, 0), Read(ServiceArguments.Consumer(options, [])));
        Assert.Equal((true, true, 9464), Read(ServiceArguments.Api(options, [])));
    }

    private static (bool Enabled, bool AllServices, int Port) Read(string[] arguments)
    {
        var configuration = WebApplication.CreateBuilder(arguments).Configuration;
        var metrics = configuration.ReadEarly<PrometheusOptions>(PrometheusOptions.Section);
        return (metrics.Enabled, metrics.AllServices, configuration.ReadEarly<OperationsOptions>(OperationsOptions.Section).Port);
    }

    private static async Task<WebApplication> StartAsync(params string[] settings)
    {
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", .. settings]);
        builder.AddServiceDefaults(TelemetryNames.Api);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        return await app.StartedAsync();
    }
}
