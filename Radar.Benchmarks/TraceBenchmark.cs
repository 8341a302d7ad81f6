using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Radar.Market;

namespace Radar.Benchmarks;

/// <summary>
/// What tracing costs the consumer at full speed: one backlog in which as many records are traced as the producer's limit lets through,
/// read with nobody listening and with every span exported by OTLP to a server in the same process. Throughput is that of the consume
/// benchmark; CPU is the whole process's, the last export included. Single runs differ by more than tracing costs, so that many pairs are
/// measured, in changing order, and the mean of their ratios is given with its standard error.
/// </summary>
internal static class TraceBenchmark
{
    private const string Topic = "traced";
    private const int Count = 1_000_000;
    private const int Symbols = 64;
    private const int Pairs = 40;

    // A producer at full speed sends some 500,000 ticks a second, of which it traces 1,000 at most.
    private const int TracedEvery = 500;

    public static async Task<string> RunAsync(Bench bench)
    {
        await using OtlpSink sink = await OtlpSink.StartAsync();
        await bench.FillAsync(Topic, Count, Symbols, TracedEvery);
        List<Run> off = [], on = [];
        for (int pair = -1; pair < Pairs; pair++)
        {
            bool onFirst = pair % 2 == 0;
            Run first = await MeasureAsync(bench, onFirst ? sink : null);
            Run second = await MeasureAsync(bench, onFirst ? null : sink);
            if (pair < 0)
                continue; // what is compiled at first use is not measured
            off.Add(onFirst ? second : first);
            on.Add(onFirst ? first : second);
            Console.WriteLine(
                $"trace pair {pair + 1}: off {off[^1].PerSecond:N0}/s ({off[^1].CpuSeconds:F2} s CPU)"
                    + $", on {on[^1].PerSecond:N0}/s ({on[^1].CpuSeconds:F2} s CPU)");
        }

        return $"""
            | consume with tracing, {Count:N0} ticks, {Symbols} symbols, {Bench.Partitions} partitions, {Pairs} pairs | ticks/s | CPU s |
            |---|---:|---:|
            | (a) nobody listens | {Bench.Median(off.Select(run => run.PerSecond)):N0} | {Bench.Median(off.Select(run => run.CpuSeconds)):F2} |
            | (b) 1,000 events a second, the producer's limit | {Bench.Median(on.Select(run => run.PerSecond)):N0} | {Bench.Median(on.Select(run => run.CpuSeconds)):F2} |
            | **b/a, mean ± standard error** | {MeanRatio(run => run.PerSecond)} | {MeanRatio(run => run.CpuSeconds)} |

            {await SpanBenchmark.RunAsync(bench, sink)}
            """;

        string MeanRatio(Func<Run, double> value)
        {
            double[] ratios = [.. off.Zip(on, (without, with) => value(with) / value(without))];
            double mean = ratios.Average();
            double error = Math.Sqrt(ratios.Sum(ratio => (ratio - mean) * (ratio - mean)) / (ratios.Length - 1) / ratios.Length);
            return FormattableString.Invariant($"**{mean:F3} ± {error:F3}**");
        }
    }

    private static async Task<Run> MeasureAsync(Bench bench, OtlpSink? sink)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        if (sink is null)
            return new Run(await ConsumeBenchmark.RadarAsync(bench, Topic, Count), (Environment.CpuUsage.TotalTime - before).TotalSeconds);

        var ended = new Ended();
        double perSecond;
        using (Sdk.CreateTracerProviderBuilder().AddSource(TelemetryNames.Consumer).AddProcessor(ended).AddOtlpExporter(sink.Configure)
            .Build())
            perSecond = await ConsumeBenchmark.RadarAsync(bench, Topic, Count);

        // Two spans of each: process, and the write.
        const int Wanted = 2 * ((Count + TracedEvery - 1) / TracedEvery);
        if (ended.Count < Wanted || sink.TakeBytes() == 0)
            throw new InvalidOperationException($"{ended.Count} of {Wanted} spans ended, or nothing was exported.");
        return new Run(perSecond, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }

    private readonly record struct Run(double PerSecond, double CpuSeconds);

    /// <summary>Counts.</summary>
    private sealed class Ended : BaseProcessor<Activity>
    {
        private int _count;

        public int Count => _count;

        public override void OnEnd(Activity data) => Interlocked.Increment(ref _count);
    }
}
