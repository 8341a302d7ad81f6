using Radar.Consumer.Partitions;

namespace Radar.Consumer.Polling;

/// <content>
/// What happens to events that find a full inbox. They overflow, in order, and follow as soon as the processor has emptied its inbox. A
/// partition is paused only when its overflow is full or not moving, since pausing throws away what librdkafka has fetched of it. While
/// every processor has events waiting, more of them do not help: then the polling thread waits instead, and nothing is thrown away.
/// </content>
internal sealed partial class KafkaTickSource
{
    /// <summary>A processor that accepts nothing for so long is blocked, and not just busy with a batch.</summary>
    private static readonly TimeSpan StuckMax = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest wait between two looks at a full overflow.</summary>
    private static readonly TimeSpan RestMax = TimeSpan.FromMilliseconds(5);

    private readonly List<AssignedPartition> _overflowing = []; // and those that are paused
    private bool _hasFull;
    private long _relievedAt;

    private void Put(AssignedPartition partition, in PartitionEvent next)
    {
        if (partition.Overflow.Put(next))
            return;
        if (partition.Overflow.Count == 1 && !_overflowing.Contains(partition))
            _overflowing.Add(partition);
        _hasFull |= partition is { IsPaused: false, Overflow.IsFull: true };
    }

    /// <summary>Moves overflowed events into inboxes with room; pauses and resumes partitions.</summary>
    /// <returns>False where there is no room for one more record, and no processor that is short of them.</returns>
    private bool RelieveOverflows()
    {
        if (_overflowing.Count == 0 || (!_hasFull && !signals.HasEmptied && time.GetElapsedTime(_relievedAt) < RestMax))
            return true;
        signals.ResetEmptied();
        _relievedAt = time.GetTimestamp();
        for (int i = _overflowing.Count - 1; i >= 0; i--)
        {
            AssignedPartition partition = _overflowing[i];
            partition.Overflow.Drain();
            if (partition.Overflow.StuckFor >= StuckMax)
                Pause(partition);
            if (partition.Overflow.Count == 0 && TryResume(partition))
                _overflowing.RemoveAt(i);
        }

        _hasFull = _overflowing.Exists(IsFullAndRead);
        if (_hasFull && _partitions.All(entry => entry.Value.Processor.Inbox.Waiting > 0))
        {
            signals.WaitForEmptied(RestMax);
            return false;
        }

        foreach (AssignedPartition full in _overflowing.Where(IsFullAndRead))
            Pause(full);
        _hasFull = false;
        return true;
    }

    private static bool IsFullAndRead(AssignedPartition partition) => partition is { IsPaused: false, Overflow.IsFull: true };

    private void Pause(AssignedPartition partition)
    {
        if (partition.IsPaused)
            return;
        partition.IsPaused = true;
        _consumer.Pause([Of(partition.Processor.Partition)]);
        Paused(partition.Processor.Partition);
    }

    /// <returns>True where the partition is read now.</returns>
    private bool TryResume(AssignedPartition partition)
    {
        if (!partition.IsPaused)
            return true;
        if (partition.Processor.Inbox.AboveLowWatermark)
            return false;
        _consumer.Resume([Of(partition.Processor.Partition)]);
        partition.IsPaused = false;
        Resumed(partition.Processor.Partition);
        return true;
    }

    [LoggerMessage(13, LogLevel.Debug, "Partition {Partition} paused: its processor has fallen behind.")]
    private partial void Paused(int partition);

    [LoggerMessage(14, LogLevel.Debug, "Partition {Partition} resumed.")]
    private partial void Resumed(int partition);
}
