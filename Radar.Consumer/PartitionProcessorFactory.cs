using System.Globalization;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.Consumer;

/// <summary>Makes the processor of a partition that was assigned.</summary>
internal sealed class PartitionProcessorFactory(
    IConnectionMultiplexer redis, MarketReader reader, KafkaClients clients, TickTopic topic, TopicConfirmation confirmation, DeadLetters deadLetters,
    ConsumerMetrics metrics, FaultLog faultLog, HealthNotices notices, IOptions<ConsumerOptions> options,
    IOptions<ProjectionOptions> projection, IOptions<KafkaOptions> kafka, IOptions<RadarOptions> state, OperatorPause pause,
    TimeProvider time, ILogger<PartitionProcessor> logger)
{
    public PartitionProcessor Create(KafkaTickSource source, string epoch, int partition)
    {
        var keys = new RedisKeys(epoch, partition, state.Value.Name);
        return new PartitionProcessor(
            partition,
            new PartitionProjection(redis.GetDatabase(), keys, projection.Value, time)
            {
                Settings = string.Create(
                    CultureInfo.InvariantCulture, $"{projection.Value} future_s={options.Value.FutureToleranceSeconds}"),
            },
            source,
            topic,
            confirmation,
            reader,
            deadLetters,
            metrics,
            options.Value,
            pause,
            new ProcessSpans(kafka.Value, clients.Server, redis, keys, time),
            new Servers(clients.Servers, redis.Addresses()),
            faultLog,
            notices,
            time,
            logger);
    }

    /// <summary>The epoch to write: the configured one, else the active one, which is begun where there is none.</summary>
    public async Task<string> EpochAsync()
    {
        if (options.Value.Epoch is { } configured)
            return configured;
        IDatabase database = redis.GetDatabase();
        RedisKey active = RedisKeys.ActiveEpochOf(state.Value.Name);
        string? epoch = await ReadAsync();
        if (epoch is null)
        {
            await database.StringSetAsync(active, RedisKeys.FirstEpoch, when: When.NotExists); // refused where Redis takes no writes
            epoch = await ReadAsync();
        }

        return epoch ?? RedisKeys.FirstEpoch;

        async Task<string?> ReadAsync() => RedisKeys.ReadEpoch(active, await database.StringGetAsync(active, CommandFlags.DemandMaster));
    }
}

/// <summary>Where Kafka and Redis are, for log lines: <c>host:port</c>.</summary>
internal readonly record struct Servers(string Kafka, string Redis);
