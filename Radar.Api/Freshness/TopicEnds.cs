using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Api.Freshness;

/// <summary>
/// Asks Kafka where a topic's partitions begin and end. Not thread-safe: whoever has one asks one thing at a time.
/// </summary>
internal sealed class TopicEnds(
    string topic, GuardedAdmin admin, TopicAdmin topicAdmin, IOptions<KafkaOptions> kafka,
    IOptions<ApiOptions> options, TimeProvider time)
{
    /// <summary>
    /// A topic gains partitions, or is recreated, once in years, and the consumers refuse to go on when it does: asking every second is
    /// for nothing.
    /// </summary>
    private static readonly TimeSpan KnownFor = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(options.Value.KafkaTimeoutMs);
    private int _partitions;
    private long _partitionsAskedAt;
    private string? _id;
    private long? _idAskedAt;

    public string Topic => topic;

    /// <summary>How many partitions the topic has; 0 where it does not exist.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public async Task<int> PartitionsAsync()
    {
        if (_partitions > 0 && time.GetElapsedTime(_partitionsAskedAt) < KnownFor)
            return _partitions;

        var cluster = await admin.AllAsync(_timeout);
        _partitions = cluster.Topics.Find(topic => topic.Topic == Topic)?.Partitions.Count ?? 0;
        _partitionsAskedAt = time.GetTimestamp();
        return _partitions;
    }

    /// <summary>
    /// The topic's id; null where the broker has none. A broker that does not know the question may let it wait until it is given up, so
    /// it is for callers that have an id to compare with.
    /// </summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public async Task<string?> IdAsync()
    {
        if (kafka.Value.TopicIdentity is { } configured)
            return configured;
        if (_idAskedAt is { } askedAt && time.GetElapsedTime(askedAt) < KnownFor)
            return _id;
        _id = await topicAdmin.IdAsync(Topic, _timeout);
        _idAskedAt = time.GetTimestamp();
        return _id;
    }

    /// <summary>The high watermark of each partition: the offset after its last acknowledged record.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public Task<long[]> EndsAsync(int partitions) => AskAsync(partitions, OffsetSpec.Latest(), IsolationLevel.ReadUncommitted);

    /// <summary>The offset up to which each partition can be read: before its end where a transaction is open.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public Task<long[]> ReadableEndsAsync(int partitions) => AskAsync(partitions, OffsetSpec.Latest(), IsolationLevel.ReadCommitted);

    /// <summary>The offset of each partition's first record.</summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public Task<long[]> StartsAsync(int partitions) => AskAsync(partitions, OffsetSpec.Earliest(), IsolationLevel.ReadUncommitted);

    private async Task<long[]> AskAsync(int partitions, OffsetSpec which, IsolationLevel isolation)
    {
        try
        {
            return await admin.OffsetsAsync(
                [.. Enumerable.Range(0, partitions).Select(partition => new TopicPartition(Topic, partition))], which, _timeout,
                isolation);
        }
        catch (KafkaException)
        {
            (_partitions, _idAskedAt) = (0, null); // the topic may be gone
            throw;
        }
    }
}
