using Radar.Api.Board;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Freshness;

/// <summary>
/// Measures how long events took to become visible: from the Kafka timestamp of their record until the live board had them. What the
/// board finds in Redis when it starts was visible before, and does not count.
/// </summary>
internal sealed class EventFreshness(FreshnessObjective objective, FreshnessMetrics metrics, TimeProvider time) : IArrivalObserver
{
    /// <inheritdoc/>
    public void Visible(IReadOnlyList<RecordTime> times)
    {
        if (times.Count == 0)
            return;
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        double limit = objective.Limit.TotalSeconds;
        long met = 0, missed = 0;
        foreach (RecordTime read in times)
        {
            double seconds = MetricNames.SecondsSince(read.TimestampMs, nowMs);
            if (seconds <= limit)
                met += read.Records;
            else
                missed += read.Records;
            metrics.Visible(seconds, read.Records);
        }

        objective.Add(met, missed);
        metrics.Counted(met, missed);
    }

    /// <summary>
    /// A reload brought events without their times: only the timestamps of the last one before and of the newest are known, and the others
    /// are taken to lie evenly between them.
    /// </summary>
    public void Reloaded(PartitionPosition? before, PartitionPosition? after)
    {
        if (before is not { } from || after is not { } to || to.Offset <= from.Offset || to.RecordMs <= 0)
            return;
        const int parts = 16;
        long events = to.Offset - from.Offset, fromMs = from.RecordMs > 0 ? Math.Min(from.RecordMs, to.RecordMs) : to.RecordMs;
        var times = new List<RecordTime>(parts);
        long counted = 0;
        for (int part = 1; part <= parts; part++)
        {
            int records = (int)Math.Min(int.MaxValue, (events * part / parts) - counted);
            if (records == 0)
                continue;
            counted += records;
            times.Add(new RecordTime(fromMs + ((to.RecordMs - fromMs) * counted / events), records));
        }

        Visible(times);
    }
}
