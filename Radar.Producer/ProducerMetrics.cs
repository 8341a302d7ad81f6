using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.Producer;

/// <summary>
/// What the producer did, as totals and as metrics. The totals are plain fields that metrics observe: a tick costs an addition.
/// </summary>
internal sealed partial class ProducerMetrics
{
    private readonly ConcurrentDictionary<string, long> _failed = new(StringComparer.Ordinal);
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly Histogram<double> _operationDuration;
    private long _acknowledged;
    private long _bytes;
    private long _skipped;
    private long _broken;
    private long _foreign;
    private long _corrections;
    private long _heldBackMs;

    public ProducerMetrics(IMeterFactory meters, IOptions<KafkaOptions> kafka)
    {
        _tags =
        [
            new(TelemetryNames.MessagingSystem, "kafka"),
            new(TelemetryNames.OperationName, "send"),
            new(TelemetryNames.DestinationName, kafka.Value.Topic),
        ];
        var meter = meters.Create(TelemetryNames.Producer);
        meter.CreateObservableCounter(
            "messaging.client.sent.messages", ObserveSent, "{message}",
            "Ticks that the broker acknowledged, and with error.type those that it did not.");
        _operationDuration = meter.CreateHistogram<double>(
            "messaging.client.operation.duration", "s", "Time until the broker has answered: for a tick, or the commit of a transaction.",
            null,
            MetricNames.MessagingSeconds);
        meter.CreateObservableCounter(
            "radar.producer.sent.bytes", () => new Measurement<long>(Bytes, _tags), "By", "Bytes of values handed to Kafka, uncompressed.");
        meter.CreateObservableCounter(
            "radar.producer.skipped.lines", () => Skipped, "{line}", "Recorded lines that are no trades.");
        meter.CreateObservableCounter(
            "radar.producer.broken.lines", () => Broken, "{line}", "Recorded lines that cannot be read.");
        meter.CreateObservableCounter(
            "radar.producer.foreign.lines", () => Foreign, "{line}", "Recorded messages of no venue that Radar reads.");
        meter.CreateObservableCounter(
            "radar.producer.correction.lines", () => Corrections, "{line}", "Recorded corrections and cancels that do not count.");
        meter.CreateObservableCounter(
            "radar.producer.held_back.time", () => HeldBackMs / 1000.0, "s", "Time for which consumers behind held the source back.");
        AddLive(meter);
    }

    /// <summary>Ticks that the broker acknowledged.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Ticks that the broker did not take.</summary>
    public long Failed => _failed.Values.Sum();

    /// <summary>Bytes of values handed to Kafka.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Recorded lines that are no trades.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>Recorded lines that cannot be read.</summary>
    public long Broken => Volatile.Read(ref _broken);

    /// <summary>Recorded messages of no venue that Radar reads.</summary>
    public long Foreign => Volatile.Read(ref _foreign);

    /// <summary>Recorded corrections and cancels that do not count.</summary>
    public long Corrections => Volatile.Read(ref _corrections);

    /// <summary>Milliseconds for which the source was held back.</summary>
    public long HeldBackMs => Volatile.Read(ref _heldBackMs);

    /// <summary>True where somebody measures how long Kafka takes.</summary>
    public bool MeasuresOperations => _operationDuration.Enabled;

    /// <summary>The broker has answered for a tick that was timed. Called by Kafka's delivery threads.</summary>
    /// <param name="elapsed">Since the tick was handed to Kafka's client.</param>
    /// <param name="errorType">Null where the broker took it.</param>
    public void Answered(TimeSpan elapsed, string? errorType)
    {
        if (errorType is null)
            _operationDuration.Record(elapsed.TotalSeconds, _tags);
        else
            _operationDuration.Record(elapsed.TotalSeconds, [.. _tags, new(TelemetryNames.ErrorType, errorType)]);
    }

    /// <summary>A transaction with ticks and offsets is committed.</summary>
    public void CommitAnswered(TimeSpan elapsed)
    {
        if (_operationDuration.Enabled)
            _operationDuration.Record(elapsed.TotalSeconds, _tags[0], new(TelemetryNames.OperationName, "commit"), _tags[2]);
    }

    /// <summary>One acknowledgement. Called by Kafka's delivery threads.</summary>
    public void TickAcknowledged() => Interlocked.Increment(ref _acknowledged);

    /// <summary>Ticks of a transaction that is committed, and the bytes of their values.</summary>
    public void TicksCommitted(long count, long bytes)
    {
        Interlocked.Add(ref _acknowledged, count);
        Interlocked.Add(ref _bytes, bytes);
    }

    /// <summary>One tick is lost.</summary>
    public void TickFailed(string errorType) => _failed.AddOrUpdate(errorType, 1, (_, count) => count + 1);

    /// <summary>A tick was handed to Kafka. Called by the sender only.</summary>
    public void BytesSent(int bytes) => Volatile.Write(ref _bytes, _bytes + bytes);

    /// <summary>A recorded line is no trade. Called by the source only.</summary>
    public void LineSkipped() => Volatile.Write(ref _skipped, _skipped + 1);

    /// <summary>A recorded line cannot be read. Called by the source only.</summary>
    public void LineBroken() => Volatile.Write(ref _broken, _broken + 1);

    /// <summary>A recorded message is of no venue that Radar reads. Called by the source only.</summary>
    public void LineForeign() => Volatile.Write(ref _foreign, _foreign + 1);

    /// <summary>A recorded line is a correction or cancel. Called by the source only.</summary>
    public void LineCorrection() => Volatile.Write(ref _corrections, _corrections + 1);

    /// <summary>The source was held back. Called by the sender only.</summary>
    public void HeldBack(TimeSpan time) => Volatile.Write(ref _heldBackMs, _heldBackMs + (long)time.TotalMilliseconds);

    private IEnumerable<Measurement<long>> ObserveSent()
    {
        yield return new Measurement<long>(Acknowledged, _tags);
        foreach (var (errorType, count) in _failed)
            yield return new Measurement<long>(count, [.. _tags, new(TelemetryNames.ErrorType, errorType)]);
    }
}
