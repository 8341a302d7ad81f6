using Confluent.Kafka;
using Radar.Api.Freshness;
using Radar.ServiceDefaults;

namespace Radar.Api.DeadLetters;

/// <summary>
/// Reads stretches of the dead-letter topic. Not thread-safe: <see cref="DeadLetterLog"/> asks one thing at a time.
/// </summary>
/// <param name="clients">Make the client, at the first read.</param>
/// <param name="fields">What is read of each record: <c>all</c>, or a list such as <c>headers,timestamp</c>.</param>
/// <param name="timeout">Of one read.</param>
/// <param name="time">Measures it.</param>
internal sealed class DeadLetterReader(KafkaClients clients, string fields, TimeSpan timeout, TimeProvider time) : IDisposable
{
    private readonly LogConsumer<byte[]?, byte[]?> _log = new(
        clients, "radar-dead-letters", fields, IsolationLevel.ReadCommitted,
        static config => (config.EnablePartitionEof, config.FetchWaitMaxMs) = (true, 50));

    /// <summary>Gives every record of the stretches to <paramref name="take"/>, each partition's in the order of their offsets.</summary>
    /// <returns>False where the time was up before the end.</returns>
    /// <exception cref="KafkaException">Kafka refuses.</exception>
    public Task<bool> ReadAsync(string topic, IEnumerable<Stretch> stretches, Action<ConsumeResult<byte[]?, byte[]?>> take)
    {
        var some = stretches.Where(static stretch => stretch.From < stretch.Before).ToList();
        return some.Count == 0 ? Task.FromResult(true) : Task.Run(() => Read(topic, some, take));
    }

    public void Dispose() => _log.Dispose();

    private bool Read(string topic, List<Stretch> stretches, Action<ConsumeResult<byte[]?, byte[]?>> take) => _log.Read(
        stretches.Select(stretch => new TopicPartitionOffset(topic, stretch.Partition, stretch.From)),
        consumer =>
        {
            var before = stretches.ToDictionary(static stretch => stretch.Partition, static stretch => stretch.Before);
            long start = time.GetTimestamp();
            while (before.Count > 0 && time.GetElapsedTime(start) < timeout)
                ReadNext(consumer, before, take);
            return before.Count == 0;
        });

    private static void ReadNext(
        IConsumer<byte[]?, byte[]?> consumer, Dictionary<int, long> before, Action<ConsumeResult<byte[]?, byte[]?>> take)
    {
        try
        {
            if (consumer.Consume(LogConsumer<byte[]?, byte[]?>.PollTime) is not { } read
                || !before.TryGetValue(read.Partition.Value, out long end))
                return;
            // An end that no record stands at, such as a transaction's marker, is passed by the next record or by the partition's end.
            if (!read.IsPartitionEOF && read.Offset.Value < end)
                take(read);
            if (read.IsPartitionEOF || read.Offset.Value >= end - 1)
                before.Remove(read.Partition.Value);
        }
        catch (ConsumeException e) when (!e.Error.IsFatal && e.Error.Code is ErrorCode.OffsetOutOfRange or ErrorCode.Local_AutoOffsetReset)
        {
            before.Remove(e.ConsumerRecord.Partition.Value); // retention was faster
        }
    }
}

/// <summary>Records of one partition.</summary>
/// <param name="Partition">Kafka partition.</param>
/// <param name="From">Offset of the first.</param>
/// <param name="Before">Offset after the last.</param>
internal readonly record struct Stretch(int Partition, long From, long Before);
