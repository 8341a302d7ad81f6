using System.Collections.Immutable;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// The newest positions that were served from Redis. What the board has served it still has, so only answers from Redis are noted here.
/// Positions count within one epoch of one topic; another one starts over, and so does a partition whose log turns out to be another.
/// </summary>
/// <param name="Layout">Epoch and topic that the positions count in; null before anything was served.</param>
/// <param name="Positions">By partition; offset 0 where nothing was served of it. <c>AtMs</c> is when it was served, Unix ms.</param>
internal sealed record ServedPositions(MarketLayout? Layout, ImmutableArray<(long Offset, long AtMs)> Positions)
{
    public static readonly ServedPositions None = new(null, []);

    /// <summary>Nothing was served of this layout yet.</summary>
    public static ServedPositions Begin(MarketLayout layout) => new(layout, [.. new (long, long)[layout.PartitionCount]]);

    public long OffsetOf(int partition) => partition < Positions.Length ? Positions[partition].Offset : 0;

    /// <summary>The same after a partition was served at <paramref name="offset"/>.</summary>
    public ServedPositions With(int partition, long offset, long atMs) =>
        OffsetOf(partition) < offset
            && partition < Positions.Length ? this with { Positions = Positions.SetItem(partition, (offset, atMs)) } : this;

    /// <summary>The same without what was served of a partition.</summary>
    public ServedPositions Without(int partition) =>
        OffsetOf(partition) > 0 ? this with { Positions = Positions.SetItem(partition, default) } : this;
}

/// <summary>The least that may be served of each partition.</summary>
/// <param name="Of">Epoch and topic that the positions count in; null where nothing was served yet.</param>
/// <param name="Positions">By partition; 0 where nothing was served of it.</param>
internal readonly record struct ServedFloor(MarketLayout? Of, ImmutableArray<long> Positions)
{
    /// <summary>True where an answer made from <paramref name="location"/> would go back.</summary>
    public bool IsAbove(SymbolLocation location) =>
        Of == MarketLayout.Of(location)
            && location.Position.Offset < Positions[location.Keys.Partition];

    /// <summary>True where an answer made from these positions would go back.</summary>
    /// <param name="layout">Epoch and topic of the positions; null where nothing is stored.</param>
    /// <param name="positions">By partition.</param>
    public bool IsAbove(MarketLayout? layout, ImmutableArray<long?> positions)
    {
        if (Of is null || layout is null || layout != Of)
            return Of is not null && layout is null;
        for (int partition = 0; partition < Positions.Length; partition++)
        {
            if ((positions[partition] ?? 0) < Positions[partition])
                return true;
        }

        return false;
    }
}
