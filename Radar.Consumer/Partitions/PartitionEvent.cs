using Confluent.Kafka;

namespace Radar.Consumer.Partitions;

/// <summary>What the polling thread puts into a processor's inbox, in the order of the partition.</summary>
internal readonly struct PartitionEvent
{
    private readonly int _leaderEpoch;

    private PartitionEvent(PartitionEventKind kind, long offset, int leaderEpoch = -1) =>
        (Kind, Offset, _leaderEpoch) = (kind, offset, leaderEpoch);

    public PartitionEventKind Kind { get; }

    /// <summary>A record's offset, the end's offset, or the number of the seek.</summary>
    public long Offset { get; }

    public RecordBytes Key { get; private init; }

    public RecordBytes Value { get; private init; }

    /// <summary>Kafka's timestamp of the record, Unix ms; not above 0 where it has none.</summary>
    public long RecordMs { get; private init; }

    /// <summary>Leader epoch that the record was written in; null where it has none.</summary>
    public int? LeaderEpoch => Kind == PartitionEventKind.Record && _leaderEpoch >= 0 ? _leaderEpoch : null;

    /// <summary>Null where the record has none.</summary>
    public Headers? Headers { get; private init; }

    /// <summary>Of key and value.</summary>
    public int Bytes => Key.Length + Value.Length;

    /// <summary>Requests of <see cref="TopicConfirmation"/> that had begun when the record was received.</summary>
    public int RequestsBegun { get; private init; }

    public static PartitionEvent Record(ConsumeResult<RecordBytes, RecordBytes> result, int requestsBegun) => new(
        PartitionEventKind.Record, result.Offset.Value, result.LeaderEpoch ?? -1)
    {
        Key = result.Message.Key,
        Value = result.Message.Value,
        RecordMs = result.Message.Timestamp.UnixTimestampMs,
        RequestsBegun = requestsBegun,
        Headers = result.Message.Headers is { Count: > 0 } headers ? headers : null,
    };

    public static PartitionEvent End(long offset) => new(PartitionEventKind.End, offset);

    public static PartitionEvent SeekCompleted(long seek) => new(PartitionEventKind.SeekCompleted, seek);

    public static PartitionEvent OutOfRange() => new(PartitionEventKind.OutOfRange, 0);

    public static PartitionEvent TopicChanged() => new(PartitionEventKind.TopicChanged, 0);
}

internal enum PartitionEventKind : byte
{
    /// <summary>A record.</summary>
    Record,

    /// <summary>Everything before the offset is read, records that are never delivered (transaction markers) included.</summary>
    End,

    /// <summary>The processor's seek is done: events before it are void.</summary>
    SeekCompleted,

    /// <summary>The topic no longer has what comes next.</summary>
    OutOfRange,

    /// <summary>The topic is not the one that the processor has opened.</summary>
    TopicChanged,
}
