using System.Threading.Channels;

namespace Radar.Consumer;

/// <summary>
/// Where a processor's events wait: one thread puts in, one takes out. Full by count or by bytes, whichever is first; large records would
/// fill the memory long before their count says so.
/// </summary>
internal sealed class Inbox(int recordsMax, long bytesMax)
{
    private readonly Channel<PartitionEvent> _arrivals = Channel.CreateBounded<PartitionEvent>(
        new BoundedChannelOptions(recordsMax) { SingleReader = true, SingleWriter = true });

    // Each has one writer, so that neither needs an interlocked addition.
    private long _bytesIn;
    private long _bytesOut;

    private PartitionEvent? _putBack; // the reader's

    /// <summary>Arrivals that wait.</summary>
    public int Waiting => _arrivals.Reader.Count;

    /// <summary>Bytes of their keys and values.</summary>
    public long WaitingBytes => Volatile.Read(ref _bytesIn) - Volatile.Read(ref _bytesOut);

    /// <summary>True where so much waits that a paused partition stays paused.</summary>
    public bool AboveLowWatermark => Waiting > recordsMax / 2 || WaitingBytes > bytesMax / 2;

    /// <summary>False where it is full. One record fits in any case, however large.</summary>
    public bool TryPut(in PartitionEvent arrival)
    {
        if (WaitingBytes >= bytesMax || !_arrivals.Writer.TryWrite(arrival))
            return false;
        Volatile.Write(ref _bytesIn, _bytesIn + arrival.Bytes);
        return true;
    }

    /// <summary>Takes the next arrival that is there.</summary>
    public bool TryTake(out PartitionEvent arrival)
    {
        if (_putBack is { } first)
        {
            (arrival, _putBack) = (first, null);
            return true;
        }

        if (!_arrivals.Reader.TryRead(out arrival))
            return false;
        Volatile.Write(ref _bytesOut, _bytesOut + arrival.Bytes);
        return true;
    }

    /// <summary>Puts back what was taken last, to be taken next. Its bytes no longer count.</summary>
    public void PutBack(in PartitionEvent arrival) => _putBack = arrival;

    /// <summary>The next arrival that is there, which stays.</summary>
    public bool TryPeek(out PartitionEvent arrival)
    {
        arrival = _putBack.GetValueOrDefault();
        return _putBack is not null || _arrivals.Reader.TryPeek(out arrival);
    }

    /// <summary>Returns when <see cref="TryTake"/> has something to take.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (_putBack is null)
            await _arrivals.Reader.WaitToReadAsync(cancellationToken);
    }
}
