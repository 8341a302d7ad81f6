using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Radar.ServiceDefaults;

/// <summary>Asks where partitions begin and end. An answer without an offset is an exception, whatever form it takes.</summary>
public static class TopicOffsets
{
    /// <summary>An offset of each partition, in their order.</summary>
    /// <param name="admin">Asks the leaders.</param>
    /// <param name="partitions">Of one topic or several.</param>
    /// <param name="spec">Which offset.</param>
    /// <param name="timeout">Of the request.</param>
    /// <param name="isolation">Whether the end is that of committed records.</param>
    /// <exception cref="KafkaException">Kafka refuses, did not answer, or gave no offset of some partition.</exception>
    public static async Task<long[]> OffsetsAsync(
        this IAdminClient admin, IReadOnlyList<TopicPartition> partitions, OffsetSpec spec, TimeSpan timeout,
        IsolationLevel isolation = IsolationLevel.ReadUncommitted)
    {
        var offsets = new Dictionary<TopicPartition, long>();
        foreach (var info in await admin.ListAsync(partitions, spec, timeout, isolation))
            offsets[info.TopicPartitionOffsetError.TopicPartition] = OffsetOf(info);
        return [.. partitions.Select(partition => offsets.TryGetValue(partition, out long offset) ? offset : throw None(partition))];
    }

    internal static async Task<List<ListOffsetsResultInfo>> ListAsync(
        this IAdminClient admin, IReadOnlyList<TopicPartition> partitions, OffsetSpec spec, TimeSpan timeout,
        IsolationLevel isolation = IsolationLevel.ReadUncommitted)
    {
        var listed = await admin.ListOffsetsAsync(
            partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = spec }),
            new ListOffsetsOptions { RequestTimeout = timeout, IsolationLevel = isolation });
        return listed.ResultInfos.Find(info => info.TopicPartitionOffsetError.Error.IsError) is { } failed
            ? throw new KafkaException(failed.TopicPartitionOffsetError.Error)
            : listed.ResultInfos;
    }

    /// <summary>A broker that goes away in the middle may leave a partition without an offset and without an error.</summary>
    internal static long OffsetOf(ListOffsetsResultInfo info) => info.TopicPartitionOffsetError is { Offset: { IsSpecial: false } offset }
        ? offset.Value
        : throw None(info.TopicPartitionOffsetError.TopicPartition);

    private static KafkaException None(TopicPartition partition) =>
        new(new Error(ErrorCode.Local_Fail, $"Kafka gave no offset of partition {partition.Partition.Value} of {partition.Topic}."));
}
