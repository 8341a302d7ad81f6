using System.Collections.Immutable;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>The board's status at one moment: what it follows, how far, and whether Redis confirms it.</summary>
internal sealed record BoardStatus
{
    /// <summary>The status before the board was compared with Redis for the first time.</summary>
    public static readonly BoardStatus Initial = new();

    /// <summary>What the board was made for; null before a consumer has written anything.</summary>
    public MarketLayout? Layout { get; init; }

    /// <summary>Positions of all partitions.</summary>
    public BoardVersion Version { get; init; } = BoardVersion.Empty;

    /// <summary>By number.</summary>
    public ImmutableArray<PartitionStatus> Partitions { get; init; } = [];

    /// <summary>What was served from Redis.</summary>
    public ServedPositions Served { get; init; } = ServedPositions.None;

    /// <summary>The board was compared with Redis at least once.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Redis does not answer.</summary>
    public bool IsRedisDown { get; init; }

    /// <summary>How often Redis was marked down.</summary>
    public long RedisDownCount { get; init; }

    /// <summary>The board was in sync at some time.</summary>
    public bool WasInSync { get; init; }

    /// <summary>
    /// Every partition of the epoch was loaded. Before that a symbol that is missing here may well be in Redis; later it is new.
    /// </summary>
    public bool IsLoaded => IsOpen && All(static partition => partition.IsLoaded);

    /// <summary>The board follows every partition, or knows that there is none yet.</summary>
    public bool IsInSync => IsOpen && !IsRedisDown && All(static partition => partition.IsFollowed);

    /// <summary>True where that is so of any partition, see <see cref="IsUnconfirmed"/>.</summary>
    public bool IsAnyUnconfirmed => IsRedisDown || !All(static partition => !partition.IsAhead);

    /// <summary>True where the board has less of some partition than was served of it from Redis.</summary>
    public bool IsBehindServed
    {
        get
        {
            for (int partition = 0; partition < Partitions.Length; partition++)
            {
                if (IsBehind(partition))
                    return true;
            }

            return false;
        }
    }

    /// <summary>
    /// That the state spells symbols by another rule, in sentences; null where it has the same, or nothing is known of a state.
    /// </summary>
    public string? OtherSpelling(SymbolRule symbols) => Layout is not { } layout || layout.KeepsCase == symbols.KeepsCase ? null
        : layout.KeepsCase
            ? $"The state keeps the case of symbols, and this API upper-cases them: set {SymbolRule.Setting}=keep, as its consumers have."
            : $"The state's symbols are upper-cased, and this API has {SymbolRule.Setting}=keep: leave that out, or give the state's "
                + "consumers the same and have them rebuild it.";

    /// <summary>What answers from the board are worth.</summary>
    public BoardSync Sync =>
        !IsLoaded ? BoardSync.Loading
        : IsBehindServed ? BoardSync.Gapped
        : IsAnyUnconfirmed ? BoardSync.Unconfirmed
        : IsInSync ? BoardSync.InSync
        : BoardSync.Gapped;

    /// <summary>
    /// What may be served from now on: a read that begins now and finds less is older than what was served. Asked before the read, since
    /// what moves meanwhile is no sign that Redis is behind.
    /// </summary>
    public ServedFloor Floor
    {
        get
        {
            var positions = ImmutableArray.CreateBuilder<long>(Math.Max(Partitions.Length, Served.Positions.Length));
            for (int partition = 0; partition < positions.Capacity; partition++)
                positions.Add(Math.Max(PositionOf(partition) ?? 0, Served.OffsetOf(partition)));
            return new ServedFloor(Layout ?? Served.Layout, positions.MoveToImmutable());
        }
    }

    /// <summary>True where every change of the partition up to now was followed.</summary>
    public bool Follows(int partition) => partition < Partitions.Length && Partitions[partition].IsFollowed;

    /// <summary>True where Redis cannot confirm what the board has: it does not answer, or came back with an older state.</summary>
    public bool IsUnconfirmed(int partition) => IsRedisDown || (partition < Partitions.Length && Partitions[partition].IsAhead);

    /// <summary>The next record to apply; null where nothing is stored.</summary>
    public long? PositionOf(int partition) => partition < Partitions.Length ? Partitions[partition].Position?.Offset : null;

    /// <summary>True where more of the partition was served from Redis than the board has.</summary>
    public bool IsBehind(int partition) => (PositionOf(partition) ?? 0) < Served.OffsetOf(partition);

    /// <summary>The same with another status of one partition.</summary>
    public BoardStatus With(int partition, PartitionStatus status) => this with { Partitions = Partitions.SetItem(partition, status) };

    private bool All(Func<PartitionStatus, bool> holds)
    {
        foreach (PartitionStatus partition in Partitions)
        {
            if (!holds(partition))
                return false;
        }

        return true;
    }
}

/// <summary>How far the board has followed a partition.</summary>
/// <param name="Position">Null where the board has nothing of it.</param>
/// <param name="IsFollowed">Every change up to now was followed.</param>
/// <param name="IsAhead">Redis came back with an older state than the board has.</param>
/// <param name="IsLoaded">The partition was loaded.</param>
internal sealed record PartitionStatus(PartitionPosition? Position, bool IsFollowed, bool IsAhead, bool IsLoaded)
{
    public static readonly PartitionStatus Initial = new(null, false, false, false);
}

/// <summary>What answers from the board are worth.</summary>
internal enum BoardSync
{
    /// <summary>Not every partition was loaded yet: what is missing may well be in Redis.</summary>
    Loading,

    /// <summary>
    /// Every partition was loaded, but one may have moved on without the board: Redis has more, or had when it was served.
    /// </summary>
    Gapped,

    /// <summary>Every partition was loaded, and Redis cannot confirm them: it is away, or has less.</summary>
    Unconfirmed,

    /// <summary>The board has what Redis has.</summary>
    InSync,
}
