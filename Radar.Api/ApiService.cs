using Microsoft.Extensions.Options;
using Radar.Api.Board;
using Radar.Api.Faults;
using Radar.Api.Freshness;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Control;
using Radar.Api.Http.Endpoints;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Page;
using Radar.Api.Http.Streams;
using Radar.Api.Queries;
using Radar.Api.Streaming;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Control;
using StackExchange.Redis;
using HealthStatus = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus;

namespace Radar.Api;

/// <summary>The API: Redis → REST; Kafka only to measure how far Redis is behind.</summary>
public static class ApiService
{
    /// <summary>Builds the host. Nothing it serves comes from the content root.</summary>
    /// <exception cref="ConfigurationException">A connection string is missing or cannot be read.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestLineSize = 48 * 1024; // the most symbols that a stream takes, each as long as a symbol may be
        });
        builder.AddServiceDefaults(TelemetryNames.Api);
        builder.AddRadarRedis(whenAway: HealthStatus.Degraded); // the newest trades are served without it
        builder.AddRadarKafka(whenAway: HealthStatus.Degraded); // reads are served without it
        builder.Services.AddCheckedOptions<ApiOptions, ApiOptionsValidator>(ApiOptions.Section);
        builder.Services.AddSingleton<IValidateOptions<ApiOptions>, CorsOriginsValidator>();
        builder.Services.AddProblems();
        builder.Services.AddCorsPolicy();
        builder.Services.AddFreshness();
        builder.Services.AddLiveBoard();
        builder.Services.AddStreams();
        builder.Services.AddSymbolReads();
        builder.Services.AddLists();
        builder.Services.AddApiDocument();
        builder.AddApiControl();

        var app = builder.Build();
        app.UseProblems();
        app.UseCorsPolicy();
        app.MapDefaultEndpoints();
        app.MapControl(ApiControl.Map);
        CompatibleEndpoints.Map(app);
        MapMarket(app.MapGroup("/api/v2").WithTags("v2").WithHead());
        LagEndpoint.Map(app);
        StreamEndpoint.Map(app);
        app.MapApiDocument();
        PageEndpoint.Map(app);
        return app;
    }

    private static void MapMarket(IEndpointRouteBuilder v2)
    {
        SymbolEndpoints.Map(v2);
        TickerEndpoints.Map(v2);
        SnapshotEndpoints.Map(v2);
        MoverEndpoints.Map(v2);
        TradeEndpoints.Map(v2);
        BarEndpoints.Map(v2);
    }

    private static void AddSymbolReads(this IServiceCollection services)
    {
        services.AddSingleton(services => new MarketReader(
            services.GetRequiredService<IConnectionMultiplexer>(), services.GetRequiredService<IOptions<RadarOptions>>().Value.Name));
        services.AddSingleton<RequestDeadline>();
        services.AddSingleton<RedisSpan>();
        services.AddSingleton<SymbolReads>();
        services.AddSingleton<SymbolRequests>();
        services.AddSingleton<CompatibleEndpoints>();
        services.AddSingleton<SymbolPages>();
        services.AddSingleton<TradeEndpoints>();
        services.AddSingleton<BarEndpoints>();
    }

    private static void AddLists(this IServiceCollection services)
    {
        services.AddSingleton<BoardReads>();
        services.AddSingleton<ListRequests>();
        services.AddSingleton<SymbolEndpoints>();
        services.AddSingleton<TickerEndpoints>();
        services.AddSingleton<SnapshotEndpoints>();
        services.AddSingleton<MoverEndpoints>();
    }

    private static void AddLiveBoard(this IServiceCollection services)
    {
        services.AddSingleton<LiveBoard>();
        services.AddSingleton<BoardMetrics>();
        services.AddSingleton<BoardHealthCheck>();
        services.AddSingleton<BoardFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<BoardFeed>());
        services.AddHealthChecks()
            .AddCheck<BoardHealthCheck>("board", tags: [ServiceDefaults.ServiceDefaults.ReadyTag])
            .AddCheck<IntegrityHealthCheck>("integrity", HealthStatus.Degraded);
    }

    private static void AddStreams(this IServiceCollection services)
    {
        services.AddSingleton<StreamHub>();
        services.AddSingleton<StreamMetrics>();
        services.AddSingleton(static provider => new StreamSnapshots(
            provider.GetRequiredService<LiveBoard>(), provider.GetRequiredService<StreamHub>().Budget,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<StreamCatchUp>();
        services.AddSingleton<StreamEndpoint>();
        services.AddHostedService<StreamHeartbeatService>();
    }

    private static void AddFreshness(this IServiceCollection services)
    {
        services.AddSingleton<TopicEnds>();
        services.AddSingleton<RecordTimestamps>();
        services.AddSingleton<LagMeter>();
        services.AddSingleton<LagMetrics>();
        services.AddSingleton<LagStatus>();
        services.AddSingleton<FreshnessObjective>();
        services.AddSingleton<FreshnessMetrics>();
        services.AddSingleton<EventFreshness>();
        services.AddSingleton<ObjectiveHealthCheck>(); // it remembers what burns
        services.AddSingleton<Staleness>();
        services.AddSingleton<SymbolDirectory>();
        services.AddHostedService<LagMonitor>();
        services.AddHealthChecks()
            .AddCheck<LagHealthCheck>("lag", HealthStatus.Degraded)
            .AddCheck<ObjectiveHealthCheck>("objective", HealthStatus.Degraded)
            .AddCheck<SymbolsHealthCheck>("symbols", HealthStatus.Degraded)
            .AddCheck<StateHealthCheck>("state", HealthStatus.Degraded);
    }
}
