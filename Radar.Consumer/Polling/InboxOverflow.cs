using Radar.Consumer.Partitions;

namespace Radar.Consumer.Polling;

/// <summary>
/// Events of one partition that its inbox had no room for, in order: so the polling thread neither waits for a processor nor has to pause
/// a partition at once, which throws away what librdkafka has fetched of it. Used by the polling thread.
/// </summary>
internal sealed class InboxOverflow(Inbox inbox, int recordsMax, long bytesMax, TimeProvider time)
{
    private readonly Queue<PartitionEvent> _events = [];
    private long _bytes;
    private long _movedAt;

    /// <summary>Events that wait here.</summary>
    public int Count => _events.Count;

    /// <summary>
    /// True where no record should follow: the partition is to be paused. Events that are no records are always accepted.
    /// </summary>
    public bool IsFull => _events.Count >= recordsMax || _bytes >= bytesMax;

    /// <summary>For how long the inbox has accepted nothing; zero where nothing waits.</summary>
    public TimeSpan StuckFor => _events.Count == 0 ? TimeSpan.Zero : time.GetElapsedTime(_movedAt);

    /// <summary>Puts an event into the inbox, or behind those that wait for it.</summary>
    /// <returns>False where it waits.</returns>
    public bool Put(in PartitionEvent next)
    {
        if (_events.Count == 0 && inbox.TryPut(next))
            return true;
        if (_events.Count == 0)
            _movedAt = time.GetTimestamp();
        _events.Enqueue(next);
        _bytes += next.Bytes;
        return false;
    }

    /// <summary>Moves what fits into the inbox.</summary>
    public void Drain()
    {
        bool hasMoved = false;
        while (_events.TryPeek(out PartitionEvent next) && inbox.TryPut(next))
        {
            _events.Dequeue();
            _bytes -= next.Bytes;
            hasMoved = true;
        }

        if (hasMoved)
            _movedAt = time.GetTimestamp();
    }
}
