using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;

namespace Radar.Consumer.Topics;

/// <summary>What the broker tells of the topic beside its records: which topic it is, and where its partitions begin and end.</summary>
internal sealed partial class TickTopic(
    TopicAdmin admin, TopicSetup topics, IOptions<KafkaOptions> kafka, IHostApplicationLifetime lifetime,
    ILogger<TickTopic> logger)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Task<TopicIdentity>? _asking;
    private Task<bool>? _compaction;
    private bool _hasLoggedNoTopicId;

    /// <summary>What the topic is now.</summary>
    /// <exception cref="KafkaException">Kafka did not answer; nobody knows.</exception>
    public Task<TopicIdentity> IdentityAsync() => Share(ref _asking, AskIdentityAsync);

    /// <summary>What the topic is, by a request of its own that begins now.</summary>
    /// <exception cref="KafkaException">Kafka did not answer; nobody knows.</exception>
    public async Task<TopicIdentity> AskIdentityAsync()
    {
        string topic = kafka.Value.Topic;
        if (kafka.Value.TopicIdentity is { } configured)
            return new TopicIdentity(topic, configured, await PartitionsAsync(topic));
        int? partitions = null;
        try
        {
            // First, and mostly alone: it asks for this one topic, and consumers ask often.
            var described = await DescribeAsync(topic);
            if (described.Error.Code == ErrorCode.UnknownTopicOrPart)
            {
                await PartitionsAsync(topic);
                described = await DescribeAsync(topic);
            }

            if (described.Error.IsError)
                throw new KafkaException(described.Error);
            Uuid id = described.TopicId;
            partitions = described.Partitions.Count;
            if ((id.MostSignificantBits, id.LeastSignificantBits) != (0, 0))
                return new TopicIdentity(topic, id.ToString(), described.Partitions.Count);
            LogNoTopicId("it is all zero");
        }
        catch (KafkaException e) when (HasNoIds(e))
        {
            LogNoTopicId(e.Error.Reason);
        }

        // Only a broker that has no ids: an identity without one matches any, for as long as the state lives.
        return new TopicIdentity(topic, null, partitions ?? await PartitionsAsync(topic));
    }

    /// <summary>Offset of the first record that the partition has, and of the one that comes next.</summary>
    /// <exception cref="KafkaException">Kafka did not answer.</exception>
    public async Task<(long Low, long High)> WatermarksAsync(int partition)
    {
        var low = OffsetAsync(partition, OffsetSpec.Earliest());
        var high = OffsetAsync(partition, OffsetSpec.Latest());
        return (await low, await high);
    }

    /// <summary>
    /// Kafka timestamp of the first record that the partition has, Unix ms; null where it has none, or the broker does not know.
    /// </summary>
    /// <exception cref="KafkaException">Kafka did not answer.</exception>
    public async Task<long?> FirstTimestampAsync(int partition) =>
        await ListAsync(partition, OffsetSpec.ForTimestamp(0)) is { TopicPartitionOffsetError.Offset.IsSpecial: false, Timestamp: > 0 and var ms }
            ? ms
            : null;

    /// <summary>
    /// True where the topic's <c>cleanup.policy</c> has <c>compact</c>; false where the broker does not tell it. One whose topics are named
    /// by <c>Kafka:TopicIdentity</c> is not asked: it describes nothing, and would be waited for in vain each time.
    /// </summary>
    public Task<bool> IsCompactedAsync() =>
        kafka.Value.TopicIdentity is not null ? Task.FromResult(false) : Share(ref _compaction, AskCompactionAsync);

    /// <summary>True where the broker cannot describe topics. Any other failure says nothing about its ids.</summary>
    internal static bool HasNoIds(KafkaException failure)
    {
        var error = failure is DescribeTopicsException { Results.TopicDescriptions: [{ Error.IsError: true } described, ..] }
            ? described.Error
            : failure.Error;
        return error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion;
    }

    /// <summary>Waits for the topic. One that is gone is not made again behind the back of who deleted it.</summary>
    private Task<int> PartitionsAsync(string topic) => topics.AwaitAsync(topic, lifetime.ApplicationStopped);

    private async Task<TopicDescription> DescribeAsync(string topic)
    {
        try
        {
            return await admin.DescribeAsync(topic, Timeout);
        }
        catch (DescribeTopicsException e) when (e.Results.TopicDescriptions is [{ Error.Code: ErrorCode.UnknownTopicOrPart } unknown])
        {
            return unknown;
        }
    }

    private void LogNoTopicId(string reason)
    {
        if (!Interlocked.Exchange(ref _hasLoggedNoTopicId, true))
            NoTopicId(reason);
    }

    private async Task<bool> AskCompactionAsync()
    {
        try
        {
            string? policy = await admin.SettingAsync(kafka.Value.Topic, "cleanup.policy", Timeout);
            return policy?.Contains("compact", StringComparison.Ordinal) == true;
        }
        catch (KafkaException e)
        {
            PolicyUnknown(e.Error.Reason); // it needs a right that nothing else here needs
            return false;
        }
    }

    /// <summary>Concurrent callers share one request that is under way; its answer is not kept.</summary>
    private Task<T> Share<T>(ref Task<T>? underWay, Func<Task<T>> ask)
    {
        lock (_gate)
        {
            if (underWay is null or { IsCompleted: true })
                underWay = ask();
            return underWay;
        }
    }

    private async Task<ListOffsetsResultInfo> ListAsync(int partition, OffsetSpec spec)
    {
        var listed = await admin.OffsetAsync(new TopicPartition(kafka.Value.Topic, partition), spec, Timeout);
        return listed.TopicPartitionOffsetError.Error.IsError ? throw new KafkaException(listed.TopicPartitionOffsetError.Error) : listed;
    }

    private async Task<long> OffsetAsync(int partition, OffsetSpec spec)
    {
        Offset offset = (await ListAsync(partition, spec)).TopicPartitionOffsetError.Offset;
        return offset.IsSpecial // a broker that goes away in the middle
            ? throw new KafkaException(new Error(ErrorCode.Local_Fail, $"no offset of partition {partition}"))
            : offset.Value;
    }

    [LoggerMessage(24, LogLevel.Debug, "The broker does not tell the topic's cleanup.policy ({Reason}); a compacted topic is not recognised.")]
    private partial void PolicyUnknown(string reason);

    [LoggerMessage(17, LogLevel.Warning, "The broker tells no topic id ({Reason}); a topic recreated is recognised by its offsets only.")]
    private partial void NoTopicId(string reason);
}
