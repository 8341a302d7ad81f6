using System.Buffers;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Radar.Market;
using Radar.Producer;

namespace Radar.Benchmarks;

/// <summary>
/// Ticks as fast as possible to Apache Kafka until the last is acknowledged: (a) a bare <c>Produce</c> loop over values that were
/// serialised beforehand, without delivery reports; (b) the same with a report that counts, which is the least that notices a loss;
/// (c) Radar's producer with its synthetic source: making, serialising, sending and counting. All with the same client settings.
/// </summary>
internal static class ProduceBenchmark
{
    private const int Count = 1_000_000;
    private const int Rounds = 5;

    public static async Task<string> RunAsync(Bench bench)
    {
        var messages = Messages(100_000);
        var bare = new List<double>();
        var counted = new List<double>();
        var radar = new List<double>();
        for (int round = -1; round < Rounds; round++)
        {
            string topic = $"produced-{round}";
            await bench.CreateTopicAsync(topic);
            double a = Bare(bench, topic, messages, reports: false);
            double b = Bare(bench, topic, messages, reports: true);
            double c = await RadarAsync(bench, topic);
            if (round < 0)
                continue; // warm-up
            bare.Add(a);
            counted.Add(b);
            radar.Add(c);
            Console.WriteLine($"produce round {round + 1}: bare {a:N0}/s, with reports {b:N0}/s, Radar {c:N0}/s, ratio {c / a:F2}");
        }

        return $"""
            | produce, {Count:N0} ticks, {Bench.Partitions} partitions, acks=all, idempotent, lz4 | ticks/s |
            |---|---:|
            | (a) bare `Produce` loop | {Bench.Median(bare):N0} |
            | (b) the same with delivery reports | {Bench.Median(counted):N0} |
            | (c) Radar's producer | {Bench.Median(radar):N0} |
            | **c/a** | **{Bench.Median([.. bare.Zip(radar, (a, c) => c / a)]):F2}** |
            """;
    }

    private static double Bare(Bench bench, string topic, Message<byte[], byte[]>[] messages, bool reports)
    {
        var config = new ProducerConfig { BootstrapServers = bench.KafkaAddress };
        KafkaTickSink.Configure(new ProducerOptions(), config);
        using var producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        long acknowledged = 0;
        Action<DeliveryReport<byte[], byte[]>>? report = reports ? _ => Interlocked.Increment(ref acknowledged) : null;
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < Count; i++)
        {
            while (true)
            {
                try
                {
                    producer.Produce(topic, messages[i % messages.Length], report);
                    break;
                }
                catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(1));
                }
            }
        }

        if (producer.Flush(TimeSpan.FromMinutes(2)) > 0 || (reports && acknowledged != Count))
            throw new InvalidOperationException($"{acknowledged:N0} of {Count:N0} are acknowledged.");
        return Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> RadarAsync(Bench bench, string topic)
    {
        await using WebApplication producer = ProducerService.Build(
        [
            $"--ConnectionStrings:kafka={bench.KafkaAddress}", $"--Kafka:Topic={topic}", "--Producer:Synthetic:Rate=0",
            $"--Producer:Synthetic:Count={Count}", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning",
        ]);
        long started = Stopwatch.GetTimestamp();
        await producer.StartAsync();
        await producer.Services.GetServices<IHostedService>().OfType<ProducerWorker>().Single().ExecuteTask!;
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (producer.Services.GetRequiredService<ProducerMetrics>().Acknowledged != Count)
            throw new InvalidOperationException("Not everything is acknowledged.");
        await producer.StopAsync();
        return Count / seconds;
    }

    private static Message<byte[], byte[]>[] Messages(int count)
    {
        var json = new ArrayBufferWriter<byte>();
        return
        [
            .. Bench.Ticks(count, 6).Select(tick =>
            {
                json.ResetWrittenCount();
                TickCodec.Write(json, tick);
                return new Message<byte[], byte[]> { Key = Encoding.ASCII.GetBytes(tick.Symbol), Value = json.WrittenSpan.ToArray() };
            }),
        ];
    }
}
