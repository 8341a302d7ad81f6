namespace Radar.Market;

/// <summary>
/// Names of sources, meters, spans and attributes; OpenTelemetry semantic conventions 1.44 (messaging, databases) where they have one.
/// </summary>
public static class TelemetryNames
{
    /// <summary>Activity source and meter of the producer.</summary>
    public const string Producer = "Radar.Producer";

    /// <summary>Activity source and meter of the consumer.</summary>
    public const string Consumer = "Radar.Consumer";

    /// <summary>Activity source and meter of the API.</summary>
    public const string Api = "Radar.Api";

    /// <summary>Kafka header that carries the trace, as W3C Trace Context names it.</summary>
    public const string TraceParent = "traceparent";

    /// <summary><c>messaging.system</c>: always <c>kafka</c>.</summary>
    public const string MessagingSystem = "messaging.system";

    /// <summary><c>messaging.operation.name</c>: <c>send</c>, <c>process</c> or <c>push</c>.</summary>
    public const string OperationName = "messaging.operation.name";

    /// <summary><c>messaging.operation.type</c>: <c>send</c> or <c>process</c>.</summary>
    public const string OperationType = "messaging.operation.type";

    /// <summary><c>messaging.destination.name</c>: the topic.</summary>
    public const string DestinationName = "messaging.destination.name";

    /// <summary><c>messaging.destination.partition.id</c>: the partition, as text.</summary>
    public const string DestinationPartition = "messaging.destination.partition.id";

    /// <summary><c>messaging.kafka.offset</c>: the record's offset.</summary>
    public const string KafkaOffset = "messaging.kafka.offset";

    /// <summary><c>messaging.kafka.message.key</c>: the symbol.</summary>
    public const string KafkaMessageKey = "messaging.kafka.message.key";

    /// <summary><c>messaging.consumer.group.name</c>: the consumer group.</summary>
    public const string ConsumerGroup = "messaging.consumer.group.name";

    /// <summary><c>server.address</c>: host of the server that is called, as the client knows it.</summary>
    public const string ServerAddress = "server.address";

    /// <summary><c>server.port</c>: its port.</summary>
    public const string ServerPort = "server.port";

    /// <summary><c>db.system.name</c>: always <c>redis</c>.</summary>
    public const string DbSystem = "db.system.name";

    /// <summary><c>db.operation.name</c>: the Redis command; <c>MULTI</c> of a transaction.</summary>
    public const string DbOperation = "db.operation.name";

    /// <summary><c>db.namespace</c>: the index of the Redis database, as text.</summary>
    public const string DbNamespace = "db.namespace";

    /// <summary><c>radar.venue</c>: a venue with its market, as ticks name it.</summary>
    public const string Venue = "radar.venue";

    /// <summary><c>radar.reason</c>: a bounded name of why something happened.</summary>
    public const string Reason = "radar.reason";

    /// <summary><c>error.type</c>: a bounded name of what went wrong.</summary>
    public const string ErrorType = "error.type";
}
