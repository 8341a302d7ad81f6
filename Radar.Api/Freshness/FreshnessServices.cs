using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Radar.Api.Board;
using Radar.Market;

namespace Radar.Api.Freshness;

internal static class FreshnessServices
{
    /// <summary>How far the state is behind the topic, and how long events take.</summary>
    public static void AddFreshness(this IServiceCollection services)
    {
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<TopicEnds>(
            provider, provider.GetRequiredService<IOptions<KafkaOptions>>().Value.Topic));
        services.AddSingleton<RecordTimestamps>();
        services.AddSingleton<LagMeter>();
        services.AddSingleton<LagMetrics>();
        services.AddSingleton<LagStatus>();
        services.AddSingleton<FreshnessObjective>();
        services.AddSingleton<FreshnessMetrics>();
        services.AddSingleton<IArrivalObserver, EventFreshness>();
        services.AddSingleton<ObjectiveHealthCheck>(); // it remembers what burns
        services.AddSingleton<Staleness>();
        services.AddSingleton<SymbolDirectory>();
        services.AddHostedService<LagMonitor>();
        services.AddHealthChecks()
            .AddCheck<LagHealthCheck>("lag", HealthStatus.Degraded)
            .AddCheck<ObjectiveHealthCheck>("objective", HealthStatus.Degraded)
            .AddCheck<SymbolsHealthCheck>("symbols", HealthStatus.Degraded);
    }
}
