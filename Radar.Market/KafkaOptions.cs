using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Radar.Market;

/// <summary>What every service agrees on about Kafka; section <c>Kafka</c>. The address is <c>ConnectionStrings:kafka</c>.</summary>
public sealed class KafkaOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Kafka";

    /// <summary>The topic that all who give none share.</summary>
    public const string DefaultTopic = "market-ticks";

    /// <summary>Topic of the events.</summary>
    [Required, RegularExpression("[A-Za-z0-9._-]{1,245}")]
    public string Topic { get; set; } = DefaultTopic;

    /// <summary>Partitions of a topic that Radar creates.</summary>
    [Range(1, 1024)]
    public int Partitions { get; set; } = 12;

    /// <summary>Replicas of a topic that Radar creates; -1 takes the broker's default.</summary>
    [Range(-1, 32)]
    public short ReplicationFactor { get; set; } = -1;

    /// <summary>Retention of a topic that Radar creates, in hours; null takes the broker's default, -1 keeps everything.</summary>
    [Range(-1, 24 * 365 * 100)]
    public int? RetentionHours { get; set; }

    /// <summary>Topic of refused records; null is the topic's name with <c>.dlq</c>.</summary>
    [RegularExpression("[A-Za-z0-9._-]{1,249}")]
    public string? DeadLetterTopic { get; set; }

    /// <summary>Consumer group that shares the partitions among replicas.</summary>
    [Required]
    public string ConsumerGroup { get; set; } = "radar";

    /// <summary>
    /// Identity of the topic, for brokers that give a topic no id (the embedded one). Null asks the broker.
    /// </summary>
    public string? TopicIdentity { get; set; }

    /// <summary>
    /// Settings handed to every Kafka client as they are, by librdkafka's names: <c>Kafka:Client:security.protocol=SASL_SSL</c>.
    /// </summary>
    public Dictionary<string, string> Client { get; } = new(StringComparer.Ordinal);

    /// <summary>The dead-letter topic in force.</summary>
    public string DeadLetters => DeadLetterTopic ?? Topic + ".dlq";
}

/// <summary>Checks <see cref="KafkaOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class KafkaOptionsValidator : IValidateOptions<KafkaOptions>;
