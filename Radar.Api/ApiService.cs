using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Radar.Api.Access;
using Radar.Api.Board;
using Radar.Api.DeadLetters;
using Radar.Api.Faults;
using Radar.Api.Freshness;
using Radar.Api.Http;
using Radar.Api.Limits;
using Radar.Api.Queries;
using Radar.Api.Streaming;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Operations;
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
        builder.WebHost.ConfigureKestrel(ConfigureServer);
        builder.AddServiceDefaults(TelemetryNames.Api);
        builder.AddDrain();
        builder.AddRadarRedis(whenAway: HealthStatus.Degraded); // the newest trades are served without it
        builder.AddRadarKafka(whenAway: HealthStatus.Degraded); // reads are served without it
        builder.Services.AddCheckedOptions<ApiOptions, ApiOptionsValidator>(ApiOptions.Section);
        builder.Services.AddSingleton<IValidateOptions<ApiOptions>, CorsOriginsValidator>();
        builder.Services.AddSingleton(NeedsOf);
        builder.Services.AddFaults();
        builder.Services.AddFreshness();
        builder.Services.AddDeadLetters();
        builder.Services.AddBoard();
        builder.Services.AddStreaming();
        builder.Services.AddQueries();
        builder.Services.AddLimits();
        builder.AddHttp();

        var app = builder.Build();
        app.MapHttp();
        return app;
    }

    /// <summary>What the API does with Redis, by who may ask and how much.</summary>
    private static RedisNeeds NeedsOf(IServiceProvider services)
    {
        var auth = services.GetRequiredService<IOptions<AuthOptions>>().Value;
        var limits = services.GetRequiredService<CallerLimits>();
        var kept = (auth.TakesKeys ? KeptRecords.Keys : KeptRecords.None) | (auth.IsOn ? KeptRecords.Sessions : KeptRecords.None)
            | (limits.IsOn ? KeptRecords.Limits : KeptRecords.None);
        var probe = services.GetRequiredService<RightsProbe>();
        return new RedisNeeds(() => probe.FindMissingAsync(kept));
    }

    /// <summary>What a client may send, and how long it may take: nothing that the API reads is large or slow.</summary>
    private static void ConfigureServer(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        var limits = server.Limits;

        // The most symbols that a stream takes, each as long as a symbol may be, with every byte of it percent-encoded.
        limits.MaxRequestLineSize = 1024 + (StreamRequest.SymbolsMax * 3 * (SymbolName.BytesMax + 1));
        limits.MaxRequestHeadersTotalSize = 32 * 1024; // Last-Event-ID has a position for each partition
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestBodySize = 64 * 1024;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5); // from the first byte to the last one of the headers
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(75); // longer than what proxies use, so that they end a connection first
    }
}
