namespace Radar.Consumer.Partitions;

/// <summary>
/// What a partition's processor wants of the polling thread. A newer command replaces an older one of its kind: applied offsets only rise,
/// and a processor waits for its last seek only. One thread posts, one takes.
/// </summary>
internal sealed class Outbox(int partition, PollingSignals signals)
{
    private const long None = -1;

    private long _applied = None;
    private SeekCommand? _seek;
    private int _isQueued;

    public int Partition => partition;

    /// <summary>Everything before <paramref name="next"/> is in Redis: commit it when convenient.</summary>
    public void PostApplied(long next)
    {
        Volatile.Write(ref _applied, next);
        Queue();
    }

    /// <summary>Seek; <see cref="PartitionEventKind.SeekCompleted"/> with the number follows in the inbox.</summary>
    public void PostSeek(long offset, long number)
    {
        Volatile.Write(ref _seek, new SeekCommand(offset, number));
        Queue();
    }

    /// <summary>The last applied offset that was not taken yet; null where there is none.</summary>
    public long? TakeApplied() => Interlocked.Exchange(ref _applied, None) is var next and not None ? next : null;

    /// <summary>The last seek that was not taken yet; null where there is none.</summary>
    public SeekCommand? TakeSeek() => Interlocked.Exchange(ref _seek, null);

    /// <summary>Taken out of the queue of outboxes: what is posted from now on queues it again. Before the commands are taken.</summary>
    internal void Dequeued() => Interlocked.Exchange(ref _isQueued, 0);

    private void Queue()
    {
        if (Interlocked.Exchange(ref _isQueued, 1) == 0)
            signals.Queue(this);
    }
}

/// <summary>Where a processor wants its partition to be read from.</summary>
/// <param name="Offset">The next record.</param>
/// <param name="Number">Of this seek, counted by the processor.</param>
internal sealed record SeekCommand(long Offset, long Number);
