using Confluent.Kafka;

namespace Radar.Api.Faults;

/// <summary>Nobody has created the topic yet. The message may be shown.</summary>
internal sealed class MissingTopicException(string topic)
    : KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"Topic {topic} does not exist yet."));
