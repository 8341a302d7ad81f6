using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.ServiceDefaults;

namespace Radar.Api.Board;

internal static class BoardServices
{
    /// <summary>The live board and what feeds it.</summary>
    public static void AddBoard(this IServiceCollection services)
    {
        services.AddSingleton<LiveBoard>();
        services.AddSingleton<LogEnds>();
        services.AddSingleton<BoardMetrics>();
        services.AddSingleton<BoardHealthCheck>();
        services.AddSingleton<FeedServices>();
        services.AddSingleton<BoardFeed>();
        services.AddHostedService(static provider => provider.GetRequiredService<BoardFeed>());
        services.AddHealthChecks()
            .AddCheck<BoardHealthCheck>("board", tags: [ServiceDefaults.ServiceDefaults.ReadyTag])
            .AddCheck<IntegrityHealthCheck>("integrity", HealthStatus.Degraded);
    }
}
