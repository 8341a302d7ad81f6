using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.Consumer;

/// <summary>Every fact the consumer counts, one method each.</summary>
internal sealed class ConsumerMetrics
{
    public static readonly ActivitySource Activities = new(TelemetryNames.Consumer);

    /// <summary>The semantic conventions' own for durations; the SDK's default begins with 5 as if they were milliseconds.</summary>
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    private static readonly InstrumentAdvice<int> Records = new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536] };

    private readonly Counter<long> _consumed;
    private readonly Histogram<double> _processDuration;
    private readonly Histogram<int> _batchSize;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _tooLate;
    private readonly Counter<long> _fenced;
    private readonly Counter<long> _missed;
    private readonly Counter<long> _failures;
    private readonly string _topic;
    private readonly string _group;

    public ConsumerMetrics(IMeterFactory meters, IOptions<KafkaOptions> kafka)
    {
        Meter meter = meters.Create(TelemetryNames.Consumer);
        (_topic, _group) = (kafka.Value.Topic, kafka.Value.ConsumerGroup);
        _consumed = meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Records applied.");
        _processDuration = meter.CreateHistogram<double>("messaging.process.duration", "s", "Time from a batch's first look to its write.", null, Seconds);
        _batchSize = meter.CreateHistogram<int>("radar.consumer.batch.size", "{message}", "Records in one write.", null, Records);
        _refused = meter.CreateCounter<long>("radar.consumer.refused", "{message}", "Records sent to the dead-letter topic.");
        _tooLate = meter.CreateCounter<long>("radar.consumer.too_late", "{message}", "Ticks older than the retention of at least one timeframe.");
        _fenced = meter.CreateCounter<long>("radar.consumer.fenced", "{batch}", "Batches not written since the stored position was another.");
        _missed = meter.CreateCounter<long>("radar.consumer.missed", "{message}", "Offsets that the topic dropped before they were applied.");
        _failures = meter.CreateCounter<long>("radar.consumer.failures", "{failure}", "Writes that failed and are repeated.");
    }

    public void Applied(int partition, int records, int tooLate, TimeSpan elapsed)
    {
        var tags = Tags(partition);
        if (_consumed.Enabled)
            _consumed.Add(records, tags);
        if (_processDuration.Enabled)
            _processDuration.Record(elapsed.TotalSeconds, tags);
        if (_batchSize.Enabled)
            _batchSize.Record(records, tags);
        if (tooLate > 0)
            _tooLate.Add(tooLate, tags);
    }

    public void Refused(int partition, string reason)
    {
        var tags = Tags(partition);
        tags.Add(TelemetryNames.ErrorType, reason);
        _refused.Add(1, tags);
    }

    public void Fenced(int partition) => _fenced.Add(1, Tags(partition));

    public void Missed(int partition, long offsets) => _missed.Add(offsets, Tags(partition));

    public void Failed(int partition, string errorType)
    {
        var tags = Tags(partition);
        tags.Add(TelemetryNames.ErrorType, errorType);
        _failures.Add(1, tags);
    }

    private TagList Tags(int partition) => new()
    {
        { TelemetryNames.MessagingSystem, "kafka" },
        { TelemetryNames.OperationName, "process" },
        { TelemetryNames.ConsumerGroup, _group },
        { TelemetryNames.DestinationName, _topic },
        { TelemetryNames.DestinationPartition, PartitionNames.Of(partition) },
    };
}

/// <summary>Partition numbers as text, made once.</summary>
internal static class PartitionNames
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 1024).Select(partition => $"{partition}")];

    public static string Of(int partition) => partition < Names.Length ? Names[partition] : $"{partition}";
}
