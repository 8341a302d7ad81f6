using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// Is notified of what happens to the board, in order and under the board's lock: an observer returns quickly, and asks the board for
/// nothing that takes that lock again.
/// </summary>
internal interface IBoardObserver
{
    /// <summary>A change was applied.</summary>
    void Applied(BoardChange change);

    /// <summary>Changes were missed, and the board has been brought up to date without them.</summary>
    /// <param name="partition">Kafka partition; null where those of every partition were missed.</param>
    /// <param name="version">What the board has now.</param>
    void GapDetected(int? partition, BoardVersion version);
}

/// <summary>
/// Is notified of events that became visible on the board, by the loop of their partition and outside the board's lock: measuring may
/// take its time.
/// </summary>
internal interface IArrivalObserver
{
    /// <summary>A change brought these events.</summary>
    void Visible(IReadOnlyList<RecordTime> times);

    /// <summary>A reload brought the events between these positions; no change named their times.</summary>
    void Reloaded(PartitionPosition? before, PartitionPosition? after);
}

/// <summary>A change as the board applied it.</summary>
/// <param name="Partition">Kafka partition.</param>
/// <param name="Change">The change.</param>
/// <param name="Effects">What it did to the board, in the order of the change's symbols.</param>
/// <param name="Before">The board's version before it.</param>
/// <param name="After">The board's version with it.</param>
internal sealed record BoardChange(int Partition, Change Change, BoardEffect[] Effects, BoardVersion Before, BoardVersion After);

/// <summary>What a change did to a symbol on the board.</summary>
/// <param name="BeforeMs">Event time of the latest trade before, Unix ms; null where there was none.</param>
/// <param name="Served">The symbol is served from the partition of the change.</param>
internal readonly record struct BoardEffect(long? BeforeMs, bool Served);
