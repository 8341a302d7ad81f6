using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer;

/// <summary>The beginning of the topic: a source that begins with a past sends it once, and to consumers that are there.</summary>
internal sealed class TopicStart(
    GuardedAdmin admin, KafkaClients clients, TopicSetup topics, IOptions<KafkaOptions> kafka, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>True where no partition ever had a record. Retries until Kafka answers.</summary>
    public async Task<bool> IsNewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var partitions = await PartitionsAsync(cancellationToken);
                return (await admin.OffsetsAsync(partitions, OffsetSpec.Latest(), Timeout)).All(offset => offset == 0);
            }
            catch (KafkaException)
            {
                await Task.Delay(Pause, time, cancellationToken); // a broker that has just started knows no leaders yet
            }
        }
    }

    /// <summary>
    /// Waits until the consumer group has committed something, at most for <paramref name="limit"/>: what is sent before a group has come
    /// together is late, however old its events are.
    /// </summary>
    public async Task UntilConsumedAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        long begin = time.GetTimestamp();
        var partitions = await PartitionsAsync(cancellationToken);
        using var commits = new GroupCommits(clients, kafka);
        while (time.GetElapsedTime(begin) < limit)
        {
            try
            {
                if ((await commits.ReadAsync(partitions, Timeout)).Exists(at => at.Offset.Value > 0))
                    return;
            }
            catch (KafkaException)
            {
                // The coordinator is not there yet.
            }

            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }

    private async Task<TopicPartition[]> PartitionsAsync(CancellationToken cancellationToken)
    {
        string topic = kafka.Value.Topic;
        int count = await topics.EnsureAsync(topic, cancellationToken);
        return [.. Enumerable.Range(0, count).Select(partition => new TopicPartition(topic, partition))];
    }
}
