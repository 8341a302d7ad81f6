using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Consumer;

/// <summary>Makes the lane of a partition that was assigned.</summary>
internal sealed class LaneFactory(
    IConnectionMultiplexer redis, TickTopic topic, DeadLetters deadLetters, ConsumerMetrics metrics, IOptions<ConsumerOptions> options,
    IOptions<ProjectionOptions> projection, IOptions<KafkaOptions> kafka, OperatorPause pause, TimeProvider time, ILogger<PartitionLane> logger)
{
    public PartitionLane Create(KafkaTickSource source, string epoch, int partition) => new(
        partition,
        new PartitionProjection(redis.GetDatabase(), new RedisKeys(epoch, partition), projection.Value),
        source,
        topic,
        deadLetters,
        metrics,
        options.Value,
        pause,
        new ProcessSpans(kafka.Value.Topic, kafka.Value.ConsumerGroup, time),
        time,
        logger);

    /// <summary>The epoch to write: the configured one, else the active one, which is begun where there is none.</summary>
    public async Task<string> EpochAsync()
    {
        if (options.Value.Epoch is { } configured)
            return configured;
        IDatabase database = redis.GetDatabase();
        await database.StringSetAsync(RedisKeys.ActiveEpoch, RedisKeys.FirstEpoch, when: When.NotExists);
        return (await database.StringGetAsync(RedisKeys.ActiveEpoch)).ToString();
    }
}
