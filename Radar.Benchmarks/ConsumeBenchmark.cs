using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Radar.Consumer;
using Radar.Market.Store;

namespace Radar.Benchmarks;

/// <summary>
/// A backlog of ticks on Apache Kafka, taken in (a) by a bare Confluent.Kafka poll loop that looks at nothing, (b) by Radar's consumer
/// with all state in Redis. Both with the same client settings, from the first record to the last. For (b) the clock runs from the
/// moment a partition's first position appears in Redis, which is before its first record, to the moment the last position is reached.
/// </summary>
internal static class ConsumeBenchmark
{
    private const int Count = 1_000_000;
    private const int Symbols = 64;
    private const int Rounds = 5;

    public static async Task RunAsync(Bench bench)
    {
        await bench.FillAsync("warm-up", Count / 2, Symbols);
        await bench.FillAsync("backlog", Count, Symbols);
        for (int i = 0; i < 2; i++)
        {
            Bare(bench, "warm-up", Count / 2);
            await RadarAsync(bench, "warm-up", Count / 2, i);
        }

        var bare = new List<double>();
        var radar = new List<double>();
        long peakMb = 0;
        for (int round = 0; round < Rounds; round++)
        {
            bare.Add(Bare(bench, "backlog", Count));
            var (rate, memoryMb) = await RadarAsync(bench, "backlog", Count, round);
            radar.Add(rate);
            peakMb = Math.Max(peakMb, memoryMb);
            Console.WriteLine($"round {round + 1}: bare {bare[^1]:N0}/s, Radar {radar[^1]:N0}/s, ratio {radar[^1] / bare[^1]:F2}, working set {memoryMb} MB");
        }

        Console.WriteLine($"""
            | consume, {Count:N0} ticks, {Symbols} symbols, {Bench.Partitions} partitions | ticks/s (median of {Rounds}) |
            |---|---:|
            | (a) bare Confluent.Kafka poll loop | {Median(bare):N0} |
            | (b) Radar, all state in Redis | {Median(radar):N0} |
            | b/a (median of the rounds' ratios) | {Median([.. bare.Zip(radar, (a, b) => b / a)]):F2} |
            | largest working set of the process | {peakMb} MB |
            """);
    }

    private static double Bare(Bench bench, string topic, int count)
    {
        var config = new ConsumerConfig { BootstrapServers = bench.KafkaAddress };
        ConsumerService.Configure(config, "bare-" + Guid.NewGuid(), 1_000);
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        consumer.Subscribe(topic);
        int seen = 0;
        long started = 0; var c0=Environment.CpuUsage.TotalTime;
        while (seen < count)
        {
            var result = consumer.Consume(100);
            if (result is null || result.IsPartitionEOF)
                continue;
            if (seen++ == 0)
                started = Stopwatch.GetTimestamp();
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine($"DBG bare cpu {(Environment.CpuUsage.TotalTime-c0).TotalSeconds:F2} wall {seconds:F2}");
        consumer.Close();
        return count / seconds;
    }

    private static async Task<(double Rate, long MemoryMb)> RadarAsync(Bench bench, string topic, int count, int round)
    {
        await bench.Redis.GetServers()[0].FlushDatabaseAsync();
        await using WebApplication consumer = ConsumerService.Build(
        [
            $"--ConnectionStrings:kafka={bench.KafkaAddress}", $"--ConnectionStrings:redis={bench.RedisAddress}", $"--Kafka:Topic={topic}",
            $"--Kafka:ConsumerGroup=radar-{round}-{Guid.NewGuid()}", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning",
        ]);
        await consumer.StartAsync();
        var reader = new MarketReader(bench.Redis);
        var layout = new MarketLayout(RedisKeys.FirstEpoch, Bench.Partitions);
        long started = 0, peak = 0; var c0=Environment.CpuUsage.TotalTime; double r0=await bench.RedisCpu(); int g0=GC.CollectionCount(0),g2=GC.CollectionCount(2); var gp=GC.GetTotalPauseDuration(); var ga=GC.GetTotalAllocatedBytes();
        while (true)
        {
            var positions = await reader.PositionsAsync(layout);
            if (started == 0 && positions.Any(position => position is not null))
                started = Stopwatch.GetTimestamp();
            peak = Math.Max(peak, Environment.WorkingSet);
            if (positions.Sum(position => position?.Offset ?? 0) == count)
                break;
            await Task.Delay(5);
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine($"DBG cpu self {(Environment.CpuUsage.TotalTime-c0).TotalSeconds:F2} redis {await bench.RedisCpu()-r0:F2} wall {seconds:F2} gc {GC.CollectionCount(0)-g0}/{GC.CollectionCount(2)-g2} pause {(GC.GetTotalPauseDuration()-gp).TotalSeconds:F2} alloc {(GC.GetTotalAllocatedBytes()-ga)>>20}MB");
        await CheckAsync(bench, layout, count);
        await consumer.StopAsync();
        return (count / seconds, peak / (1024 * 1024));
    }

    /// <summary>The daily bars must count every tick, or the measurement is worth nothing.</summary>
    private static async Task CheckAsync(Bench bench, MarketLayout layout, int count)
    {
        long counted = 0;
        foreach (RedisKeys keys in layout.Partitions)
        {
            foreach (var bar in bench.Redis.GetServers()[0].Keys(pattern: keys.Bars(Market.Timeframe.Day, "*").ToString().Replace("{", "\\{", StringComparison.Ordinal)))
            {
                foreach (var record in await bench.Redis.GetDatabase().SortedSetRangeByRankAsync(bar))
                    counted += System.Text.Json.JsonDocument.Parse(StoredRecord.Public(((ReadOnlyMemory<byte>)record).Span).ToArray()).RootElement.GetProperty("n").GetInt64();
            }
        }

        if (counted != count)
            throw new InvalidOperationException($"{counted:N0} of {count:N0} ticks are in the daily bars.");
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
