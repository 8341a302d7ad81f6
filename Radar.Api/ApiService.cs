using Microsoft.Extensions.Options;
using Radar.Api.Board;
using Radar.Api.DeadLetters;
using Radar.Api.Faults;
using Radar.Api.Freshness;
using Radar.Api.Http;
using Radar.Api.Queries;
using Radar.Api.Streaming;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using HealthStatus = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus;

namespace Radar.Api;

/// <summary>The API: Redis → REST; Kafka only to measure how far Redis is behind. See readme.md for its floors.</summary>
public static class ApiService
{
    /// <summary>Builds the host. Nothing it serves comes from the content root.</summary>
    /// <exception cref="ConfigurationException">A connection string is missing or cannot be read.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            // The most symbols that a stream takes, each as long as a symbol may be, with every byte of it percent-encoded.
            kestrel.Limits.MaxRequestLineSize = 1024 + (StreamRequest.SymbolsMax * 3 * (SymbolName.BytesMax + 1));
        });
        builder.AddServiceDefaults(TelemetryNames.Api);
        builder.AddRadarRedis(whenAway: HealthStatus.Degraded); // the newest trades are served without it
        builder.AddRadarKafka(whenAway: HealthStatus.Degraded); // reads are served without it
        builder.Services.AddCheckedOptions<ApiOptions, ApiOptionsValidator>(ApiOptions.Section);
        builder.Services.AddSingleton<IValidateOptions<ApiOptions>, CorsOriginsValidator>();
        builder.Services.AddFaults();
        builder.Services.AddFreshness();
        builder.Services.AddDeadLetters();
        builder.Services.AddBoard();
        builder.Services.AddStreaming();
        builder.Services.AddQueries();
        builder.AddHttp();

        var app = builder.Build();
        app.MapHttp();
        return app;
    }
}
