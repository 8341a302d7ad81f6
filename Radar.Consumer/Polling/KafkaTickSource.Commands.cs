using Confluent.Kafka;
using Radar.Consumer.Partitions;

namespace Radar.Consumer.Polling;

/// <content>Carries out what processors have posted: applied offsets to commit, and seeks.</content>
internal sealed partial class KafkaTickSource
{
    private readonly Queue<(AssignedPartition Partition, SeekCommand Seek)> _seeks = [];

    private void RunCommands()
    {
        while (signals.TryDequeue(out Outbox? outbox))
        {
            if (!_partitions.TryGetValue(outbox.Partition, out AssignedPartition? partition) || partition.Processor.Outbox != outbox)
                continue; // revoked meanwhile
            StoreApplied(outbox);
            if (outbox.TakeSeek() is { } seek)
                _seeks.Enqueue((partition, seek));
        }

        for (int i = _seeks.Count; i > 0; i--)
            RunSeek(_seeks.Dequeue());
    }

    private void RunSeek((AssignedPartition Partition, SeekCommand Seek) command)
    {
        var (partition, seek) = command;
        int number = partition.Processor.Partition;
        if (!_partitions.TryGetValue(number, out AssignedPartition? current) || current != partition)
            return;
        if (partition.IsSettling || !TrySeek(partition, new TopicPartitionOffset(Of(number), seek.Offset)))
            _seeks.Enqueue(command);
        else
            Put(partition, PartitionEvent.SeekCompleted(seek.Number));
    }

    /// <returns>False where the assignment is not active yet.</returns>
    private bool TrySeek(AssignedPartition partition, TopicPartitionOffset position)
    {
        try
        {
            if (!partition.HasStopped)
            {
                _consumer.Seek(position);
                return true;
            }

            if (_consumer.Assignment.Contains(position.TopicPartition))
                _consumer.IncrementalUnassign([position.TopicPartition]);
            _consumer.IncrementalAssign([position]);
            partition.HasStopped = false;
            return true;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    /// <summary>Has the last applied offset committed. Nothing in Radar's state depends on it.</summary>
    private void StoreApplied(Outbox outbox)
    {
        if (outbox.TakeApplied() is not { } next)
            return;
        try
        {
            _consumer.StoreOffset(new TopicPartitionOffset(Of(outbox.Partition), next));
        }
        catch (KafkaException e) when (e.Error.Code == ErrorCode.Local_State)
        {
            // Revoked meanwhile.
        }
    }

    /// <summary>Processors that have opened another topic than there is now open again.</summary>
    private void NotifyOutdated()
    {
        if (watch.TakeIdentity() is not { } now)
            return;
        foreach (var (_, partition) in _partitions)
        {
            if (!partition.Processor.IsOf(now))
                Put(partition, PartitionEvent.TopicChanged());
        }
    }
}
