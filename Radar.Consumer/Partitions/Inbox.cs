using System.Threading.Channels;

namespace Radar.Consumer.Partitions;

/// <summary>
/// Events of one partition that wait for its processor: one thread puts in, one takes out. Full by count or by bytes, whichever is first:
/// large records would fill the memory long before their count does.
/// </summary>
internal sealed class Inbox(int recordsMax, long bytesMax, PollingSignals signals)
{
    private readonly Channel<PartitionEvent> _events = Channel.CreateBounded<PartitionEvent>(
        new BoundedChannelOptions(recordsMax) { SingleReader = true, SingleWriter = true });

    // Each has one writer, so that neither needs an interlocked addition.
    private long _bytesIn;
    private long _bytesOut;

    private PartitionEvent? _putBack; // the reader's

    /// <summary>Events that wait.</summary>
    public int Waiting => _events.Reader.Count;

    /// <summary>Bytes of their keys and values.</summary>
    public long WaitingBytes => Volatile.Read(ref _bytesIn) - Volatile.Read(ref _bytesOut);

    /// <summary>True where so much waits that a paused partition stays paused.</summary>
    public bool AboveLowWatermark => Waiting > recordsMax / 2 || WaitingBytes > bytesMax / 2;

    /// <summary>False where it is full. One record fits in any case, however large.</summary>
    public bool TryPut(in PartitionEvent next)
    {
        if (WaitingBytes >= bytesMax || !_events.Writer.TryWrite(next))
            return false;
        Volatile.Write(ref _bytesIn, _bytesIn + next.Bytes);
        return true;
    }

    /// <summary>Takes the next event that is there.</summary>
    public bool TryTake(out PartitionEvent next)
    {
        if (_putBack is { } first)
        {
            (next, _putBack) = (first, null);
            return true;
        }

        if (!_events.Reader.TryRead(out next))
        {
            signals.InboxEmptied();
            return false;
        }

        Volatile.Write(ref _bytesOut, _bytesOut + next.Bytes);
        return true;
    }

    /// <summary>Puts back what was taken last, to be taken next. Its bytes no longer count.</summary>
    public void PutBack(in PartitionEvent last) => _putBack = last;

    /// <summary>The next event that is there, which stays.</summary>
    public bool TryPeek(out PartitionEvent next)
    {
        next = _putBack.GetValueOrDefault();
        return _putBack is not null || _events.Reader.TryPeek(out next);
    }

    /// <summary>Returns when <see cref="TryTake"/> has something to take.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (_putBack is not null)
            return;
        ValueTask<bool> ready = _events.Reader.WaitToReadAsync(cancellationToken);
        if (!ready.IsCompleted)
            signals.InboxEmptied();
        await ready;
    }
}
