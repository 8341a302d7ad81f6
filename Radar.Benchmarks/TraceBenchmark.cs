using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Trace;
using Radar.Market;

namespace Radar.Benchmarks;

/// <summary>
/// What tracing costs the consumer at full speed. The same backlog without a trace and nobody listening, and with some of its records traced
/// and every span exported by OTLP to a server that takes them, in the same process. Throughput is that of the consume benchmark; CPU is
/// the whole process's, the last export included. The kinds take turns within a round, so that what else the machine does meets all of them.
/// </summary>
internal static class TraceBenchmark
{
    private const int Count = 1_000_000;
    private const int Symbols = 64;
    private const int Rounds = 11;

    // A producer at full speed sends some 500,000 ticks a second, of which it traces 64 (one per symbol) unless set up otherwise, and
    // 1,000 at most. The last kind is more than any producer does; it tells what one traced event costs.
    private static readonly Kind[] Kinds =
    [
        new("(a) not traced", "untraced", 0),
        new("(b) 64 events a second, one of each symbol", "traced-64", 500_000 / 64),
        new("(c) 1,000 events a second, the producer's limit", "traced-1000", 500),
        new("(d) every 20th event", "traced-20th", 20),
    ];

    public static async Task<string> RunAsync(Bench bench)
    {
        await using Sink sink = await Sink.StartAsync();
        foreach (Kind kind in Kinds)
            await bench.FillAsync(kind.Topic, Count, Symbols, kind.Every);
        foreach (Kind kind in Kinds)
            await MeasureAsync(bench, kind, sink);

        var measured = Kinds.ToDictionary(kind => kind, _ => new List<Run>());
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < Kinds.Length; i++)
            {
                Kind kind = Kinds[(round + i) % Kinds.Length];
                measured[kind].Add(await MeasureAsync(bench, kind, sink));
            }

            Console.WriteLine($"trace round {round + 1}: " + string.Join(
                ", ", Kinds.Select(kind => $"{kind.Topic} {measured[kind][^1].PerSecond:N0}/s ({measured[kind][^1].CpuSeconds:F2} s CPU)")));
        }

        double eventUs = Bench.Median(Ratios(Kinds[3], static (off, on) => on.CpuSeconds - off.CpuSeconds)) / (Count / Kinds[3].Every) * 1e6;
        return $"""
            | consume with tracing, {Count:N0} ticks, {Symbols} symbols, {Bench.Partitions} partitions | ticks/s | of (a) | from – to | CPU s | of (a) | from – to |
            |---|---:|---:|---:|---:|---:|---:|
            {string.Join('\n', Kinds.Select(Row))}

            One traced event costs {eventUs:F0} µs of CPU, export included: the median of (d) less (a).
            """;

        string Row(Kind kind)
        {
            var speed = Ratios(kind, static (off, on) => on.PerSecond / off.PerSecond);
            var cpu = Ratios(kind, static (off, on) => on.CpuSeconds / off.CpuSeconds);
            return FormattableString.Invariant(
                $"| {kind.Name} | {Bench.Median(measured[kind].Select(run => run.PerSecond)):N0} | {Bench.Median(speed):F3} | {speed.Min():F2} – {speed.Max():F2} ")
                + FormattableString.Invariant(
                    $"| {Bench.Median(measured[kind].Select(run => run.CpuSeconds)):F2} | {Bench.Median(cpu):F3} | {cpu.Min():F2} – {cpu.Max():F2} |");
        }

        List<double> Ratios(Kind kind, Func<Run, Run, double> compare) => [.. measured[Kinds[0]].Zip(measured[kind], compare)];
    }

    private static async Task<Run> MeasureAsync(Bench bench, Kind kind, Sink sink)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        if (kind.Every == 0)
            return new Run(await ConsumeBenchmark.RadarAsync(bench, kind.Topic, Count), (Environment.CpuUsage.TotalTime - before).TotalSeconds);

        var ended = new Ended();
        double perSecond;
        using (Sdk.CreateTracerProviderBuilder().AddSource(TelemetryNames.Consumer).AddProcessor(ended).AddOtlpExporter(sink.Configure).Build())
            perSecond = await ConsumeBenchmark.RadarAsync(bench, kind.Topic, Count);

        // Two spans of each: process, and the write.
        int wanted = 2 * ((Count + kind.Every - 1) / kind.Every);
        if (ended.Count < wanted || sink.TakeBytes() == 0)
            throw new InvalidOperationException($"{ended.Count} of {wanted} spans ended, or nothing was exported.");
        return new Run(perSecond, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }

    private sealed record Kind(string Name, string Topic, int Every);

    private readonly record struct Run(double PerSecond, double CpuSeconds);

    /// <summary>Counts.</summary>
    private sealed class Ended : BaseProcessor<Activity>
    {
        private int _count;

        public int Count => _count;

        public override void OnEnd(Activity data) => Interlocked.Increment(ref _count);
    }

    /// <summary>An OTLP server that reads what it is sent and keeps nothing.</summary>
    private sealed class Sink(WebApplication app) : IAsyncDisposable
    {
        private long _bytes;

        public static async Task<Sink> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning"]);
            WebApplication app = builder.Build();
            var sink = new Sink(app);
            app.MapPost("/v1/traces", sink.ReadAsync);
            await app.StartAsync();
            return sink;
        }

        public void Configure(OtlpExporterOptions options)
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
            options.Endpoint = new Uri(app.Urls.Single() + "/v1/traces");
        }

        /// <summary>Bytes since the last call.</summary>
        public long TakeBytes() => Interlocked.Exchange(ref _bytes, 0);

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task ReadAsync(HttpContext context)
        {
            while (true)
            {
                var read = await context.Request.BodyReader.ReadAsync();
                Interlocked.Add(ref _bytes, read.Buffer.Length);
                context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
    }
}
