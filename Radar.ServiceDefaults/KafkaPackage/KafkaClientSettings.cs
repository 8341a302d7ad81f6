using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>
/// What Radar uses of the package's settings of a producer; without the package there are no metrics, checks or spans to disable.
/// </summary>
internal sealed class KafkaProducerSettings
{
    /// <summary>Bootstrap servers, <c>host:port</c>, several separated by commas.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>librdkafka's settings.</summary>
    public ProducerConfig Config { get; } = new();

    /// <inheritdoc cref="KafkaProducerSettings"/>
    public bool DisableMetrics { get; set; }

    /// <inheritdoc cref="KafkaProducerSettings"/>
    public bool DisableHealthChecks { get; set; }

    /// <inheritdoc cref="KafkaProducerSettings"/>
    public bool DisableTracing { get; set; }
}

/// <summary>The same for a consumer.</summary>
internal sealed class KafkaConsumerSettings
{
    /// <inheritdoc cref="KafkaProducerSettings.ConnectionString"/>
    public string? ConnectionString { get; set; }

    /// <inheritdoc cref="KafkaProducerSettings.Config"/>
    public ConsumerConfig Config { get; } = new();

    /// <inheritdoc cref="KafkaProducerSettings"/>
    public bool DisableMetrics { get; set; }

    /// <inheritdoc cref="KafkaProducerSettings"/>
    public bool DisableHealthChecks { get; set; }

    /// <inheritdoc cref="KafkaProducerSettings"/>
    public bool DisableTracing { get; set; }
}
