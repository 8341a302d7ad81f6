using Confluent.Kafka;

namespace Radar.Api.Faults;

/// <summary>The oldest record that the state lacks could not be read, and nothing else shows how old it is.</summary>
internal sealed class UnreadRecordException(string reason) : KafkaException(new Error(ErrorCode.Local_TimedOut, reason));
