using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Freshness;

/// <summary>Asks Kafka where the topic's partitions begin and end. Not thread-safe: <see cref="LagMeter"/> asks one thing at a time.</summary>
internal sealed class TopicEnds(IAdminClient admin, IOptions<KafkaOptions> kafka, IOptions<ApiOptions> options, TimeProvider time)
{
    /// <summary>
    /// A topic gains partitions, or is made anew, once in years, and the consumers refuse to go on when it does: asking every second is
    /// for nothing.
    /// </summary>
    private static readonly TimeSpan IdentityKnownFor = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _patience = TimeSpan.FromMilliseconds(options.Value.KafkaTimeoutMs);
    private TopicIdentity? _identity;
    private long _identityAskedAt;

    public string Topic => kafka.Value.Topic;

    /// <summary>Which topic it is, and how many partitions it has; null where it does not exist.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public async Task<TopicIdentity?> IdentityAsync()
    {
        if (_identity is not null && time.GetElapsedTime(_identityAskedAt) < IdentityKnownFor)
            return _identity;

        // All topics are asked for: naming one would make some brokers create it with their own defaults.
        var cluster = await Task.Run(() => admin.GetMetadata(_patience));
        int partitions = cluster.Topics.Find(topic => topic.Topic == Topic)?.Partitions.Count ?? 0;
        _identity = partitions == 0 ? null : new TopicIdentity(Topic, kafka.Value.TopicIdentity ?? await IdAsync(), partitions);
        _identityAskedAt = time.GetTimestamp();
        return _identity;
    }

    /// <summary>The broker's id of the topic; null where it has none.</summary>
    private async Task<string?> IdAsync()
    {
        try
        {
            var described = await admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([Topic]), new DescribeTopicsOptions { RequestTimeout = _patience });
            return described.TopicDescriptions[0].TopicId.ToString();
        }
        catch (KafkaException)
        {
            return null; // as the consumer has it: brokers that are older, or simpler, cannot tell
        }
    }

    /// <summary>The offset after each partition's last committed record.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public Task<long[]> EndsAsync(int partitions) => AskAsync(partitions, OffsetSpec.Latest());

    /// <summary>The offset of each partition's first record.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public Task<long[]> StartsAsync(int partitions) => AskAsync(partitions, OffsetSpec.Earliest());

    private async Task<long[]> AskAsync(int partitions, OffsetSpec which)
    {
        var offsets = new long[partitions];
        var questions = Enumerable.Range(0, partitions)
            .Select(partition => new TopicPartitionOffsetSpec { TopicPartition = new(Topic, partition), OffsetSpec = which });
        try
        {
            var answer = await admin.ListOffsetsAsync(
                questions, new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadCommitted, RequestTimeout = _patience });
            foreach (var info in answer.ResultInfos)
            {
                // A broker that goes away in the middle may leave a partition without an offset and without an error.
                var (partition, offset) = (info.TopicPartitionOffsetError.Partition, info.TopicPartitionOffsetError.Offset);
                if (offset.IsSpecial)
                    throw new KafkaException(new Error(ErrorCode.Local_Fail, $"Kafka does not tell where partition {partition.Value} of {Topic} ends."));
                offsets[partition] = offset;
            }

            return offsets;
        }
        catch (KafkaException)
        {
            _identity = null; // the topic may be gone
            throw;
        }
    }
}
