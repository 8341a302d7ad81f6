using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// What feeds the board. It is opened, changed and loaded in one order, in which its observers are notified; a caller that only marks it as
/// unconfirmed, or Redis as up again, need not wait for that: what is unconfirmed is loaded again.
/// </summary>
internal sealed partial class LiveBoard
{
    /// <summary>
    /// Begins a board for another epoch or topic: what was known is forgotten. Null is a Redis in which nothing is stored.
    /// </summary>
    public void Open(MarketLayout? layout)
    {
        lock (_order)
        {
            lock (_gate)
            {
                _symbols.Clear();
                Set(_status with
                {
                    IsOpen = true,
                    Layout = layout,
                    Partitions = [.. Enumerable.Repeat(PartitionStatus.Initial, layout?.PartitionCount ?? 0)],
                    Version = layout is { } known ? BoardVersion.Of(known) : BoardVersion.Empty,
                    Served = layout is { } begun && begun != _status.Served.Layout ? ServedPositions.Begin(begun) : _status.Served,
                });
            }

            NotifyGap(null);
        }
    }

    /// <summary>Redis does not answer, or was lost for a moment.</summary>
    public void MarkRedisDown()
    {
        lock (_gate)
            Set(_status with { IsRedisDown = true, RedisDownCount = _status.RedisDownCount + 1 });
    }

    /// <summary>
    /// Redis answers again. What happened to the partitions meanwhile is unknown, so none counts as followed until it is loaded.
    /// </summary>
    /// <param name="downCount"><see cref="BoardStatus.RedisDownCount"/> before Redis was asked: where it was marked down since, it stays
    /// down.</param>
    /// <returns>False where it stays down.</returns>
    public bool TryMarkRedisUp(long downCount)
    {
        lock (_gate)
        {
            if (downCount != _status.RedisDownCount)
                return false;
            Set(_status with
            {
                IsRedisDown = false, Partitions = [.. _status.Partitions.Select(static partition => partition with { IsFollowed = false })],
            });
            return true;
        }
    }

    /// <summary>A partition may have moved on without the board; it is loaded next.</summary>
    public void MarkGapped(int partition)
    {
        lock (_gate)
            Set(_status.With(partition, _status.Partitions[partition] with { IsFollowed = false }));
    }

    /// <summary>A partition may have moved on without the board, and observers may have been notified of a part of it.</summary>
    public void Invalidate(int partition)
    {
        lock (_order)
        {
            MarkGapped(partition);
            NotifyGap(partition);
        }
    }

    /// <summary>Takes a change, if it is the next one.</summary>
    public ChangeOutcome Apply(int partition, Change change)
    {
        lock (_order)
        {
            BoardVersion before = _status.Version;
            var outcome = Take(partition, change, out var effects);
            if (outcome == ChangeOutcome.Applied)
            {
                var applied = new BoardChange(partition, change, effects, before, _status.Version);
                foreach (IBoardObserver observer in _observers)
                    observer.Applied(applied);
            }

            return outcome;
        }
    }

    /// <summary>Takes the state of a whole partition as Redis has it.</summary>
    /// <param name="partition">Kafka partition.</param>
    /// <param name="state">Every symbol; without a position where nothing is stored.</param>
    /// <param name="evenIfOlder">True takes a state that is older than the board: the log itself is another one.</param>
    /// <returns>
    /// False where the board is ahead of it: Redis has lost something, and will catch up; or where it is of another topic, for which
    /// the board has to be opened.
    /// </returns>
    public bool Load(int partition, PartitionRead<SymbolRecord> state, bool evenIfOlder)
    {
        lock (_order)
        {
            var had = Position(partition);
            bool older = had is { } position && !(state.Position?.Offset >= position.Offset);
            if ((older && !evenIfOlder) || (state.Position is { } stored && had is { } known && known.Identity != stored.Identity))
            {
                lock (_gate)
                    Set(_status.With(partition, _status.Partitions[partition] with { IsFollowed = false, IsAhead = true }));
                return false;
            }

            var tickers = new List<BoardTicker>(state.Symbols.Length);
            foreach (var (symbol, latest, day) in state.Symbols)
            {
                if (IsServedFrom(partition, Known(symbol), latest))
                    tickers.Add(BoardTicker.Of(symbol, partition, latest.Span, day.Span));
            }

            var next = _symbols.Arrange(tickers, replaced: partition); // a symbol that is not in the state was of another log
            lock (_gate)
            {
                _symbols.Put(next);
                var status = Moved(_status, partition, state.Position);
                status = status.With(partition, status.Partitions[partition] with { IsFollowed = true, IsAhead = false, IsLoaded = true });

                // Another log: the board starts over, and what was served from Redis was of the old one.
                Set(older ? status with { Served = status.Served.Without(partition) } : status);
            }

            // A board that went back is another one, to everybody.
            if (state.Position?.Offset != had?.Offset)
                NotifyGap(older ? null : partition);
            return true;
        }
    }

    /// <summary>
    /// Takes the integrity marks that Redis has of a partition: no change brings those of a state that is damaged, or that is behind the
    /// board while it is rebuilt.
    /// </summary>
    /// <param name="partition">Kafka partition.</param>
    /// <param name="stored">What Redis has.</param>
    public void TakeMarks(int partition, PartitionPosition stored)
    {
        lock (_gate)
        {
            var status = _status;
            if (partition >= status.Partitions.Length || status.Partitions[partition] is not { Position: { } position } mine
                || position.Incomplete == stored.Incomplete || position.Identity != stored.Identity
                || (mine.IsFollowed && position.Offset != stored.Offset))
            {
                return;
            }

            Set(status.With(partition, mine with { Position = position with { Incomplete = stored.Incomplete } }) with
            {
                Version = status.Version.WithMarks(partition, stored.Incomplete),
            });
        }
    }

    /// <summary>How far the board has a partition; null where it has nothing of it.</summary>
    public PartitionPosition? Position(int partition) => _status.Partitions[partition].Position;

    private ChangeOutcome Take(int partition, Change change, out BoardEffect[] effects)
    {
        effects = [];
        lock (_gate)
        {
            PartitionStatus chain = _status.Partitions[partition];
            if (chain.Position is { } known && known.Identity == change.Reached.Identity && change.Reached.Offset <= known.Offset)
            {
                if (change.Expected != change.Reached.Offset || change.Expected != known.Offset)
                    return ChangeOutcome.Old;
                Set(Moved(_status, partition, known with { Incomplete = change.Reached.Incomplete })); // the marks alone may have changed
                return ChangeOutcome.Applied;
            }

            if (!chain.IsFollowed || change.Expected != chain.Position?.Offset
                || (chain.Position is { } at && at.Identity != change.Reached.Identity))
                return ChangeOutcome.Gap;
        }

        // Only the holder of _order changes positions and symbols, so nothing moves between the two locks.
        var tickers = new List<BoardTicker>(change.Symbols.Count);
        effects = new BoardEffect[change.Symbols.Count];
        for (int i = 0; i < effects.Length; i++)
        {
            ChangedSymbol symbol = change.Symbols[i];
            long? beforeMs = Known(symbol.Symbol)?.TimestampMs;
            effects[i] = new BoardEffect(beforeMs, Update(partition, symbol, tickers));
        }

        var next = _symbols.Arrange(tickers, replaced: null);
        lock (_gate)
        {
            _symbols.Put(next);
            Set(Moved(_status, partition, change.Reached));
        }

        return ChangeOutcome.Applied;
    }

    /// <summary>Adds what becomes of a symbol, where that is anything.</summary>
    /// <returns>False where the symbol is served from another partition: two producers placed it differently, and that trade is
    /// newer.</returns>
    private bool Update(int partition, in ChangedSymbol symbol, List<BoardTicker> updated)
    {
        BoardTicker? known = Known(symbol.Symbol);
        if (!IsServedFrom(partition, known, symbol.Latest))
            return false;
        var latest = symbol.Latest.IsEmpty ? known?.Latest ?? default : symbol.Latest;
        var day = symbol.Day.IsEmpty ? known?.Day ?? default : symbol.Day;
        if (!latest.IsEmpty)
            updated.Add(BoardTicker.Of(symbol.Symbol, partition, latest.Span, day.Span));
        return !latest.IsEmpty;
    }

    /// <summary>
    /// Of two partitions with the same symbol the one with the newer trade; of equally new ones the first, as reads have it.
    /// </summary>
    private static bool IsServedFrom(int partition, BoardTicker? known, ReadOnlyMemory<byte> latest)
    {
        if (known is null || known.Partition == partition)
            return true;
        if (latest.IsEmpty)
            return false;
        long timestampMs = StoredRecord.Order(latest.Span).TimestampMs;
        return timestampMs > known.TimestampMs || (timestampMs == known.TimestampMs && partition < known.Partition);
    }

    private BoardStatus Moved(BoardStatus status, int partition, PartitionPosition? position)
    {
        // No record is newer than the moment at which it came here, whatever its clock says; what is loaded again came before.
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        PartitionStatus before = status.Partitions[partition];
        long cameMs = before.Position is { } had && had.Offset == position?.Offset ? Math.Min(had.RecordMs, nowMs) : nowMs;
        if (position is { } reached)
            position = reached with { RecordMs = Math.Min(reached.RecordMs, cameMs) };
        return status.With(partition, before with { Position = position }) with { Version = status.Version.WithRead(partition, position) };
    }

    private void NotifyGap(int? partition)
    {
        foreach (IBoardObserver observer in _observers)
            observer.GapDetected(partition, _status.Version);
    }
}

/// <summary>What became of a change.</summary>
internal enum ChangeOutcome
{
    /// <summary>It was the next one.</summary>
    Applied,

    /// <summary>The board has it already.</summary>
    Old,

    /// <summary>Changes before it are missing.</summary>
    Gap,
}
