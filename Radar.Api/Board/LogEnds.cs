using System.Collections.Immutable;

namespace Radar.Api.Board;

/// <summary>
/// Where Kafka's partitions ended at the last measurement. The meter publishes it here: a position past the end of its log shows
/// that the log is another one. Any thread.
/// </summary>
internal sealed class LogEnds
{
    private volatile Measurement? _latest;

    /// <summary>The end of a partition's log, and when it was measured, Unix ms; null where it is unknown.</summary>
    public (long End, long TakenMs)? Of(int partition) =>
        _latest is { } latest && partition < latest.Ends.Length ? (latest.Ends[partition], latest.TakenMs) : null;

    /// <summary>Publishes a measurement.</summary>
    /// <param name="ends">By partition.</param>
    /// <param name="takenMs">When it was taken, Unix ms.</param>
    public void Publish(ImmutableArray<long> ends, long takenMs) => _latest = new Measurement(ends, takenMs);

    /// <summary>The last measurement failed.</summary>
    public void Clear() => _latest = null;

    private sealed record Measurement(ImmutableArray<long> Ends, long TakenMs);
}
