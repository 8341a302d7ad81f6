namespace Radar.ServiceDefaults;

/// <summary>
/// Settings of librdkafka that are not for <c>Kafka:Client</c>: what Radar promises rests on them, or they are Radar's own settings. They
/// would be overruled without a word, or records would be lost.
/// </summary>
internal static class KafkaReserved
{
    private const string Acknowledged = "each record is acknowledged by all in-sync replicas (acks=all), and written once";
    private const string Retried = "a record waits for Kafka, however long that is away";
    private const string Positions = "Redis holds the position of each partition, and decides where reading begins";

    private static readonly Dictionary<string, string> Reasons = new(StringComparer.OrdinalIgnoreCase)
    {
        ["acks"] = Acknowledged,
        ["request.required.acks"] = Acknowledged,
        ["enable.idempotence"] = Acknowledged,
        ["max.in.flight"] = Acknowledged,
        ["max.in.flight.requests.per.connection"] = Acknowledged,
        ["message.timeout.ms"] = Retried,
        ["delivery.timeout.ms"] = Retried,
        ["message.send.max.retries"] = Retried,
        ["retries"] = Retried,
        ["transactional.id"] = "transactions are those of Producer:Source=kafka (Producer:Topic:Instance)",
        ["transaction.timeout.ms"] = "it is Producer:Topic:TransactionTimeoutMs",
        ["partitioner"] = "a symbol stays in its partition (murmur2_random)",
        ["compression.codec"] = "it is Producer:Compression",
        ["compression.type"] = "it is Producer:Compression",
        ["linger.ms"] = "it is Producer:LingerMs",
        ["queue.buffering.max.ms"] = "it is Producer:LingerMs",
        ["batch.size"] = "it is Producer:BatchBytes",
        ["isolation.level"] = "only committed records are applied (read_committed)",
        ["auto.offset.reset"] = Positions,
        ["enable.auto.commit"] = Positions,
        ["enable.auto.offset.store"] = Positions,
        ["auto.commit.interval.ms"] = "it is Consumer:CommitIntervalMs",
        ["group.id"] = "it is Kafka:ConsumerGroup",
        ["group.protocol"] = "the group is of the classic protocol",
        ["partition.assignment.strategy"] = "partitions move one by one (cooperative-sticky)",
        ["bootstrap.servers"] = "it is ConnectionStrings:kafka",
        ["metadata.broker.list"] = "it is ConnectionStrings:kafka",
        ["allow.auto.create.topics"] = "Radar creates its topics itself, with the partitions of Kafka:Partitions",
    };

    /// <summary>Why a setting is none of <c>Kafka:Client</c>; null where it may be.</summary>
    public static string? FaultOf(string setting) => Reasons.TryGetValue(setting, out string? reason)
        ? $"Kafka:Client:{setting} may not be set: {reason}. Remove it."
        : null;
}
