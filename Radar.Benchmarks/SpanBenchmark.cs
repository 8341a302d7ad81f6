using Confluent.Kafka;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Radar.Consumer.Partitions;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Benchmarks;

/// <summary>
/// What the consumer's spans cost per event, in CPU of the whole process: opened, tagged, closed and exported in batches, without the rest
/// of its work. Beside it a record without a header, and one whose sender did not sample it.
/// </summary>
internal static class SpanBenchmark
{
    private const int Batch = 64;
    private const int Rounds = 9;

    public static async Task<string> RunAsync(Bench bench, OtlpSink sink)
    {
        string sampled = Bench.NewTrace();
        List<double> none = [], unsampled = [], traced = [];
        for (int round = 0; round < Rounds; round++)
        {
            none.Add(Cost(bench, sink, 20_000_000, header: null));
            unsampled.Add(Cost(bench, sink, 2_000_000, sampled[..^1] + "0"));
            traced.Add(Cost(bench, sink, 100_000, sampled));
            await Task.Yield();
            Console.WriteLine(
                $"spans round {round + 1}: none {none[^1]:F1} ns, unsampled {unsampled[^1]:F0} ns, traced {traced[^1]:F0} ns");
        }

        return $"""
            | spans of one event in the consumer, CPU ns | median | from – to |
            |---|---:|---:|
            | record without a header | {Bench.Median(none):F0} | {none.Min():F0} – {none.Max():F0} |
            | record whose sender did not sample it | {Bench.Median(unsampled):F0} | {unsampled.Min():F0} – {unsampled.Max():F0} |
            | traced: two spans, exported by OTLP | {Bench.Median(traced):N0} | {traced.Min():N0} – {traced.Max():N0} |
            """;
    }

    /// <summary>CPU of one event, ns.</summary>
    private static double Cost(Bench bench, OtlpSink sink, int events, string? header)
    {
        var record = new ConsumeResult<RecordBytes, RecordBytes>
        {
            Message = new Message<RecordBytes, RecordBytes>
            {
                Headers = header is null ? null : [new Header(TelemetryNames.TraceParent, System.Text.Encoding.ASCII.GetBytes(header))],
            },
        };
        PartitionEvent arrival = PartitionEvent.Record(record, 0);
        var tick = new Tick("BTCUSDT", 1, 1);
        var spans = new ProcessSpans(
            new KafkaOptions(), new ServerAddress("localhost", 9092), bench.Redis, new RedisKeys(RedisKeys.FirstEpoch, 0),
            TimeProvider.System);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        using (var provider = Sdk.CreateTracerProviderBuilder().AddSource(TelemetryNames.Consumer).AddOtlpExporter(sink.Configure).Build())
        {
            for (int i = 1; i <= events; i++)
            {
                spans.Begin(arrival, tick);
                if (i % Batch != 0)
                    continue;
                spans.Sending();
                spans.End(null);
                if (header is not null && i % (8 * Batch) == 0)
                    provider.ForceFlush(); // the exporter's queue drops what it has no room for, and that would cost nothing
            }
        }

        return (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / events;
    }
}
