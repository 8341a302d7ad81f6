using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Radar.Market;
using Radar.ServiceDefaults.Operations;

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
        builder.Services.AddCheckedOptions<PrometheusOptions>(PrometheusOptions.Section);
        var options = builder.Configuration.ReadEarly<PrometheusOptions>(PrometheusOptions.Section);
        if (!options.Enabled)
            return;
        builder.Services.AddSingleton(_ => new PrometheusMeters(Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddRadar(builder.Configuration, telemetryName))
            .AddMeters(processWide: true, options.AllServices ? AllServices : [telemetryName])
            .AddPrometheusExporter()
            .Build()));
    }

    /// <summary>Serves <c>/metrics</c> with everything else, unless there is an operations port.</summary>
    /// <param name="app">The service.</param>
    /// <param name="may">Whether a request may see them; others find nothing there. Null is every request.</param>
    public static void UsePrometheus(this WebApplication app, Func<HttpContext, bool>? may)
    {
        if (app.Services.GetService<PrometheusMeters>() is { } meters
            && app.Services.GetRequiredService<IOptions<OperationsOptions>>().Value.Port == 0)
            app.UseScraping(meters, may);
    }

    public static void UseScraping(this IApplicationBuilder app, PrometheusMeters meters, Func<HttpContext, bool>? may = null)
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
}
