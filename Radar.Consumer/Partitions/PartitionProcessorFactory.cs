using System.Globalization;
using Microsoft.Extensions.Options;
using Radar.Consumer.Topics;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.Consumer.Partitions;

/// <summary>Makes the processor of a partition that was assigned.</summary>
internal sealed class PartitionProcessorFactory(
    IConnectionMultiplexer redis, MarketReader reader, KafkaClients clients, TickTopic topic, TopicConfirmation confirmation,
    DeadLetters deadLetters, ConsumerMetrics metrics, FaultLog faultLog, HealthNotices notices, IOptions<ConsumerOptions> options,
    IOptions<ProjectionOptions> projection, IOptions<KafkaOptions> kafka, IOptions<RadarOptions> state, SymbolRule symbols,
    OperatorPause pause, PollingSignals signals, TimeProvider time, ILogger<PartitionProcessor> logger)
{
    private bool AnyPrice => state.Value.AllowNonPositivePrices;

    public PartitionProcessor Create(string epoch, int partition)
    {
        var keys = new RedisKeys(epoch, partition, state.Value.Name);
        return new PartitionProcessor(
            partition,
            new PartitionProjection(redis.GetDatabase(), keys, projection.Value, time)
            {
                Settings = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{projection.Value} future_s={options.Value.FutureToleranceSeconds}")
                    + (AnyPrice ? " prices=any" : "") + symbols.StateSuffix,
            },
            new Inbox(options.Value.QueueRecordsMax, options.Value.QueueBytesMax, signals),
            new Outbox(partition, signals),
            topic,
            confirmation,
            reader,
            deadLetters,
            metrics,
            options.Value,
            AnyPrice,
            symbols,
            pause,
            new ProcessSpans(kafka.Value, clients.Server, redis, keys, time),
            new Servers(clients.Servers, redis.Addresses()),
            faultLog,
            notices,
            time,
            logger);
    }
}

/// <summary>Where Kafka and Redis are, for log lines: <c>host:port</c>.</summary>
internal readonly record struct Servers(string Kafka, string Redis);
