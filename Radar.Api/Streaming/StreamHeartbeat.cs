using Microsoft.Extensions.Options;
using Radar.Api.Board;
using Radar.Api.Freshness;

namespace Radar.Api.Streaming;

/// <summary>Makes heartbeats: the first event of a stream after what brings it up to date, and then one per interval.</summary>
internal sealed class StreamHeartbeat(Staleness staleness, IOptions<ApiOptions> options, TimeProvider time)
{
    public TimeSpan Interval => TimeSpan.FromMilliseconds(options.Value.StreamHeartbeatMs);

    /// <summary>A heartbeat of this moment.</summary>
    /// <param name="status">Of the board.</param>
    /// <param name="reached">The version whose records it reports; its id.</param>
    public StreamFrame Of(BoardStatus status, BoardVersion reached)
    {
        long? lagMs = staleness.WorstLagMs();
        bool stale = !status.IsInSync || lagMs is null || lagMs > options.Value.StaleAfterMs;
        return StreamFrame.Heartbeat(
            time.GetUtcNow().ToUnixTimeMilliseconds(), lagMs, stale, status.Version.Incomplete, options.Value.StreamHeartbeatMs,
            reached.RecordMs);
    }
}
