using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Radar.Market;

namespace Radar.Producer.Topics;

/// <summary>What came of another topic's records; counted when a transaction is committed, so that nothing counts twice.</summary>
internal sealed class TopicMetrics
{
    private readonly ConcurrentDictionary<string, long> _refused = [];
    private long _records;
    private long _noTrades;
    private long _corrections;
    private long _committed;
    private long _aborted;

    public TopicMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(TelemetryNames.Producer);
        meter.CreateObservableCounter(
            "radar.producer.topic.records", () => Records, "{record}", "Records of the other topic that are dealt with.");
        meter.CreateObservableCounter(
            "radar.producer.topic.refused", ObserveRefused, "{record}", "Those of them that went to the dead letters, by radar.reason.");
        meter.CreateObservableCounter(
            "radar.producer.topic.left_out", ObserveLeftOut, "{record}",
            "Records, or items of a record's list, that make no tick by the settings, by radar.reason: no_trade or correction.");
        meter.CreateObservableCounter(
            "radar.producer.topic.transactions", ObserveTransactions, "{transaction}",
            "Transactions by radar.result: committed or aborted.");
    }

    /// <summary>Records dealt with.</summary>
    public long Records => Volatile.Read(ref _records);

    /// <summary>Records that went to the dead letters.</summary>
    public long Refused => _refused.Values.Sum();

    /// <summary>Records and items that the filter leaves out.</summary>
    public long NoTrades => Volatile.Read(ref _noTrades);

    /// <summary>Corrections and cancels that do not count.</summary>
    public long Corrections => Volatile.Read(ref _corrections);

    /// <summary>Transactions aborted.</summary>
    public long Aborted => Volatile.Read(ref _aborted);

    /// <summary>A transaction is committed.</summary>
    public void Committed(int records, IEnumerable<string> refused)
    {
        Interlocked.Add(ref _records, records);
        Interlocked.Increment(ref _committed);
        foreach (string reason in refused)
            _refused.AddOrUpdate(reason, 1, (_, count) => count + 1);
    }

    /// <summary>What of a committed transaction's records is left out.</summary>
    public void LeftOut(int noTrades, int corrections)
    {
        Interlocked.Add(ref _noTrades, noTrades);
        Interlocked.Add(ref _corrections, corrections);
    }

    /// <summary>A transaction is aborted.</summary>
    public void TransactionAborted() => Interlocked.Increment(ref _aborted);

    private IEnumerable<Measurement<long>> ObserveRefused() =>
        _refused.Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>(TelemetryNames.Reason, pair.Key)));

    private IEnumerable<Measurement<long>> ObserveLeftOut() =>
    [
        new(NoTrades, new KeyValuePair<string, object?>(TelemetryNames.Reason, "no_trade")),
        new(Corrections, new KeyValuePair<string, object?>(TelemetryNames.Reason, "correction")),
    ];

    private IEnumerable<Measurement<long>> ObserveTransactions() =>
    [
        new(Volatile.Read(ref _committed), new KeyValuePair<string, object?>(MetricNames.Result, "committed")),
        new(Aborted, new KeyValuePair<string, object?>(MetricNames.Result, "aborted")),
    ];
}
