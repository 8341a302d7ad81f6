using System.Globalization;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Consumer.Partitions;

/// <content>Integrity marks for what the topic no longer has, or may not have, when the partition is opened.</content>
internal sealed partial class PartitionProcessor
{
    private DateTime Now => Time(time.GetUtcNow().ToUnixTimeMilliseconds());

    private IntegrityMark LateBegin(long low, DateTime? first) => new(
        partition, IntegrityMarks.LogStart, 0, low, Start: null, first ?? Now, Now,
        Text($"The state begins at offset {low}: the topic no longer had the records before it. Bars that were open then lack trades."));

    private IntegrityMark Hole(in PartitionPosition position, long low, DateTime? first) => new(
        partition, IntegrityMarks.Retention, position.Offset, low,
        position.RecordMs > 0 ? Time(position.RecordMs) : null, first ?? Now, Now,
        Text($"Offsets {position.Offset} to {low - 1} were deleted by the topic's retention before they were applied. ")
        + "Restore them and rebuild the state, or wait until the bars of that time are no longer kept; give the topic a longer retention "
        + "than the consumer may be away.");

    /// <summary>Adds a mark where the topic is compacted and none records that.</summary>
    private async Task<string?> WithCompactionAsync(string? marks)
    {
        if (IntegrityMarks.Find(marks, IntegrityMarks.Compaction) is not null
            || !await topic.IsCompactedAsync().WaitAsync(_stop.Token))
        {
            return marks;
        }

        Compacted(partition);
        return IntegrityMarks.Add(marks, new IntegrityMark(
            partition, IntegrityMarks.Compaction, From: null, To: null, Start: null, End: null, Now,
            "The topic is compacted: the broker keeps the newest record of a key only, whether the others were applied or not. Set "
            + "cleanup.policy=delete on it, then rebuild the state from a log that has all records."));
    }

    /// <summary>Marks a state that was built from another log than Kafka has.</summary>
    /// <param name="from">First offset that is another one; null where that is unknown.</param>
    /// <param name="sentence">What is wrong and what to do.</param>
    private async Task<PartitionBlockedException> TruncatedAsync(long? from, Explanation sentence)
    {
        PartitionPosition position = projection.Position!.Value;
        if (IntegrityMarks.Find(position.Incomplete, IntegrityMarks.Truncation) is null)
        {
            await MarkAsync(IntegrityMarks.Add(position.Incomplete, new IntegrityMark(
                partition, IntegrityMarks.Truncation, from, position.Offset, Start: null, End: null, Now, sentence.Public)));
        }

        return new PartitionBlockedException(sentence);
    }

    /// <summary>Removes the mark: the log is the one that was applied. A broker may take a moment to know where its log ends.</summary>
    private async Task NotTruncatedAsync()
    {
        string? marks = projection.Position!.Value.Incomplete;
        if (IntegrityMarks.Find(marks, IntegrityMarks.Truncation) is not null)
            await MarkAsync(IntegrityMarks.Without(marks, IntegrityMarks.Truncation) ?? "");
    }

    /// <returns>False where another consumer writes the partition.</returns>
    private async Task<bool> MarkAsync(string marks)
    {
        if (!await projection.MarkAsync(marks))
            return false;
        _incomplete = projection.Position!.Value.Incomplete;
        return true;
    }

    private async Task<DateTime?> FirstRecordAsync() => await topic.FirstTimestampAsync(partition) is { } ms ? Time(ms) : null;

    private static DateTime Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(8, LogLevel.Warning,
        "Partition {Partition}: the topic is compacted (cleanup.policy), so records may be gone before they are applied; its state is "
        + "marked incomplete.")]
    private partial void Compacted(int partition);
}
