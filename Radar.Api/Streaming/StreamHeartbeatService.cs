using Radar.Api.Board;
using Radar.ServiceDefaults.Operations;

namespace Radar.Api.Streaming;

/// <summary>Sends heartbeats, and ends the streams when the service stops: a server that waits for them would wait for ever.</summary>
internal sealed class StreamHeartbeatService(
    StreamHub hub, StreamHeartbeat heartbeat, Drain drain, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = drain.Over.Register(hub.Stop);
        using var timer = new PeriodicTimer(heartbeat.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                hub.BroadcastHeartbeat(status => heartbeat.Of(status, status.Version));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A stop.
        }
    }
}
