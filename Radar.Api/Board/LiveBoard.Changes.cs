using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// What feeds the board. Whoever opens it, applies a change to it or loads a partition holds <see cref="Order"/>; who only doubts it, or
/// finds Redis again, need not: what is in doubt is loaded anew.
/// </summary>
internal sealed partial class LiveBoard
{
    /// <summary>Begins a board for another epoch or topic: what was known is forgotten. Null is a Redis in which nothing is stored.</summary>
    public void Open(MarketLayout? layout)
    {
        lock (_gate)
        {
            _entries.Clear();
            _bySymbol = [];
            _layout = layout;
            _partitions = new Partition[layout?.PartitionCount ?? 0];
            _version = layout is { } known ? BoardVersion.Of(known) : BoardVersion.Empty;
            if (layout is { } begun && begun != _servedOf)
                BeginServed(begun);
            _opened = true;
            NoteInSync();
        }
    }

    /// <summary>Redis does not answer, or was lost for a moment.</summary>
    public void MarkRedisDown()
    {
        lock (_gate)
        {
            _away = true;
            _redisDownCount++;
        }
    }

    /// <summary>
    /// Redis answers again. What happened to the partitions meanwhile is unknown, so none counts as followed until it is loaded.
    /// </summary>
    /// <param name="downCount"><see cref="RedisDownCount"/> before Redis was asked: where it was missed again since, it stays away.</param>
    /// <returns>False where it stays away.</returns>
    public bool TryMarkRedisUp(long downCount)
    {
        lock (_gate)
        {
            if (downCount != _redisDownCount)
                return false;
            foreach (ref Partition partition in _partitions.AsSpan())
                partition.InSync = false;
            _away = false;
            NoteInSync();
            return true;
        }
    }

    /// <summary>A partition may have moved on without the board.</summary>
    public void MarkGapped(int partition)
    {
        lock (_gate)
            _partitions[partition].InSync = false;
    }

    /// <summary>Takes a change, if it is the next one.</summary>
    /// <param name="partition">Whose.</param>
    /// <param name="change">The change.</param>
    /// <param name="effects">What it did to the board, in the order of the change's symbols; empty unless it is applied.</param>
    public ChangeOutcome Apply(int partition, Change change, out BoardEffect[] effects)
    {
        effects = [];
        lock (_gate)
        {
            ref readonly Partition chain = ref _partitions[partition];
            if (chain.Position is { } known && known.Identity == change.Reached.Identity && change.Reached.Offset <= known.Offset)
            {
                if (change.Expected != change.Reached.Offset || change.Expected != known.Offset)
                    return ChangeOutcome.Old;
                Move(partition, known with { Incomplete = change.Reached.Incomplete }); // the marks alone may have changed
                return ChangeOutcome.Applied;
            }

            if (!chain.InSync || change.Expected != chain.Position?.Offset || (chain.Position is { } at && at.Identity != change.Reached.Identity))
                return ChangeOutcome.Gap;
        }

        // Only the holder of Order writes, so nothing moves between the two locks.
        var tickers = new List<BoardTicker>(change.Symbols.Count);
        effects = new BoardEffect[change.Symbols.Count];
        for (int i = 0; i < effects.Length; i++)
        {
            ChangedSymbol symbol = change.Symbols[i];
            long? beforeMs = Known(symbol.Symbol)?.TimestampMs;
            bool served = Update(partition, symbol.Symbol, symbol.Latest, symbol.Day, tickers);
            effects[i] = new BoardEffect(beforeMs, served);
        }

        var next = Arrange(tickers, anew: null);
        lock (_gate)
        {
            Put(next, tickers);
            Move(partition, change.Reached);
        }

        return ChangeOutcome.Applied;
    }

    /// <summary>Takes the state of a whole partition as Redis has it.</summary>
    /// <param name="partition">Whose.</param>
    /// <param name="state">Every symbol; without a position where nothing is stored.</param>
    /// <param name="evenIfOlder">True takes a state that is older than the board: the log itself is another one.</param>
    /// <returns>
    /// False where the board is ahead of it: Redis has lost something, and will catch up; or where it is of another topic, for which
    /// the board has to be opened.
    /// </returns>
    public bool Load(int partition, PartitionRead<SymbolRecord> state, bool evenIfOlder)
    {
        var had = Position(partition);
        bool older = had is { } position && !(state.Position?.Offset >= position.Offset);
        if ((older && !evenIfOlder) || (state.Position is { } stored && had is { } known && known.Identity != stored.Identity))
        {
            lock (_gate)
                (_partitions[partition].InSync, _partitions[partition].Ahead) = (false, true);
            return false;
        }

        var tickers = new List<BoardTicker>(state.Symbols.Length);
        foreach (var (symbol, latest, day) in state.Symbols)
        {
            if (IsServedFrom(partition, Known(symbol), latest))
                tickers.Add(BoardTicker.Of(symbol, partition, latest.Span, day.Span));
        }

        var next = Arrange(tickers, anew: partition); // a symbol that is not in the state was of another log
        lock (_gate)
        {
            Put(next, tickers);
            Move(partition, state.Position);
            if (older)
                _served[partition] = default; // another log: the board begins anew, and what was served from Redis was of the old one
            (_partitions[partition].InSync, _partitions[partition].Ahead, _partitions[partition].Filled) = (true, false, true);
            NoteInSync();
        }

        return true;
    }

    /// <summary>
    /// Takes the integrity marks that Redis has of a partition: no change brings those of a state that is damaged, or that is behind the
    /// board while it is built anew.
    /// </summary>
    /// <param name="partition">Whose.</param>
    /// <param name="stored">What Redis has.</param>
    public void TakeMarks(int partition, PartitionPosition stored)
    {
        lock (_gate)
        {
            if (partition >= _partitions.Length || _partitions[partition] is not { Position: { } position } mine
                || position.Incomplete == stored.Incomplete || position.Identity != stored.Identity
                || (mine.InSync && position.Offset != stored.Offset))
            {
                return;
            }

            _partitions[partition].Position = position with { Incomplete = stored.Incomplete };
            _version = _version.WithMarks(partition, stored.Incomplete);
        }
    }

    /// <summary>Adds what becomes of a symbol, where that is anything.</summary>
    /// <returns>False where the symbol is served from another partition: two producers placed it differently, and that trade is newer.</returns>
    private bool Update(
        int partition, string symbol, ReadOnlyMemory<byte> latest, ReadOnlyMemory<byte> day, List<BoardTicker> updated)
    {
        BoardTicker? known = Known(symbol);
        if (!IsServedFrom(partition, known, latest))
            return false;
        if (latest.IsEmpty)
            latest = known?.Latest ?? default;
        if (day.IsEmpty)
            day = known?.Day ?? default;
        if (!latest.IsEmpty)
            updated.Add(BoardTicker.Of(symbol, partition, latest.Span, day.Span));
        return !latest.IsEmpty;
    }

    /// <summary>Of two partitions with the same symbol the one with the newer trade; of equally new ones the first, as reads have it.</summary>
    private static bool IsServedFrom(int partition, BoardTicker? known, ReadOnlyMemory<byte> latest)
    {
        if (known is null || known.Partition == partition)
            return true;
        if (latest.IsEmpty)
            return false;
        long timestampMs = StoredRecord.Order(latest.Span).TimestampMs;
        return timestampMs > known.TimestampMs || (timestampMs == known.TimestampMs && partition < known.Partition);
    }

    /// <summary>How far the board has a partition; null where it has nothing of it.</summary>
    public PartitionPosition? Position(int partition)
    {
        lock (_gate)
            return _partitions[partition].Position;
    }

    private BoardTicker? Known(string symbol)
    {
        lock (_gate)
            return _entries.GetValueOrDefault(symbol)?.Ticker;
    }

    /// <summary>
    /// The places as they will be. Sorting takes its time, so it comes before the gate: nobody else changes them meanwhile.
    /// </summary>
    /// <param name="tickers">What becomes of which symbols.</param>
    /// <param name="anew">Partition whose places are forgotten; null is none.</param>
    private Arrangement Arrange(List<BoardTicker> tickers, int? anew)
    {
        Entry[] gone = anew is null ? [] : Array.FindAll(_bySymbol, entry => entry.Ticker.Partition == anew);
        Entry[] kept = gone.Length == 0 ? _bySymbol : Array.FindAll(_bySymbol, entry => entry.Ticker.Partition != anew);
        var added = new List<Entry>();
        foreach (BoardTicker ticker in tickers)
        {
            if (!_entries.TryGetValue(ticker.Symbol, out Entry? entry) || entry.Ticker.Partition == anew)
                added.Add(new Entry(ticker));
        }

        if (added.Count == 0)
            return new Arrangement(kept, added, gone);
        added.Sort(static (left, right) => string.CompareOrdinal(left.Ticker.Symbol, right.Ticker.Symbol));
        var merged = new Entry[kept.Length + added.Count];
        for (int i = 0, old = 0, young = 0; i < merged.Length; i++)
        {
            bool isOld = young == added.Count
                || (old < kept.Length && string.CompareOrdinal(kept[old].Ticker.Symbol, added[young].Ticker.Symbol) < 0);
            merged[i] = isOld ? kept[old++] : added[young++];
        }

        return new Arrangement(merged, added, gone);
    }

    private void Put(in Arrangement next, List<BoardTicker> tickers)
    {
        foreach (Entry entry in next.Gone)
            _entries.Remove(entry.Ticker.Symbol);
        foreach (Entry entry in next.Added)
            _entries.Add(entry.Ticker.Symbol, entry);
        foreach (BoardTicker ticker in tickers)
            _entries[ticker.Symbol].Ticker = ticker;
        _bySymbol = next.BySymbol;
    }

    private void Move(int partition, PartitionPosition? position)
    {
        // No record is newer than the moment at which it came here, whatever its clock says; what is loaded again came before.
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        long cameMs = _partitions[partition].Position is { } had && had.Offset == position?.Offset ? Math.Min(had.RecordMs, nowMs) : nowMs;
        if (position is { } reached)
            position = reached with { RecordMs = Math.Min(reached.RecordMs, cameMs) };
        _partitions[partition].Position = position;
        _version = _version.WithRead(partition, position);
    }

    private void NoteInSync() => _wasInSync |= IsInSyncNow;

    /// <summary>Places in ordinal order of their symbols, and which of them are new, and which are no more.</summary>
    private readonly record struct Arrangement(Entry[] BySymbol, List<Entry> Added, Entry[] Gone);
}

/// <summary>What a change did to a symbol on the board.</summary>
/// <param name="BeforeMs">Event time of the latest trade before, Unix ms; null where there was none.</param>
/// <param name="Served">The symbol is served from the partition of the change.</param>
internal readonly record struct BoardEffect(long? BeforeMs, bool Served);

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
