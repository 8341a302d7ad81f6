using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Radar.Market;

namespace Radar.ServiceDefaults;

/// <summary>
/// <c>/metrics</c> for Prometheus. It has a meter provider of its own, so that it may have the metrics of every service in the process,
/// while OTLP has each under its own service's name.
/// </summary>
internal static class Prometheus
{
    public const string Path = "/metrics";

    private static readonly string[] AllServices = [TelemetryNames.Producer, TelemetryNames.Consumer, TelemetryNames.Api];

    public static void AddPrometheus(this WebApplicationBuilder builder, string telemetryName)
    {
        builder.Services.AddCheckedOptions<PrometheusOptions, PrometheusOptionsValidator>(PrometheusOptions.Section);
        builder.Services.AddSingleton<IValidateOptions<PrometheusOptions>, PrometheusOptionsRules>();
        var options = builder.Configuration.ReadEarly<PrometheusOptions>(PrometheusOptions.Section);
        if (!options.Enabled)
            return;
        builder.Services.AddSingleton(_ => new PrometheusMeters(Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddRadar(builder.Configuration, telemetryName))
            .AddMeters(processWide: true, options.AllServices ? AllServices : [telemetryName])
            .AddPrometheusExporter()
            .Build()));
        if (options.Port != 0)
            builder.Services.AddHostedService<PrometheusListener>();
    }

    /// <summary>Serves <c>/metrics</c> with everything else, unless it has a port of its own.</summary>
    /// <param name="app">The service.</param>
    /// <param name="may">Whether a request may see them; others find nothing there. Null is every request.</param>
    public static void UsePrometheus(this WebApplication app, Func<HttpContext, bool>? may)
    {
        if (app.Services.GetService<PrometheusMeters>() is { } meters
            && app.Services.GetRequiredService<IOptions<PrometheusOptions>>().Value.Port == 0)
            app.UseScraping(meters, may);
    }

    private static void UseScraping(this IApplicationBuilder app, PrometheusMeters meters, Func<HttpContext, bool>? may = null)
    {
        app.UseReadOnly(Path);
        app.UseOpenTelemetryPrometheusScrapingEndpoint(
            meters.Provider, context => context.Request.Path == Path && may?.Invoke(context) != false, null, null, null);
    }

    /// <summary>A provider that is not the one that OTLP reads.</summary>
    internal sealed class PrometheusMeters(MeterProvider provider) : IDisposable
    {
        public MeterProvider Provider => provider;

        public void Dispose() => provider.Dispose();
    }

    /// <summary>The port that has nothing but <c>/metrics</c>: a server of its own, whatever the service listens on.</summary>
    internal sealed class PrometheusListener(
        PrometheusMeters meters, IOptions<PrometheusOptions> options, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
    {
        private readonly WebApplication _server = Build(meters, options.Value, loggers);

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            try
            {
                await _server.StartAsync(cancellationToken);
            }
            catch (IOException e) when (e.InnerException is AddressInUseException)
            {
                throw new ConfigurationException(
                    $"{PrometheusOptions.Section}:Port={options.Value.Port} is taken at {options.Value.Address}. Choose another; "
                    + "each service needs its own.");
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private static WebApplication Build(PrometheusMeters meters, PrometheusOptions options, ILoggerFactory loggers)
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.Services.AddSingleton(loggers);
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Listen(IPAddress.Parse(options.Address), options.Port);
            });
            var server = builder.Build();
            server.UseScraping(meters);
            return server;
        }
    }
}
