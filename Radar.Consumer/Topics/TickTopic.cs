using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;

namespace Radar.Consumer.Topics;

/// <summary>What the broker knows of the topic beside its records: which topic it is, and where its partitions begin and end.</summary>
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
    /// <exception cref="KafkaException">Kafka did not answer; it is unknown.</exception>
    public Task<TopicIdentity> IdentityAsync() => Share(ref _asking, AskIdentityAsync);

    /// <summary>What the topic is, by a request that begins now.</summary>
    /// <exception cref="KafkaException">Kafka did not answer; it is unknown.</exception>
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
            partitions = described.Partitions.Count;
            if (TopicAdmin.IdOf(described) is { } id)
                return new TopicIdentity(topic, id, described.Partitions.Count);
            LogNoTopicId("it is all zero");
        }
        catch (KafkaException e) when (TopicAdmin.HasNoIds(e))
        {
            LogNoTopicId(KafkaFault.WordsOf(e.Error).Detailed);
        }

        // Only a broker that has no ids: an identity without one matches any, for as long as the state lives.
        return new TopicIdentity(topic, null, partitions ?? await PartitionsAsync(topic));
    }

    /// <summary>Offset of the first record that the partition has, and of the one that comes next.</summary>
    /// <exception cref="KafkaException">Kafka did not answer.</exception>
    public async Task<(long Low, long High)> WatermarksAsync(int partition)
    {
        var low = admin.OffsetAsync(Of(partition), OffsetSpec.Earliest(), Timeout);
        var high = admin.OffsetAsync(Of(partition), OffsetSpec.Latest(), Timeout);
        return (await low, await high);
    }

    /// <inheritdoc cref="TopicAdmin.FirstTimestampAsync"/>
    public Task<long?> FirstTimestampAsync(int partition) => admin.FirstTimestampAsync(Of(partition), Timeout);

    /// <summary>
    /// True where the topic's <c>cleanup.policy</c> has <c>compact</c>; false where the broker does not report it. One whose topics are
    /// named by <c>Kafka:TopicIdentity</c> is not asked: it describes nothing, and each request would time out.
    /// </summary>
    public Task<bool> IsCompactedAsync() =>
        kafka.Value.TopicIdentity is not null ? Task.FromResult(false) : Share(ref _compaction, AskCompactionAsync);

    /// <summary>Waits for the topic. One that was deleted is not created again.</summary>
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
            PolicyUnknown(KafkaFault.WordsOf(e.Error).Detailed); // it needs a right that nothing else here needs
            return false;
        }
    }

    /// <summary>Concurrent callers share one in-flight request; the result is not cached.</summary>
    private Task<T> Share<T>(ref Task<T>? underWay, Func<Task<T>> ask)
    {
        lock (_gate)
        {
            if (underWay is null or { IsCompleted: true })
                underWay = ask();
            return underWay;
        }
    }

    private TopicPartition Of(int partition) => new(kafka.Value.Topic, partition);

    [LoggerMessage(24, LogLevel.Debug,
        "The broker does not report the topic's cleanup.policy ({Reason}); a compacted topic is not recognised.")]
    private partial void PolicyUnknown(string reason);

    [LoggerMessage(17, LogLevel.Warning, "The broker gives topics no id ({Reason}); a recreated topic is recognised by its offsets only.")]
    private partial void NoTopicId(string reason);
}
