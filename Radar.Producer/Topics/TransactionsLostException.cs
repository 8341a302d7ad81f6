using Confluent.Kafka;
using Radar.ServiceDefaults;

namespace Radar.Producer.Topics;

/// <summary>A transactional producer cannot go on. Nothing is lost or doubled by that: the committed offsets define what is done.</summary>
internal sealed class TransactionsLostException(Error error) : Exception(KafkaFault.WordsOf(error).Detailed)
{
    /// <summary>The error of Kafka or its client.</summary>
    public Error Error { get; } = error;

    /// <summary>Another producer of the same transactional id has taken over, or Kafka has given this one up.</summary>
    public bool IsFenced => Error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;
}
