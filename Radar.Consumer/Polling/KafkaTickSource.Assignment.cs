using Confluent.Kafka;
using Radar.Consumer.Partitions;

namespace Radar.Consumer.Polling;

/// <content>Starts and stops processors as the group assigns and revokes partitions. Called from within polls.</content>
internal sealed partial class KafkaTickSource
{
    /// <summary>
    /// Overflow per partition in records, as a multiple of the inbox: 8 MB, the limit in bytes, are some 55,000 records of 150 bytes.
    /// </summary>
    private const int OverflowFactor = 4;

    /// <summary>
    /// Partitions are assigned, before their first record. They wait at the end until their processor knows where to begin.
    /// </summary>
    public IEnumerable<TopicPartitionOffset> Assigned(List<TopicPartition> partitions)
    {
        foreach (TopicPartition assigned in partitions)
        {
            PartitionProcessor processor = processors.Create(_epoch, assigned.Partition.Value);
            var overflow = new InboxOverflow(
                processor.Inbox, OverflowFactor * options.Value.QueueRecordsMax, options.Value.QueueBytesMax, time);
            _partitions[assigned.Partition.Value] = new AssignedPartition(processor, overflow);
            processor.Start();
        }

        watch.CheckNow(); // they may be new to the topic, too
        AssignedPartitions(partitions.Count, _partitions.Count);
        return partitions.Select(assigned => new TopicPartitionOffset(assigned, Offset.End));
    }

    /// <summary>
    /// Partitions move to another consumer: their last writes are waited for, then committed. Where they were lost already, the fence
    /// refuses what their processors may still write.
    /// </summary>
    public void Revoked(List<TopicPartitionOffset> partitions) => StopProcessors([.. partitions.Select(gone => gone.TopicPartition)]);

    private void StopProcessors(List<TopicPartition> partitions)
    {
        var stopping = new List<(PartitionProcessor Processor, Task Stopped)>();
        foreach (TopicPartition gone in partitions)
        {
            if (!_partitions.TryRemove(gone.Partition.Value, out AssignedPartition? partition))
                continue;
            _overflowing.Remove(partition);
            if (partition.IsPaused)
                ResumeRevoked(gone);
            stopping.Add((partition.Processor, partition.Processor.StopAsync(TimeSpan.FromSeconds(options.Value.HandOverSeconds))));
        }

        Task.WhenAll(stopping.Select(each => each.Stopped)).GetAwaiter().GetResult();
        foreach (var (processor, _) in stopping)
            StoreApplied(processor.Outbox);
        if (stopping.Count > 0)
            RevokedPartitions(stopping.Count, _partitions.Count);
    }

    /// <summary>librdkafka keeps a pause over assignments: a partition that was revoked while paused would come back paused.</summary>
    private void ResumeRevoked(TopicPartition partition)
    {
        try
        {
            _consumer.Resume([partition]);
        }
        catch (KafkaException)
        {
            // It is not known any more, its topic was deleted; nothing stays paused.
        }
    }

    [LoggerMessage(11, LogLevel.Information, "Assigned {Count} partitions; {Total} in all.")]
    private partial void AssignedPartitions(int count, int total);

    [LoggerMessage(12, LogLevel.Information, "Handed over {Count} partitions; {Total} left.")]
    private partial void RevokedPartitions(int count, int total);
}
