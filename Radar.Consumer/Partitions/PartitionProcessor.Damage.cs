using Radar.Market;
using Radar.Market.Store;

namespace Radar.Consumer.Partitions;

/// <content>
/// A state that is damaged in Redis is marked, so that no answer seems complete, and rebuilt where the log has all of it.
/// </content>
internal sealed partial class PartitionProcessor
{
    private DamagedStateException? _reported;
    private DamagedStateException? _damage;
    private long? _repairedAt; // position from which on a state that is being rebuilt is complete
    private long? _restartedAt;

    /// <summary>Reports that a read of the partition's state found it damaged. Any thread.</summary>
    public void Report(DamagedStateException damage) => Volatile.Write(ref _reported, damage);

    /// <summary>Reads again what was reported: the partition may have been rebuilt since.</summary>
    private async ValueTask CheckReportedAsync()
    {
        if (Volatile.Read(ref _reported) is not null && Interlocked.Exchange(ref _reported, null) is { } damage)
            await reader.CheckInAnyEpochAsync(damage.Key);
    }

    /// <summary>Marks the state, and deletes it where the log has everything that it was built from.</summary>
    /// <exception cref="PartitionBlockedException">The log does not have it.</exception>
    private async Task RepairAsync(DamagedStateException damage)
    {
        if (projection.Position is not { } position || !projection.Has(damage.Key) || HasJustRestarted)
            throw new PartitionBlockedException(damage.Explanation);
        var (low, _) = await topic.WatermarksAsync(partition);
        IntegrityMark? known = IntegrityMarks.Find(position.Incomplete, IntegrityMarks.Damage);
        string? others = IntegrityMarks.Without(position.Incomplete, IntegrityMarks.Damage);
        if (MissingInLog(position.Incomplete, low) is { } missing)
        {
            var sentence = damage.Explanation.Within(words => $"{words} It is not rebuilt automatically, since {missing}.");
            bool isMarked = known is { To: null } && known.Key == damage.Key;
            if (isMarked || await MarkAsync(IntegrityMarks.Add(others, Mark(damage, from: null, to: null, sentence.Public))))
                throw new PartitionBlockedException(sentence);
            return; // another consumer writes the partition
        }

        IntegrityMark mark = Mark(
            damage, low, position.Offset,
            $"{damage.Finding.Public}. The state is being rebuilt from the log, and is complete again at offset "
            + $"{position.Offset}; no action is needed.");
        if (!await MarkAsync(IntegrityMarks.Add(others, mark)))
            return; // another consumer writes the partition
        metrics.Restarted(partition);
        Restarts(partition, damage.Finding.Detailed, low, position.Offset);
        await RestartAsync(position, mark, low);
        _restartedAt = time.GetTimestamp();
    }

    /// <summary>A state that is damaged again at once is not deleted repeatedly.</summary>
    private bool HasJustRestarted => _restartedAt is { } at && time.GetElapsedTime(at) < PauseMax;

    /// <summary>Why the log cannot give what the state had; null where it can.</summary>
    private static string? MissingInLog(string? marks, long low)
    {
        bool isCompacted = IntegrityMarks.Find(marks, IntegrityMarks.Compaction) is not null;
        return isCompacted ? "the topic is compacted"
            : low == 0 || IntegrityMarks.Find(marks, IntegrityMarks.LogStart)?.To >= low ? null
            : Text($"the topic no longer has the records before offset {low}");
    }

    /// <summary>Deletes the state and stores where it begins, unless another consumer wrote.</summary>
    private async Task RestartAsync(PartitionPosition damaged, IntegrityMark mark, long low)
    {
        string? marks = low == 0 ? null : IntegrityMarks.Add(null, LateBegin(low, await FirstRecordAsync()));
        if (low < damaged.Offset)
            marks = IntegrityMarks.Add(marks, mark);
        if (await projection.RestartAsync(new PartitionPosition(low, damaged.Identity, 0) { Incomplete = marks }))
            _incomplete = marks;
    }

    /// <summary>The position of the next write, without the mark where that write makes the state complete.</summary>
    private PartitionPosition Marked(in PartitionPosition reached) => reached.Offset >= _repairedAt
        ? reached with { Incomplete = IntegrityMarks.Without(reached.Incomplete, IntegrityMarks.Damage) ?? "" }
        : reached;

    private void NoteRepaired(long next)
    {
        if (!(next >= _repairedAt))
            return;
        _repairedAt = null;
        _incomplete = projection.Position!.Value.Incomplete;
        Repaired(partition, next);
    }

    private IntegrityMark Mark(DamagedStateException damage, long? from, long? to, string detail) => new(
        partition, IntegrityMarks.Damage, from, to, Start: null, End: null, Now, detail, damage.Key);

    [LoggerMessage(25, LogLevel.Error,
        "Partition {Partition}: {Finding}. Its state is deleted and rebuilt from the log, offsets {Low} to {Offset}.")]
    private partial void Restarts(int partition, string finding, long low, long offset);

    [LoggerMessage(26, LogLevel.Information, "Partition {Partition}: its state is rebuilt and complete, at offset {Offset}.")]
    private partial void Repaired(int partition, long offset);
}
