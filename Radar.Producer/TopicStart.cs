using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer;

/// <summary>Whether the topic is new: a source that begins with a past sends it once.</summary>
internal sealed class TopicStart(IAdminClient admin, TopicSetup topics, IOptions<KafkaOptions> kafka, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>True where no partition ever had a record. Retries until Kafka answers.</summary>
    public async Task<bool> IsNewAsync(CancellationToken cancellationToken)
    {
        string topic = kafka.Value.Topic;
        while (true)
        {
            int count = await topics.EnsureAsync(topic, cancellationToken);
            try
            {
                TopicPartition[] partitions = [.. Enumerable.Range(0, count).Select(partition => new TopicPartition(topic, partition))];
                return (await admin.OffsetsAsync(partitions, OffsetSpec.Latest(), Timeout)).All(offset => offset == 0);
            }
            catch (KafkaException)
            {
                await Task.Delay(Pause, time, cancellationToken); // a broker that has just started knows no leaders yet
            }
        }
    }
}
