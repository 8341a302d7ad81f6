using Confluent.Kafka;

namespace Radar.Producer;

/// <summary>Log lines of the source <c>kafka</c>.</summary>
internal static partial class Log
{
    [LoggerMessage(41, LogLevel.Information, "Source: topic {Topic} ({Partitions} partitions), read by group {Group}.")]
    public static partial void ReadsTopic(ILogger logger, string topic, int partitions, string group);

    [LoggerMessage(42, LogLevel.Information, "Assigned {Count} partitions of {Topic}.")]
    public static partial void TopicAssigned(ILogger logger, int count, string topic);

    [LoggerMessage(43, LogLevel.Information, "Handed over {Count} partitions of {Topic}.")]
    public static partial void TopicRevoked(ILogger logger, int count, string topic);

    [LoggerMessage(44, LogLevel.Warning, "Lost {Count} partitions of {Topic}; what was not committed is theirs who have them now.")]
    public static partial void TopicLost(ILogger logger, int count, string topic);

    [LoggerMessage(45, LogLevel.Warning,
        "Transaction aborted with {Records} records ({Code}: {Reason}); they are read again in {WaitMs} ms.")]
    public static partial void TransactionAborted(ILogger logger, int records, ErrorCode code, string reason, long waitMs);

    [LoggerMessage(46, LogLevel.Warning, "Kafka at {Address} does not answer ({Step}: {Reason}); the transaction waits.")]
    public static partial void TransactionWaits(ILogger logger, string address, string step, string reason);

    [LoggerMessage(47, LogLevel.Error,
        "The transactional producer cannot go on ({Code}: {Reason}). A new one goes on at the committed offsets in {WaitMs} ms.")]
    public static partial void TransactionsLost(ILogger logger, ErrorCode code, string reason, long waitMs);

    [LoggerMessage(60, LogLevel.Error,
        "{Step} has not returned for {Seconds} s and is given up with its client; Kafka aborts what it left open.")]
    public static partial void TransactionCallHangs(ILogger logger, string step, long seconds);

    [LoggerMessage(50, LogLevel.Error,
        "{Topic} no longer has what comes next in partition {Partition}: offset {Committed} was to be read"
            + ", the topic has {Low} to {High}. Going on at the first of them.")]
    public static partial void TopicDropped(ILogger logger, string topic, int partition, long committed, long low, long high);

    [LoggerMessage(51, LogLevel.Information,
        "Partition {Partition} of {Topic} was never read by this group; beginning at {Offset} (Producer:Topic:Start={Start}).")]
    public static partial void TopicBegins(ILogger logger, int partition, string topic, long offset, string start);

    [LoggerMessage(52, LogLevel.Warning,
        "{Topic} cannot be read ({Code}: {Reason}); waiting. {Suppressed} such errors since the last such line.")]
    public static partial void TopicUnreadable(ILogger logger, string topic, ErrorCode code, string reason, long suppressed);

    [LoggerMessage(53, LogLevel.Warning,
        "Record {Offset} of partition {Partition} of {Topic} cannot be mapped ({Refusal}); it goes to {DeadLetters}. {Suppressed} more "
            + "since the last such line.")]
    public static partial void TopicRecordRefused(
        ILogger logger, string topic, int partition, long offset, string refusal, string deadLetters, long suppressed);

    [LoggerMessage(58, LogLevel.Error,
        "Record {Offset} of partition {Partition} of {Topic} failed unexpectedly ({Type})"
            + ", {Tries} of {TriesMax} times; after the last it goes to the dead letters.")]
    public static partial void TopicRecordFailed(
        ILogger logger, Exception exception, string topic, int partition, long offset, string type, int tries, int triesMax);

    [LoggerMessage(54, LogLevel.Error,
        "Record {Offset} of partition {Partition} of {Topic} is too large for the dead letters; its dead letter omits {Left}"
            + ", which the source topic still has.")]
    public static partial void DeadLetterTooLarge(ILogger logger, string topic, int partition, long offset, string left);

    [LoggerMessage(55, LogLevel.Information,
        "Topic {Topic}: {Records} records read, {Ticks} ticks committed, {Refused} records refused, {Aborted} transactions aborted"
            + ", {NoTrades} left out by Producer:Topic:Filter, {Corrections} corrections left out.")]
    public static partial void TopicTotals(
        ILogger logger, string topic, long records, long ticks, long refused, long aborted, long noTrades, long corrections);

    [LoggerMessage(56, LogLevel.Information, "Writes to {Ours} in transactions as {TransactionalId}.")]
    public static partial void WritesInTransactions(ILogger logger, string ours, string transactionalId);

    [LoggerMessage(57, LogLevel.Error, "The consumer of {Topic} cannot go on ({Code}: {Reason}). A new one takes over in {WaitMs} ms.")]
    public static partial void TopicConsumerLost(ILogger logger, string topic, ErrorCode code, string reason, long waitMs);

    [LoggerMessage(59, LogLevel.Warning,
        "Record {Offset} of partition {Partition} of {Topic} is a correction or cancel and left out (Producer:Topic:Corrections)"
            + ". {Suppressed} more since the last such line.")]
    public static partial void TopicCorrection(ILogger logger, string topic, int partition, long offset, long suppressed);
}
