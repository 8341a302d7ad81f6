using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Consumer;

/// <summary>
/// Sends refused records on, as they are, with the headers of <see cref="DeadLetterHeaders"/>. A record that is refused again after a
/// crash is sent again.
/// </summary>
internal sealed class DeadLetters(
    IProducer<byte[]?, byte[]?> producer, TopicSetup topics, IOptions<KafkaOptions> kafka, ConsumerMetrics metrics)
{
    private bool _topicKnown;

    /// <summary>Returns when the broker has acknowledged.</summary>
    /// <exception cref="ProduceException{TKey,TValue}">The broker did not take it.</exception>
    public async Task SendAsync(int partition, Arrival refused, TickRefusal refusal, CancellationToken cancellationToken)
    {
        if (!_topicKnown)
        {
            await topics.EnsureAsync(kafka.Value.DeadLetters, cancellationToken);
            _topicKnown = true;
        }

        var place = new TopicPartitionOffset(kafka.Value.Topic, partition, refused.Offset);
        var headers = DeadLetterHeaders.Of(refused.Headers, refusal, place, refused.RecordMs);
        var letter = new Message<byte[]?, byte[]?> { Key = refused.Key.ToArray(), Value = refused.Value.ToArray(), Headers = headers };
        await producer.ProduceAsync(kafka.Value.DeadLetters, letter, cancellationToken);
        metrics.Refused(partition, refusal.Name());
    }
}
