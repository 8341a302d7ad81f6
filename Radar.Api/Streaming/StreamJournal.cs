using Radar.Api.Board;
using Radar.Market.Store;

namespace Radar.Api.Streaming;

/// <summary>
/// The newest changes of one partition, for clients that were away for a moment: they hear them as those did who stayed.
/// </summary>
/// <param name="bytesMax">Of records kept; older changes make room. The newest stays, however large.</param>
internal sealed class StreamJournal(long bytesMax)
{
    private readonly Queue<(StreamChange Change, int Bytes)> _changes = [];
    private long _bytes;

    /// <summary>Adds a change that follows the last one.</summary>
    public void Add(in StreamChange change, int bytes)
    {
        _changes.Enqueue((change, bytes));
        _bytes += bytes;
        while (_bytes > bytesMax && _changes.Count > 1)
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
    public List<StreamChange>? Since(long? position, long? reached)
    {
        if (position >= reached || reached is null)
            return [];
        var since = new List<StreamChange>();
        bool covered = false;
        foreach (var (change, _) in _changes)
        {
            if (change.Change.Reached.Offset <= position)
                continue;
            if (since.Count == 0)
                covered = change.Change.Expected is not { } begins || begins <= position;
            since.Add(change);
        }

        return covered ? since : null;
    }
}

/// <summary>A change with what it did to the board.</summary>
internal readonly record struct StreamChange(int Partition, Change Change, BoardEffect[] Effects)
{
    /// <summary>True where trades that <paramref name="request"/> wants, from <paramref name="position"/> on, are not in the change.</summary>
    public bool LeavesOut(StreamRequest request, long? position)
    {
        if (!request.Channels.Trades || !Change.LeavesTradesOut)
            return false;
        for (int i = 0; i < Effects.Length; i++)
        {
            ChangedSymbol symbol = Change.Symbols[i];
            if (Effects[i].Served && symbol.LeavesTradesOutSince(position) && request.Symbols?.Contains(symbol.Symbol) != false)
                return true;
        }

        return false;
    }
}
