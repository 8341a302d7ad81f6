using Radar.Api.Board;
using Radar.Market.Store;

namespace Radar.Api.Streaming;

/// <summary>
/// The newest changes of one partition, for clients that were away for a moment: they get them as those did that stayed.
/// </summary>
/// <param name="bytesMax">Of records kept; older changes make room. The newest stays, however large.</param>
internal sealed class StreamJournal(long bytesMax)
{
    private readonly Queue<StreamChange> _changes = [];
    private long _bytes;

    /// <summary>Adds a change that follows the last one.</summary>
    public void Add(StreamChange change)
    {
        _changes.Enqueue(change);
        _bytes += change.Bytes;
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
        foreach (StreamChange change in _changes)
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

/// <summary>
/// A change with what it did to the board. It counts as waiting while a client that comes back is sent it, not in the journal.
/// </summary>
internal sealed class StreamChange(int partition, Change change, BoardEffect[] effects) : SharedBytes
{
    public int Partition => partition;

    public Change Change => change;

    public BoardEffect[] Effects => effects;

    /// <summary>Bytes that it keeps in memory, about.</summary>
    public int Bytes { get; } = ChangeFrames.SizeOf(change);

    protected override long Size => Bytes;

    /// <summary>
    /// True where trades that <paramref name="request"/> wants, from <paramref name="position"/> on, are not in the change.
    /// </summary>
    public bool IsTruncatedFor(StreamRequest request, long? position)
    {
        if (!request.Channels.Trades || !Change.IsTruncated)
            return false;
        for (int i = 0; i < Effects.Length; i++)
        {
            ChangedSymbol symbol = Change.Symbols[i];
            if (Effects[i].Served && symbol.IsTruncatedSince(position) && request.Wants(symbol.Symbol))
                return true;
        }

        return false;
    }
}
