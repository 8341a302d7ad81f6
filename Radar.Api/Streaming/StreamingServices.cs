using Radar.Api.Board;

namespace Radar.Api.Streaming;

internal static class StreamingServices
{
    /// <summary>Streams of the board's changes.</summary>
    public static void AddStreaming(this IServiceCollection services)
    {
        services.AddSingleton<StreamHub>();
        services.AddSingleton<IBoardObserver>(static provider => provider.GetRequiredService<StreamHub>());
        services.AddSingleton<StreamMetrics>();
        services.AddSingleton(static provider => new StreamSnapshots(
            provider.GetRequiredService<LiveBoard>(), provider.GetRequiredService<StreamHub>().Budget,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<StreamCatchUp>();
        services.AddSingleton<StreamHeartbeat>();
        services.AddHostedService<StreamHeartbeatService>();
    }
}
