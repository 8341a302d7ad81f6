using System.Globalization;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Consumer.Partitions;

/// <content>
/// Checks that Kafka's log still holds, below the position, what was applied. A leader that lost the end of its log writes other records
/// at the same offsets, all of a higher leader epoch; and offset and leader epoch of a record name everything before it. So the last
/// applied record is read again before the first record of another leader epoch is applied, and whenever the processor opens.
/// </content>
internal sealed partial class PartitionProcessor
{
    /// <summary>How far below the position the last record is searched for first: markers and aborted records are not delivered.</summary>
    private const int LookBack = 64;
    private const int LookBackFactor = 64;

    /// <summary>
    /// From this backlog on, the newest leader epoch is read first, so that older ones on the way need no check each: a check discards
    /// what librdkafka has prefetched, up to 100,000 records.
    /// </summary>
    private const int FarBehind = 1_000_000;

    private int _seenEpoch = -1; // highest leader epoch of any record that was received
    private int _checkedEpoch = -1; // up to this one, the log was found to hold what was applied

    /// <summary>True where the log has to be checked before a record is applied.</summary>
    /// <param name="epoch">The record's.</param>
    /// <param name="last">That of the record applied before it.</param>
    private bool IsUnchecked(int? epoch, int? last)
    {
        if (epoch is not { } of)
            return false;
        _seenEpoch = Math.Max(_seenEpoch, of);
        return last is { } before && (of < before || of > _checkedEpoch);
    }

    /// <summary>Seeks, and checks the log below.</summary>
    /// <returns>False where the topic is another than the one that was opened.</returns>
    /// <exception cref="PartitionBlockedException">Kafka's log is not the one that was applied.</exception>
    private async Task<bool> SeekCheckedAsync(long next)
    {
        var (low, high) = await topic.WatermarksAsync(partition);
        if (next > high)
            throw await TruncatedAsync(high, CutOff(next, high));
        if (high - next > FarBehind)
            await ReadBelowAsync(Math.Max(low, high - LookBack), high);

        // Every leader that answers from now on is of this epoch or a later one.
        int seen = _seenEpoch;
        PartitionPosition applied = projection.Position!.Value;
        long back = LookBack;
        long from = applied.LeaderEpoch is null ? next : Math.Max(low, next - back);
        BelowPosition below = await ReadBelowAsync(Math.Min(from, next), next);
        while (below is { Last: null, IsInterrupted: false } && from > low && from < next)
        {
            back *= LookBackFactor;
            from = Math.Max(low, next - back);
            below = await ReadBelowAsync(from, next);
        }

        if (below.IsInterrupted)
            return true;
        if (below.EndsAt is { } end)
            throw await TruncatedAsync(end, CutOff(next, end));
        if (Difference(applied, below) is { } difference)
            return await IsOpenedTopicAsync() ? throw await TruncatedAsync(null, difference) : false;
        _checkedEpoch = Math.Max(seen, applied.LeaderEpoch ?? -1);
        if (below.Last is not null && applied.LeaderEpoch is not null)
            await NotTruncatedAsync(); // records that took the place of others would be of a later leader epoch
        return true;
    }

    /// <summary>
    /// Reads from an offset on until the next event is at <paramref name="next"/> or after it; that one stays in the inbox.
    /// </summary>
    private async Task<BelowPosition> ReadBelowAsync(long from, long next)
    {
        await SeekAsync(from);
        PartitionEvent? last = null;
        while (from < next)
        {
            await Inbox.WaitAsync(_stop.Token);
            if (!Inbox.TryPeek(out PartitionEvent incoming))
                continue;
            if (incoming.Kind is PartitionEventKind.OutOfRange or PartitionEventKind.TopicChanged)
                return new BelowPosition(null, null, null, IsInterrupted: true);
            if (incoming.Kind == PartitionEventKind.Record)
                _seenEpoch = Math.Max(_seenEpoch, incoming.LeaderEpoch ?? -1);
            if (incoming.Kind is PartitionEventKind.Record or PartitionEventKind.End && incoming.Offset >= next)
                return new BelowPosition(last, incoming, null, IsInterrupted: false);
            Inbox.TryTake(out _);
            if (incoming.Kind == PartitionEventKind.Record)
                last = incoming;
            else if (incoming.Kind == PartitionEventKind.End)
                return new BelowPosition(last, null, incoming.Offset, IsInterrupted: false);
        }

        return default;
    }

    /// <summary>How the log differs from what was applied, as sentences; null where it does not.</summary>
    private Explanation? Difference(PartitionPosition applied, BelowPosition below)
    {
        if (applied.LeaderEpoch is not { } epoch)
            return null;

        // Without a record right below the position, the last applied one was followed by a marker, or has been compacted away.
        if (below.Last is { } last && last.LeaderEpoch is { } of)
        {
            bool isLastApplied = last.Offset == applied.Offset - 1;
            if (of > epoch || (isLastApplied && of != epoch))
                return Diverged(applied.Offset, $"leader epoch {epoch}", $"leader epoch {of} at offset {last.Offset}");
            if (isLastApplied && last.RecordMs > 0 && applied.RecordMs > 0 && last.RecordMs != applied.RecordMs)
                return Diverged(applied.Offset, $"timestamp {applied.RecordMs}", $"timestamp {last.RecordMs} at offset {last.Offset}");
        }

        return below.Next is { Kind: PartitionEventKind.Record } next && next.LeaderEpoch < epoch
            ? Diverged(applied.Offset, $"leader epoch {epoch}", $"leader epoch {next.LeaderEpoch} at offset {next.Offset}")
            : null;
    }

    private Explanation Diverged(long offset, string applied, string found) => Rebuild.Within(rebuild => string.Create(
        CultureInfo.InvariantCulture,
        $"The partition's log is not the one that was applied: the last record before offset {offset} was one of {applied}, now Kafka has "
        + $"one of {found}. Kafka lost the end of the partition (an unclean leader election, or a crash before records were on disk), and "
        + $"other records took offsets that the state has applied. {char.ToUpperInvariant(rebuild[0])}{rebuild[1..]}."));

    private Explanation CutOff(long position, long end) => Rebuild.Within(rebuild => string.Create(
        CultureInfo.InvariantCulture,
        $"Redis has applied everything before offset {position}, but the topic ends at {end}: it was recreated or cut off. "
        + $"Restore the topic, or {rebuild}."));

    /// <summary>What was found below a position.</summary>
    /// <param name="Last">The last record; null where there is none.</param>
    /// <param name="Next">What comes at the position or after it; null where nothing was read.</param>
    /// <param name="EndsAt">Where the log ends, if below the position.</param>
    /// <param name="IsInterrupted">An event in the inbox prevents reading.</param>
    private readonly record struct BelowPosition(PartitionEvent? Last, PartitionEvent? Next, long? EndsAt, bool IsInterrupted);
}
