using System.Collections.Immutable;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// The rule that no answer goes back: of each partition nothing is served that is older than what this process has served of it before,
/// whether that came from the board or from Redis.
/// </summary>
internal sealed partial class LiveBoard
{
    /// <summary>An answer was made from what Redis has of a symbol.</summary>
    public void NoteServed(SymbolLocation location) =>
        NoteServed(MarketLayout.Of(location), (location.Keys.Partition, location.Position.Offset));

    /// <summary>An answer was made from what Redis has of several partitions.</summary>
    public void NoteServed(MarketLayout layout, ImmutableArray<long?> positions)
    {
        var served = new List<(int Partition, long Offset)>(positions.Length);
        for (int partition = 0; partition < positions.Length; partition++)
        {
            if (positions[partition] is { } offset)
                served.Add((partition, offset));
        }

        NoteServed(layout, [.. served]);
    }

    /// <summary>
    /// What was served of a partition lies past the end of its log, as found later: the log is another one, which is served from its
    /// beginning.
    /// </summary>
    /// <param name="partition">Kafka partition.</param>
    /// <param name="end">The log's end.</param>
    /// <param name="takenMs">When it was asked for, Unix ms; what was served after that proves nothing.</param>
    /// <returns>True where something was forgotten.</returns>
    public bool ForgetServedPast(int partition, long end, long takenMs)
    {
        lock (_gate)
        {
            ServedPositions served = _status.Served;
            if (served.OffsetOf(partition) <= end || served.Positions[partition].AtMs >= takenMs)
                return false;
            Set(_status with { Served = served.Without(partition) });
            return true;
        }
    }

    private void NoteServed(MarketLayout layout, params ReadOnlySpan<(int Partition, long Offset)> positions)
    {
        lock (_gate)
        {
            if (_status.Layout is { } followed && followed != layout)
                return; // the board changes over to it, or has left it
            ServedPositions served = _status.Served.Layout == layout ? _status.Served : ServedPositions.Begin(layout);
            foreach (var (partition, offset) in positions)
                served = served.With(partition, offset, time.GetUtcNow().ToUnixTimeMilliseconds());
            if (served != _status.Served)
                Set(_status with { Served = served });
        }
    }
}
