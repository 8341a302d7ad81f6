using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Consumer;

/// <summary>Every fact the consumer counts, one method each.</summary>
internal sealed class ConsumerMetrics
{
    public static readonly ActivitySource Activities = new(TelemetryNames.Consumer);

    private static readonly InstrumentAdvice<int> Records = new()
    {
        HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536],
    };

    private readonly Counter<long> _consumed;
    private readonly Histogram<double> _processDuration;
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _scriptDuration;
    private readonly Histogram<double> _eventToApplied;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _late;
    private readonly Counter<long> _tooLate;
    private readonly Counter<long> _oldEvents;
    private readonly Counter<long> _fenced;
    private readonly Counter<long> _missed;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _restarted;
    private readonly string _topic;
    private readonly string _group;

    public ConsumerMetrics(IMeterFactory meters, IOptions<KafkaOptions> kafka)
    {
        Meter meter = meters.Create(TelemetryNames.Consumer);
        (_topic, _group) = (kafka.Value.Topic, kafka.Value.ConsumerGroup);
        _consumed = meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Records applied.");
        _processDuration = meter.CreateHistogram<double>(
            "messaging.process.duration", "s", "Time from a batch's first look to its write.", null, MetricNames.MessagingSeconds);
        _batchSize = meter.CreateHistogram<int>("radar.consumer.batch.size", "{message}", "Records in one write.", null, Records);
        _scriptDuration = meter.CreateHistogram<double>(
            "db.client.operation.duration", "s", "Time that Redis took to apply a batch.", null, MetricNames.DatabaseSeconds);
        _eventToApplied = meter.CreateHistogram<double>(
            "radar.event_to_applied", "s", "Time from a record's Kafka timestamp until its state is in Redis.", null,
            MetricNames.EventSeconds);
        _refused = meter.CreateCounter<long>("radar.consumer.refused", "{message}", "Records that are no ticks, by reason.");
        _deadLetters = meter.CreateCounter<long>(
            "radar.consumer.dead_letters", "{message}", "Refused records that the dead-letter topic has acknowledged, by reason.");
        _late = meter.CreateCounter<long>("radar.consumer.late", "{message}", "Ticks of a minute before the newest of their symbol.");
        _tooLate = meter.CreateCounter<long>(
            "radar.consumer.too_late", "{message}", "Ticks older than the retention of at least one timeframe.");
        _oldEvents = meter.CreateCounter<long>(
            "radar.consumer.old_events", "{message}", "Ticks more than ten years before their record's Kafka timestamp.");
        _fenced = meter.CreateCounter<long>(
            "radar.consumer.fenced", "{batch}", "Batches not written since the stored position was another.");
        _missed = meter.CreateCounter<long>(
            "radar.consumer.missed", "{message}", "Offsets that the topic dropped before they were applied.");
        _failures = meter.CreateCounter<long>("radar.consumer.failures", "{failure}", "Writes that failed and are repeated.");
        _restarted = meter.CreateCounter<long>(
            "radar.consumer.restarted", "{partition}", "Partitions whose state was damaged and is rebuilt from the log.");
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

    /// <summary>Ticks that corrected an older bar, or came too late even for that.</summary>
    public void Late(int partition, int ticks)
    {
        if (ticks > 0)
            _late.Add(ticks, Tags(partition));
    }

    /// <summary>Redis has answered the script that applies a batch.</summary>
    public void ScriptAnswered(TimeSpan elapsed)
    {
        if (_scriptDuration.Enabled)
            _scriptDuration.Record(elapsed.TotalSeconds, new(MetricNames.DbSystem, "redis"), new(MetricNames.DbOperation, "EVALSHA"));
    }

    /// <summary>True where a listener measures how long events take.</summary>
    public bool MeasuresEvents => _eventToApplied.Enabled;

    /// <summary>Events are in Redis. One measurement for each, without attributes: a full batch has 16,384.</summary>
    public void EventsApplied(IReadOnlyList<RecordTime> times, long nowMs)
    {
        foreach (RecordTime time in times)
        {
            double seconds = MetricNames.SecondsSince(time.TimestampMs, nowMs);
            for (int i = 0; i < time.Records; i++)
                _eventToApplied.Record(seconds);
        }
    }

    /// <summary>
    /// A record is no tick; <paramref name="reason"/> is one of <see cref="TickRefusalNames"/>, or the type of an exception.
    /// </summary>
    public void Refused(int partition, string reason)
    {
        if (!_refused.Enabled)
            return;
        var tags = Tags(partition);
        tags.Add(TelemetryNames.Reason, reason);
        _refused.Add(1, tags);
    }

    /// <summary>The dead-letter topic has a refused record.</summary>
    public void DeadLettered(int partition, string reason, string leftOut)
    {
        if (!_deadLetters.Enabled)
            return;
        var tags = Tags(partition);
        tags.Add(TelemetryNames.Reason, reason);
        tags.Add(MetricNames.LeftOut, leftOut);
        _deadLetters.Add(1, tags);
    }

    /// <summary>A tick is more than ten years before its record.</summary>
    public void OldEvent(int partition) => _oldEvents.Add(1, Tags(partition));

    public void Fenced(int partition) => _fenced.Add(1, Tags(partition));

    public void Missed(int partition, long offsets) => _missed.Add(offsets, Tags(partition));

    public void Restarted(int partition) => _restarted.Add(1, Tags(partition));

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
