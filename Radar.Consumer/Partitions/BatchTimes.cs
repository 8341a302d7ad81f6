using Radar.Market.Store;

namespace Radar.Consumer.Partitions;

/// <summary>Kafka timestamps of the records of the batch under way, equal ones in a row together.</summary>
internal sealed class BatchTimes
{
    private readonly List<RecordTime> _runs = [];

    public IReadOnlyList<RecordTime> Runs => _runs;

    public void Clear() => _runs.Clear();

    /// <summary>Records without a timestamp are left out.</summary>
    public void Add(long recordMs)
    {
        if (recordMs <= 0)
            return;
        if (_runs.Count > 0 && _runs[^1].TimestampMs == recordMs)
            _runs[^1] = _runs[^1] with { Records = _runs[^1].Records + 1 };
        else
            _runs.Add(new RecordTime(recordMs, 1));
    }
}
