using Radar.Market;
using Radar.Market.Store;

namespace Radar.Consumer.Partitions;

/// <content>Finds out where to begin, and seeks there.</content>
internal sealed partial class PartitionProcessor
{
    /// <summary>Batches of this size belong to a backlog: between two requests no live source sends as many to one partition.</summary>
    private const int BacklogBatch = 1_000;

    private object? _opened; // boxed: another thread reads it whole
    private volatile string? _incomplete; // the projection's position has them too, and another thread may not read that

    /// <summary>The integrity marks of the partition, for health; null where it has none.</summary>
    public string? Incomplete => _incomplete;

    private Explanation Rebuild => StateRebuild.Of(projection.KeyPattern);

    /// <summary>False where the processor has opened another topic than <paramref name="identity"/>, as far as both are known.</summary>
    public bool IsOf(TopicIdentity identity) => Volatile.Read(ref _opened) is not TopicIdentity opened || opened.Matches(identity);

    /// <summary>Reads the position from Redis and checks it against the topic.</summary>
    /// <returns>The offset to read next.</returns>
    private async Task<long> OpenAsync()
    {
        PartitionPosition? stored = await projection.OpenAsync();
        TopicIdentity identity = await topic.IdentityAsync().WaitAsync(_stop.Token);
        _seenEpoch = identity.Equals(_opened) ? _seenEpoch : -1;
        _opened = identity;
        _repairedAt = null;
        projection.LimitSymbols(identity.Partitions);

        // A partition that is new to its topic has no state yet, and must not begin one beside states of fewer partitions.
        PartitionPosition? begun = stored ?? await projection.ReadFirstPartitionAsync();
        if (begun?.Identity.DifferenceTo(identity) is { } difference)
        {
            throw new PartitionBlockedException(Rebuild.Within(rebuild =>
                $"{difference}. Offsets of one mean nothing in the other. Point ConnectionStrings:redis or Kafka:Topic at the right one, "
                + $"or give this state a name of its own (Radar:Name, of consumers and APIs), or {rebuild}."));
        }

        bool isOther = begun is { } state && state.KeepsCase != symbols.KeepsCase;
        if (isOther || (stored?.Settings is { } built && built != projection.Settings))
            throw OtherSettings(begun!.Value.Settings);

        var (low, _) = await topic.WatermarksAsync(partition);
        if (stored is not { } position)
        {
            // A Redis that was flushed no longer names the epoch that is served, either.
            await projection.NameEpochAsync();

            // Even an empty partition has a position: readers see that a consumer works on it.
            string? marks = await WithCompactionAsync(low == 0 ? null : IntegrityMarks.Add(null, LateBegin(low, await FirstRecordAsync())));
            return await BeginAsync(new PartitionPosition(low, identity, 0) { Incomplete = marks });
        }

        string? marked = IntegrityMarks.Without(position.Incomplete, position.RecordMs - projection.LongestRetentionMs);
        if (IntegrityMarks.Find(marked, IntegrityMarks.Damage) is { } damage)
        {
            if (damage.To == position.Offset)
            {
                await RestartAsync(position, damage, low); // its begin was interrupted
                return await OpenAsync();
            }

            if (damage.To is null)
            {
                if (damage.Key is { } key)
                    await reader.CheckInAnyEpochAsync(key);
                marked = IntegrityMarks.Without(marked, IntegrityMarks.Damage);
            }

            _repairedAt = damage.To;
        }

        if (position.Offset < low)
        {
            metrics.Missed(partition, low - position.Offset);
            Missed(partition, position.Offset, low);
            marked = IntegrityMarks.Add(marked, Hole(position, low, await FirstRecordAsync()));
        }

        marked = await WithCompactionAsync(marked);
        long next = Math.Max(position.Offset, low);
        if ((next, marked) != (position.Offset, position.Incomplete))
            return await BeginAsync(position with { Offset = next, Incomplete = marked ?? "" });
        _incomplete = marked;
        return next;
    }

    /// <param name="built">The settings of the state; null where an older Radar wrote it, which upper-cased symbols.</param>
    private PartitionBlockedException OtherSettings(string? built) => new(Rebuild.Within(rebuild =>
        $"The state was built with other settings ({built ?? "of an older Radar"}) than this consumer has ({projection.Settings}): "
        + $"Projection, Consumer:FutureToleranceSeconds, Radar:AllowNonPositivePrices and {SymbolRule.Setting} must be the same in all "
        + $"consumers. Bring them back, or give this state a name of its own (Radar:Name, of consumers and APIs), or {rebuild}."));

    /// <summary>Writes where the partition begins, if the offsets that Kafka reported are of the topic that was opened.</summary>
    /// <returns>The offset to read next.</returns>
    private async Task<long> BeginAsync(PartitionPosition begin)
    {
        if (!await IsOpenedTopicAsync())
            throw new PartitionBlockedException("The topic was recreated while its offsets were asked for.");
        if (await projection.WriteAsync(begin) is { Applied: false })
            throw new PartitionBlockedException("Another consumer wrote this partition at the same moment.");
        _incomplete = projection.Position!.Value.Incomplete;
        return begin.Offset;
    }

    /// <summary>Records that were received when fewer requests had begun are proven to be of the opened topic already.</summary>
    private int ProvenBelow() => confirmation.ProvenBelow((TopicIdentity)_opened!);

    /// <summary>
    /// Asks Kafka whether the topic is still the one that was opened, and waits for the answer unless an earlier one proves it.
    /// </summary>
    /// <param name="received">The <see cref="PartitionEvent.RequestsBegun"/> of the newest record.</param>
    /// <param name="records">How many wait for the answer.</param>
    /// <returns>True proves that everything that was received before the call is of that topic.</returns>
    private async Task<bool> IsOpenedTopicAsync(int received = int.MaxValue, int records = 0)
    {
        var opened = (TopicIdentity)_opened!;
        if (!confirmation.IsNeeded(opened))
            return true;
        Task<TopicIdentity> answer = confirmation.AskAsync(isBacklog: records >= BacklogBatch);
        return received < confirmation.ProvenBelow(opened) // the next batch of the backlog will find this answer
            || opened.Matches(await WaitingAsync(
                $"Kafka to confirm that topic {opened.Topic} is still the one that the state was built from",
                answer.WaitAsync(_stop.Token)));
    }

    /// <summary>Has the polling thread seek, and discards the events that were put in before.</summary>
    private async Task SeekAsync(long offset)
    {
        long seek = ++_seeks;
        outbox.PostSeek(offset, seek);
        while (true)
        {
            await Inbox.WaitAsync(_stop.Token);
            if (Inbox.TryTake(out PartitionEvent incoming) && incoming.Kind == PartitionEventKind.SeekCompleted && incoming.Offset == seek)
                return;
        }
    }
}
