using Radar.Api.Board;
using Radar.Market.Store;

namespace Radar.Api.Streaming;

/// <summary>
/// The newest changes of one partition, for clients that were away for a moment: they hear them as those did who stayed.
/// </summary>
/// <param name="bytesMax">Of records kept; older changes make room.</param>
internal sealed class StreamJournal(long bytesMax)
{
    private readonly Queue<(Change Change, BoardEffect[] Effects, int Bytes)> _changes = [];
    private long _bytes;

    /// <summary>Adds a change that follows the last one.</summary>
    public void Add(Change change, BoardEffect[] effects, int bytes)
    {
        _changes.Enqueue((change, effects, bytes));
        _bytes += bytes;
        while (_bytes > bytesMax)
            _bytes -= _changes.Dequeue().Bytes;
    }

    /// <summary>Changes before this are unknown.</summary>
    public void Clear()
    {
        _changes.Clear();
        _bytes = 0;
    }

    /// <summary>Every change that reaches past <paramref name="position"/>; null where some of them are no longer here.</summary>
    /// <param name="position">Null is before the first.</param>
    /// <param name="reached">Where the partition is now.</param>
    public List<(Change Change, BoardEffect[] Effects)>? Since(long? position, long? reached)
    {
        if (position >= reached || reached is null)
            return [];
        var since = new List<(Change, BoardEffect[])>();
        bool covered = false;
        foreach (var (change, effects, _) in _changes)
        {
            if (position is { } had && change.Reached.Offset <= had)
                continue;
            if (since.Count == 0)
                covered = change.Expected is not { } begins || begins <= position;
            since.Add((change, effects));
        }

        return covered ? since : null;
    }
}
