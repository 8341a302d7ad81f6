using System.Collections.Immutable;

namespace Radar.Api.Freshness;

/// <summary>One measurement.</summary>
/// <param name="TakenMs">When, Unix ms: everything that the topic had then is in the ends.</param>
/// <param name="Partitions">Every partition of the topic, by number.</param>
internal sealed record LagSample(long TakenMs, ImmutableArray<LagSample.Partition> Partitions)
{
    public static readonly LagSample Empty = new(0, []);

    /// <summary>Records that the state does not have.</summary>
    public long Messages => Partitions.Sum(partition => partition.Messages);

    /// <summary>The worst partition's lag in time.</summary>
    public double Seconds => Partitions.IsEmpty ? 0 : Partitions.Max(partition => partition.Seconds);

    /// <summary>The same in ms; null where a partition's state is of another log.</summary>
    public long? LagMs => Partitions.Any(partition => partition.Foreign) ? null : (long)(Seconds * 1000);

    /// <summary>The partition that is worst: the longest behind, of several the one that lacks most.</summary>
    public Partition Worst => Partitions.IsEmpty ? default : Partitions.MaxBy(partition => (partition.Seconds, partition.Messages));

    /// <summary>Records that an open transaction holds back.</summary>
    public long HeldBack => Partitions.Sum(partition => partition.HeldBack);

    /// <summary>One partition's lag.</summary>
    /// <param name="Number">Partition.</param>
    /// <param name="Position">The next record to apply; where nothing is stored, the first that the log has.</param>
    /// <param name="End">The high watermark: the offset after the last acknowledged record.</param>
    /// <param name="Messages">Records between them.</param>
    /// <param name="Seconds">0 where there are none; otherwise the age of the oldest of them.</param>
    /// <param name="OldestMs">Kafka timestamp of the oldest of them, Unix ms; where that could not be read, a time before it. 0 where there
    /// are none.</param>
    /// <param name="EndBefore">Previous distinct end offset; where there was none, no offset reaches it.</param>
    /// <param name="EndBeforeMs">When the log was last seen to end there, Unix ms.</param>
    /// <param name="Foreign">The state was made from another log than this one: its topic is another, or it is past the end.</param>
    /// <param name="Stored">There is a state.</param>
    /// <param name="HeldBack">Those of the missing records that cannot be read yet, since a transaction is open before them.</param>
    /// <param name="Difference">How the state's topic differs from this one, as the beginning of a sentence; null where it does
    /// not.</param>
    public readonly record struct Partition(
        int Number, long Position, long End, long Messages, double Seconds, long OldestMs, long EndBefore, long EndBeforeMs, bool Foreign,
        bool Stored, long HeldBack = 0, string? Difference = null)
    {
        /// <summary>
        /// The age of the oldest record that a state of this partition lacks, in ms, or more where its timestamp is not at hand; 0 where it
        /// lacks none, null where that is unknown. What was measured is Redis's state: another one, the board's, has its own position.
        /// </summary>
        /// <param name="offset">The state's position; null where it has none.</param>
        /// <param name="recordMs">Kafka timestamp of the last record in it, Unix ms; 0 where that is not at hand.</param>
        /// <param name="nowMs">Unix ms.</param>
        public long? LagMs(long? offset, long recordMs, long nowMs)
        {
            if (Foreign)
                return null;
            long at = offset ?? (Stored ? 0 : Position);
            if (at >= End)
                return 0;
            long oldestMs = at >= Position ? OldestMs : 0;
            if (at != Position)
                oldestMs = Math.Max(oldestMs, Math.Max(Math.Min(recordMs, nowMs), at >= EndBefore ? EndBeforeMs : 0));
            return oldestMs == 0 ? null : Math.Max(0, nowMs - oldestMs);
        }
    }
}
