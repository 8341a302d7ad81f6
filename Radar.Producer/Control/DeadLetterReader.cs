using System.Globalization;
using Confluent.Kafka;
using Radar.ServiceDefaults;

namespace Radar.Producer.Control;

/// <summary>Reads dead letters that arrive from now on. It joins no group and commits nothing.</summary>
internal sealed class DeadLetterReader : IDisposable
{
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);

    private readonly IConsumer<Ignore, Ignore> _consumer;

    private DeadLetterReader(IConsumer<Ignore, Ignore> consumer) => _consumer = consumer;

    /// <summary>A reader at the topic's end; null where there is no such topic.</summary>
    /// <exception cref="KafkaException">Kafka does not answer within <paramref name="timeout"/>.</exception>
    public static DeadLetterReader? AtEnd(KafkaClients clients, GuardedAdmin admin, string topic, TimeSpan timeout)
    {
        if (admin.All(timeout).Topics.Find(found => found.Topic == topic) is not { Partitions.Count: > 0 } described)
            return null;
        var consumer = clients.Consumer<Ignore, Ignore>(config => (config.GroupId, config.EnableAutoCommit) = ("radar-control", false))
            .SetErrorHandler((_, _) => { }).Build();
        try
        {
            consumer.Assign(described.Partitions.Select(partition =>
            {
                var at = new TopicPartition(topic, partition.PartitionId);
                return new TopicPartitionOffset(at, consumer.QueryWatermarkOffsets(at, timeout).High);
            }));
            return new DeadLetterReader(consumer);
        }
        catch
        {
            consumer.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the dead letter of a record; null where it does not come within <paramref name="limit"/>.</summary>
    public FoundDeadLetter? Find(TopicPartitionOffset record, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < limit)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_consumer.Consume(PollTime) is not { Message.Headers: { } headers } read
                || Text(headers, "radar.partition") != record.Partition.Value.ToString(CultureInfo.InvariantCulture)
                || Text(headers, "radar.offset") != record.Offset.Value.ToString(CultureInfo.InvariantCulture))
                continue;
            return new FoundDeadLetter(read.TopicPartitionOffset, Text(headers, "radar.reason") ?? "no reason given");
        }

        return null;
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    /// <summary>A header's text, escaped: whoever may write to the topic writes it.</summary>
    private static string? Text(Headers headers, string name) =>
        headers.TryGetLastBytes(name, out byte[] value) && value is not null ? LogText.Of(value) : null;
}

/// <summary>A dead letter and why its record was refused.</summary>
internal readonly record struct FoundDeadLetter(TopicPartitionOffset At, string Reason);
