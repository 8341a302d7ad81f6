using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Radar.ServiceDefaults.Operations;
using Radar.ServiceDefaults.Settings;

namespace Radar.ServiceDefaults;

/// <summary>What every Radar service has: OpenTelemetry, health, resilience, service discovery.</summary>
public static class ServiceDefaults
{
    /// <summary>Tag of checks that decide <c>/ready</c>: whether the service can answer anything at all.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Adds the defaults. <paramref name="telemetryName"/> is the service's activity source and meter.</summary>
    /// <remarks>
    /// <c>Telemetry:ProcessWide=false</c> leaves out the instrumentation of the runtime, of HTTP clients and of the web server: hosts
    /// that share a process would each report the whole process otherwise.
    /// </remarks>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string telemetryName)
    {
        builder.QuietLibraries();
        builder.AddCommandLineCheck();
        builder.AddTelemetry(telemetryName);
        builder.AddPrometheus(telemetryName);
        // ServiceRunner logs a failed start in one line; the host would repeat it with a stack trace.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<WrongConfiguration>();
        builder.Services.TryAddSingleton<HealthLog>();
        builder.Services.AddHealthChecks();
        builder.AddOperations();
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (every check, as JSON; 503 where one is unhealthy), <c>/ready</c> (503 where the service can answer nothing, for
    /// load balancers) and <c>/alive</c> (the process answers, for whatever restarts it).
    /// </summary>
    /// <param name="app">The service.</param>
    /// <param name="mayAll">
    /// Whether a request may see checks and metrics; others see the status only, and no metrics. Null is every request.
    /// </param>
    public static WebApplication MapDefaultEndpoints(this WebApplication app, Func<HttpContext, bool>? mayAll = null)
    {
        app.UsePrometheus(mayAll);
        HealthRoutes.Map(app, app.Services.GetRequiredService<HealthReports>(), mayAll);
        return app;
    }

    /// <summary>
    /// A fact is a line, and some libraries are quiet. The framework's line for every request costs more than the request, and spans and
    /// metrics show it better; the Redis client writes a page for every attempt while its server is away, which the services log once
    /// themselves. It is the first source, so that any configuration overrules it.
    /// </summary>
    private static void QuietLibraries(this WebApplicationBuilder builder) =>
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData =
            [
                new("Logging:LogLevel:Microsoft.AspNetCore", "Warning"),

                // At Warning it says that its keys are not encrypted: in Redis they lie beside the keys of the API, which count as much.
                new("Logging:LogLevel:Microsoft.AspNetCore.DataProtection", "Error"),
                new("Logging:LogLevel:Microsoft.AspNetCore.DataProtection.KeyManagement.KeyRingProvider", "None"), // SessionKeys logs it
                new("Logging:LogLevel:Polly", "Warning"), // two lines for each request, those of OTLP over HTTP included
                new("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "None"), // else each request has a span for log lines only
                new("Logging:LogLevel:StackExchange.Redis", "None"),
                new("Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks", "None"), // a line for each poll of what is degraded
                new("Logging:Console:FormatterName", "simple"),
                new("Logging:Console:FormatterOptions:SingleLine", "true"),
            ],
        });

    /// <summary>Health, and the port on which operators have it in full.</summary>
    private static void AddOperations(this WebApplicationBuilder builder)
    {
        builder.Services.AddCheckedOptions<OperationsOptions, OperationsOptionsValidator>(OperationsOptions.Section);
        builder.Services.AddSingleton<IValidateOptions<OperationsOptions>, OperationsOptionsRules>();
        AllowedHosts.Add(builder.Services);
        builder.Services.AddSingleton<HealthReports>();
        builder.Services.AddHostedService<OperationsListener>();
    }

    /// <summary>Collects only where there is an endpoint to export to: otherwise nobody sees it, and each request pays for it.</summary>
    private static void AddTelemetry(this WebApplicationBuilder builder, string telemetryName)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;
        foreach (string exporter in new[] { "OtlpTraceExporter", "OtlpMetricExporter", "OtlpLogExporter" })
        {
            // Their clients are not to be retried and logged as the services' own are: an endpoint that is down would fill the log, and
            // each line of it would be sent there.
#pragma warning disable EXTEXP0001 // there is no other way to take handlers off that all clients have
            builder.Services.AddHttpClient(exporter).RemoveAllResilienceHandlers().RemoveAllLoggers();
#pragma warning restore EXTEXP0001
        }

        bool processWide = builder.Configuration.GetValue("Telemetry:ProcessWide", true);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddRadar(builder.Configuration, telemetryName))
            .WithMetrics(metrics => metrics.AddMeters(processWide, telemetryName))
            .WithTracing(tracing =>
            {
                tracing.AddSource(telemetryName);
                if (processWide)
                {
                    tracing.AddHttpClientInstrumentation().AddAspNetCoreInstrumentation(options =>
                        options.Filter = context => !context.Request.Path.StartsWithSegments(HealthRoutes.Health, StringComparison.Ordinal)
                            && !context.Request.Path.StartsWithSegments(HealthRoutes.Ready, StringComparison.Ordinal)
                            && !context.Request.Path.StartsWithSegments(HealthRoutes.Alive, StringComparison.Ordinal));
                }
            })
            .UseOtlpExporter();
    }

    /// <summary>The meters of services, and, once in a process, those of the process.</summary>
    internal static MeterProviderBuilder AddMeters(this MeterProviderBuilder metrics, bool processWide, params string[] services)
    {
        metrics.AddMeter(services);
        return processWide
            ? metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation()
            : metrics;
    }

    /// <summary>Which service it is.</summary>
    internal static ResourceBuilder AddRadar(this ResourceBuilder resource, IConfiguration configuration, string telemetryName) => resource
        .AddService(configuration["OTEL_SERVICE_NAME"] ?? telemetryName)
        .AddEnvironmentVariableDetector(); // last, so that an instance id which the orchestrator gave stays
}
