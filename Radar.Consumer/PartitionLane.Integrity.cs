using System.Globalization;
using Radar.Market.Store;

namespace Radar.Consumer;

/// <content>What the topic no longer has, or may not have, when the partition is opened: marks of its state.</content>
internal sealed partial class PartitionLane
{
    private DateTime Now => Time(time.GetUtcNow().ToUnixTimeMilliseconds());

    private IntegrityMark LateBegin(long low, DateTime? first) => new(
        partition, IntegrityMarks.LogStart, 0, low, Start: null, first ?? Now, Now,
        Text($"The state begins at offset {low}: the topic no longer had the records before it. Bars that were open then lack trades."));

    private IntegrityMark Hole(in PartitionPosition position, long low, DateTime? first) => new(
        partition, IntegrityMarks.Retention, position.Offset, low,
        position.RecordMs > 0 ? Time(position.RecordMs) : null, first ?? Now, Now,
        Text($"Offsets {position.Offset} to {low - 1} were deleted by the topic's retention before they were applied. ")
        + "Restore them and build the state anew, or wait until the bars of that time are no longer kept; give the topic a longer retention "
        + "than the consumer may be away.");

    /// <summary>The marks with one more, where the topic is compacted and none says so.</summary>
    private async Task<string?> WithCompactionAsync(string? marks)
    {
        if (IntegrityMarks.Read(marks).Any(mark => mark.Reason == IntegrityMarks.Compaction)
            || !await topic.IsCompactedAsync().WaitAsync(_stop.Token))
        {
            return marks;
        }

        Compacted(partition);
        return IntegrityMarks.Add(marks, new IntegrityMark(
            partition, IntegrityMarks.Compaction, From: null, To: null, Start: null, End: null, Now,
            "The topic is compacted: the broker keeps the newest record of a key only, whether the others were applied or not. Set "
            + "cleanup.policy=delete on it, then build the state anew from a log that has all records."));
    }

    private async Task<DateTime?> FirstRecordAsync() => await topic.FirstTimestampAsync(partition) is { } ms ? Time(ms) : null;

    private static DateTime Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(8, LogLevel.Warning,
        "Partition {Partition}: the topic is compacted (cleanup.policy), so records may be gone before they are applied; its state is marked "
        + "incomplete.")]
    private partial void Compacted(int partition);
}
