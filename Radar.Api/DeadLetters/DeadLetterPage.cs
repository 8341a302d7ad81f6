using System.Collections.Immutable;

namespace Radar.Api.DeadLetters;

/// <summary>Some of the dead letters, the newest first.</summary>
/// <param name="Items">In falling order of their timestamps; those of one partition in falling order of their offsets.</param>
/// <param name="Next">Per partition, before which offset the next page begins; null at the end.</param>
internal sealed record DeadLetterPage(ImmutableArray<StoredDeadLetter> Items, ImmutableArray<long>? Next)
{
    /// <summary>Takes the newest of several partitions.</summary>
    /// <param name="partitions">Each partition's newest, in rising order of offsets, at least one more than <paramref name="limit"/> where
    /// there are so many.</param>
    /// <param name="before">Per partition, before which offset they are.</param>
    /// <param name="limit">Most items.</param>
    public static DeadLetterPage Of(IReadOnlyList<List<StoredDeadLetter>> partitions, IReadOnlyList<long> before, int limit)
    {
        var left = partitions.Select(static partition => partition.Count).ToArray();
        long[] next = [.. before];
        var items = ImmutableArray.CreateBuilder<StoredDeadLetter>();
        while (items.Count < limit && Newest() is { } newest)
        {
            items.Add(newest);
            next[newest.Partition] = newest.Offset;
            left[newest.Partition]--;
        }

        return new(items.ToImmutable(), Newest() is null ? null : [.. next]);

        StoredDeadLetter? Newest() => partitions.Where((_, number) => left[number] > 0)
            .Select(partition => partition[left[partition[0].Partition] - 1])
            .MaxBy(static deadLetter => (deadLetter.TimestampMs, deadLetter.Partition));
    }
}
