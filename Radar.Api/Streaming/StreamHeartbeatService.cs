using Microsoft.Extensions.Options;
using Radar.Api.Board;
using Radar.Api.Freshness;

namespace Radar.Api.Streaming;

/// <summary>Sends heartbeats, and ends the streams when the service stops: a server that waits for them would wait for ever.</summary>
internal sealed class StreamHeartbeatService(
    StreamHub hub, LiveBoard board, Staleness staleness, IHostApplicationLifetime lifetime, IOptions<ApiOptions> options, TimeProvider time)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = lifetime.ApplicationStopping.Register(hub.Stop);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.StreamHeartbeatMs), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                BoardStatus status = board.Status;
                long? lagMs = staleness.WorstLagMs();
                bool stale = !status.IsInSync || lagMs is null || lagMs > options.Value.StaleAfterMs;
                hub.BroadcastHeartbeat(
                    StreamFrame.Heartbeat(time.GetUtcNow().ToUnixTimeMilliseconds(), lagMs, stale, status.Version.Incomplete));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A stop.
        }
    }
}
