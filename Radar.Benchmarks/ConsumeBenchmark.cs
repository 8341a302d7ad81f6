using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Radar.Consumer;
using Radar.Consumer.Polling;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Benchmarks;

/// <summary>
/// A backlog of ticks on Apache Kafka, taken in (a) by a bare Confluent.Kafka poll loop that looks at nothing, (b) by Radar's consumer
/// with all state in Redis. Both with the same client settings, from the first record to the last: for (b) from the moment records
/// wait for a processor to the moment the last position is in Redis. CPU is the whole process's, starting and stopping included.
/// </summary>
internal static class ConsumeBenchmark
{
    private const int Count = 1_000_000;
    private const int Symbols = 64;
    private const int Rounds = 7;
    private const int MemoryCount = 5_000_000;

    public static async Task<string> RunAsync(Bench bench)
    {
        await bench.FillAsync("warm-up", Count / 2, Symbols);
        await bench.FillAsync("backlog", Count, Symbols);
        for (int i = 0; i < 2; i++)
        {
            Bare(bench, "warm-up", Count / 2);
            await RadarAsync(bench, "warm-up", Count / 2);
        }

        var bare = new List<double>();
        var radar = new List<double>();
        var bareCpu = new List<double>();
        var radarCpu = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            bare.Add(Bare(bench, "backlog", Count));
            TimeSpan between = Environment.CpuUsage.TotalTime;
            radar.Add(await RadarAsync(bench, "backlog", Count));
            bareCpu.Add((between - before).TotalSeconds);
            radarCpu.Add((Environment.CpuUsage.TotalTime - between).TotalSeconds);
            Console.WriteLine(
                $"consume round {round + 1}: bare {bare[^1]:N0}/s ({bareCpu[^1]:F2} s CPU)"
                    + $", Radar {radar[^1]:N0}/s ({radarCpu[^1]:F2} s CPU), ratio {radar[^1] / bare[^1]:F2}");
        }

        return $"""
            | consume, {Count:N0} ticks, {Symbols} symbols, {Bench.Partitions} partitions | ticks/s | CPU s |
            |---|---:|---:|
            | (a) bare Confluent.Kafka poll loop | {Bench.Median(bare):N0} | {Bench.Median(bareCpu):F2} |
            | (b) Radar's consumer, all state in Redis | {Bench.Median(radar):N0} | {Bench.Median(radarCpu):F2} |
            | **b/a** | **{Bench.Median([.. bare.Zip(radar, (a, b) => b / a)]):F2}** | |
            """;
    }

    /// <summary>A consumer in a process of its own takes in a longer backlog; its memory is looked at ten times on the way.</summary>
    public static async Task<string> MemoryAsync(Bench bench)
    {
        await bench.FillAsync("long-backlog", MemoryCount, Symbols);
        await bench.Redis.GetServers()[0].FlushDatabaseAsync();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (string argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Radar.Consumer.dll"),
            .. Arguments(bench, "long-backlog")])
            start.ArgumentList.Add(argument);
        using Process consumer = Process.Start(start)!;
        var samples = new List<long>();
        try
        {
            while (samples.Count < 10)
            {
                long applied = await AppliedAsync(bench);
                if (applied >= (long)MemoryCount * (samples.Count + 1) / 10)
                {
                    consumer.Refresh();
                    samples.Add(consumer.WorkingSet64 / (1024 * 1024));
                }

                await Task.Delay(5);
            }
        }
        finally
        {
            consumer.Kill();
            await consumer.WaitForExitAsync();
        }

        return $"""
            | consumer's working set, {MemoryCount:N0} ticks, {Symbols} symbols | MiB |
            |---|---:|
            {string.Join('\n', samples.Select((sample, i) => string.Create(CultureInfo.InvariantCulture, $"| after {(i + 1) * 10} % | {sample} |")))}
            """;
    }

    private static double Bare(Bench bench, string topic, int count)
    {
        var config = new ConsumerConfig { BootstrapServers = bench.KafkaAddress };
        ConsumerService.Configure(config, "bare-" + Guid.NewGuid(), 1_000);
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        consumer.Subscribe(topic);
        int seen = 0;
        long started = 0;
        while (seen < count)
        {
            var result = consumer.Consume(100);
            if (result is null || result.IsPartitionEOF)
                continue;
            if (seen++ == 0)
                started = Stopwatch.GetTimestamp();
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        consumer.Close();
        return count / seconds;
    }

    /// <summary>Radar's consumer takes a whole topic in.</summary>
    /// <returns>Ticks per second.</returns>
    public static async Task<double> RadarAsync(Bench bench, string topic, int count)
    {
        await bench.Redis.GetServers()[0].FlushDatabaseAsync();
        await using WebApplication consumer = ConsumerService.Build(Arguments(bench, topic));
        await consumer.StartAsync();
        var processors = consumer.Services.GetRequiredService<KafkaTickSource>();
        long started = 0;
        while (true)
        {
            if (started == 0)
                // 1 may be the answer to a seek
                started = processors.Processors.Any(processor => processor.Inbox.Waiting > 1) ? Stopwatch.GetTimestamp() : 0;
            else if (await AppliedAsync(bench) == count)
                break;
            await Task.Delay(2);
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await CheckAsync(bench, count);
        await consumer.StopAsync();
        return count / seconds;
    }

    private static string[] Arguments(Bench bench, string topic) =>
    [
        $"--ConnectionStrings:kafka={bench.KafkaAddress}", $"--ConnectionStrings:redis={bench.RedisAddress}", $"--Kafka:Topic={topic}",
        $"--Kafka:ConsumerGroup=radar-{Guid.NewGuid()}", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning",
    ];

    private static readonly MarketLayout Layout = new(RedisKeys.FirstEpoch, new TopicIdentity("", null, Bench.Partitions));

    /// <summary>Sum of the positions; -1 before the first.</summary>
    private static async Task<long> AppliedAsync(Bench bench)
    {
        var positions = await new MarketReader(bench.Redis).PositionsAsync(Layout);
        return positions.All(position => position is null) ? -1 : positions.Sum(position => position?.Offset ?? 0);
    }

    /// <summary>The daily bars must count every tick, or the measurement is worth nothing.</summary>
    private static async Task CheckAsync(Bench bench, int count)
    {
        long counted = 0;
        foreach (RedisKey key in bench.Redis.GetServers()[0].Keys(pattern: "radar:{*}:bars:1Day:*"))
        {
            foreach (RedisValue bar in await bench.Redis.GetDatabase().SortedSetRangeByRankAsync(key))
            {
                using var json = JsonDocument.Parse(StoredRecord.Public(((ReadOnlyMemory<byte>)bar).Span).ToArray());
                counted += json.RootElement.GetProperty("n").GetInt64();
            }
        }

        if (counted != count)
            throw new InvalidOperationException($"{counted:N0} of {count:N0} ticks are in the daily bars.");
    }
}
