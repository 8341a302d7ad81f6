using System.Buffers;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Radar.Market;
using Radar.Standalone.Infrastructure;
using StackExchange.Redis;

namespace Radar.Benchmarks;

/// <summary>One Apache Kafka and one redis-server beside the measured process, on the same machine.</summary>
internal sealed class Bench : IAsyncDisposable
{
    public const int Partitions = 12;
    private readonly ApacheKafka _kafka;
    private readonly RedisServer _redis;

    private Bench(ApacheKafka kafka, RedisServer redis)
    {
        _kafka = kafka;
        _redis = redis;
        Redis = ConnectionMultiplexer.Connect(redis.Address + ",allowAdmin=true");
    }

    public string KafkaAddress => _kafka.BootstrapServers;

    public string RedisAddress => _redis.Address;

    public ConnectionMultiplexer Redis { get; }

    public static async Task<Bench> StartAsync()
    {
        string home = Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)
            ?? throw new InvalidOperationException("Set KAFKA_HOME to an unpacked Apache Kafka 4.");
        return new Bench(await ApacheKafka.StartAsync(home), await RedisServer.StartAsync());
    }

    public async Task CreateTopicAsync(string topic)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = KafkaAddress }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = Partitions, ReplicationFactor = 1 }]);
    }

    /// <summary>A seeded walk over <paramref name="symbols"/> symbols, all members set, one millisecond after another.</summary>
    public static IEnumerable<Tick> Ticks(int count, int symbols)
    {
        var random = new Random(7);
        var prices = Enumerable.Range(0, symbols).Select(i => 1_000_00 + (i * 1_234)).ToArray();
        string[] names = [.. Enumerable.Range(0, symbols).Select(i => $"SYM{i:D3}USDT")];
        for (int i = 0; i < count; i++)
        {
            int s = random.Next(symbols);
            prices[s] = Math.Max(100, prices[s] + random.Next(-20, 21));
            yield return new Tick(
                names[s], prices[s] / 100m, 1_723_161_255_342 + i, random.Next(1, 100_000) / 10_000m, new TradeId(3_735_683_259L + i),
                random.Next(2) == 0 ? Side.Buy : Side.Sell, "binance");
        }
    }

    /// <summary>Fills a new topic and returns when every record is acknowledged.</summary>
    /// <param name="topic">A new one.</param>
    /// <param name="count">Ticks.</param>
    /// <param name="symbols">Symbols that they are of.</param>
    /// <param name="tracedEvery">Every so many records carry a sampled trace, the first among them; 0 is none.</param>
    public async Task FillAsync(string topic, int count, int symbols, int tracedEvery = 0)
    {
        await CreateTopicAsync(topic);
        var config = new ProducerConfig
        {
            BootstrapServers = KafkaAddress, EnableIdempotence = true, CompressionType = CompressionType.Lz4, LingerMs = 20,
            Partitioner = Partitioner.Murmur2Random, BatchSize = 256 * 1024, QueueBufferingMaxMessages = 1_000_000,
        };
        using var producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        var json = new ArrayBufferWriter<byte>();
        int sent = 0;
        foreach (Tick tick in Ticks(count, symbols))
        {
            json.ResetWrittenCount();
            TickCodec.Write(json, tick);
            var message = new Message<byte[], byte[]> { Key = Encoding.ASCII.GetBytes(tick.Symbol), Value = json.WrittenSpan.ToArray() };
            if (tracedEvery > 0 && sent++ % tracedEvery == 0)
                message.Headers = [new Header(TelemetryNames.TraceParent, NewTrace())];
            while (true)
            {
                try
                {
                    producer.Produce(topic, message);
                    break;
                }
                catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(10));
                }
            }
        }

        if (producer.Flush(TimeSpan.FromMinutes(2)) > 0)
            throw new InvalidOperationException("The backlog was not acknowledged.");
    }

    private static byte[] NewTrace() => Encoding.ASCII.GetBytes(TraceParent.Format(
        new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded)));

    /// <summary>The middle of the sorted values.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await _redis.DisposeAsync();
        await _kafka.DisposeAsync();
    }
}
