using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// The latest of every symbol, in memory. Each partition is a chain: a change is taken only where it follows the position that the
/// partition has; where one is missing, the partition is loaded from Redis. Nothing here ever goes back: a state in Redis that is older
/// than the board is not loaded, unless it is of another epoch or topic.
/// </summary>
internal sealed class LiveBoard(TimeProvider time)
{
    private static readonly TimeSpan ReachPause = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new(); // held for a few references, never for parsing
    private readonly Dictionary<string, BoardTicker> _tickers = new(StringComparer.Ordinal);
    private MarketLayout? _layout;
    private Partition[] _partitions = [];
    private BoardVersion _version = BoardVersion.Empty;
    private ImmutableArray<string> _symbols = [];
    private bool _opened;
    private bool _away;
    private bool _wasWhole;

    /// <summary>
    /// Whoever changes the board holds it, and who joins a stream of its changes holds it too, so that nothing is missed between the
    /// first look and the first change.
    /// </summary>
    public Lock Order { get; } = new();

    /// <summary>The board follows every partition, or knows that there is none yet.</summary>
    public bool IsWhole
    {
        get
        {
            lock (_gate)
                return _opened && !_away && _partitions.All(partition => partition.Whole);
        }
    }

    /// <summary>The board was whole at some time.</summary>
    public bool WasWhole
    {
        get
        {
            lock (_gate)
                return _wasWhole;
        }
    }

    /// <summary>
    /// Every partition of the epoch was loaded. Before that a symbol that is missing here may well be in Redis; later it is new.
    /// </summary>
    public bool IsFilled
    {
        get
        {
            lock (_gate)
                return _opened && _partitions.All(partition => partition.Filled);
        }
    }

    /// <summary>The board was compared with Redis at least once.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
                return _opened;
        }
    }

    /// <summary>Positions of all partitions.</summary>
    public BoardVersion Version
    {
        get
        {
            lock (_gate)
                return _version;
        }
    }

    /// <summary>What the board was made for; null before a consumer has written anything.</summary>
    public MarketLayout? Layout
    {
        get
        {
            lock (_gate)
                return _layout;
        }
    }

    /// <summary>True where Redis cannot confirm what the board has: it does not answer, or came back with an older state.</summary>
    public bool Doubts(int partition)
    {
        lock (_gate)
            return _away || (partition < _partitions.Length && _partitions[partition].Ahead);
    }

    /// <summary>True where that is so of any partition.</summary>
    public bool DoubtsAny
    {
        get
        {
            lock (_gate)
                return _away || _partitions.Any(partition => partition.Ahead);
        }
    }

    /// <summary>True where every change of the partition up to now was followed.</summary>
    public bool Follows(int partition)
    {
        lock (_gate)
            return partition < _partitions.Length && _partitions[partition].Whole;
    }

    /// <summary>True where Redis does not answer.</summary>
    public bool IsRedisAway => Volatile.Read(ref _away);

    /// <summary>Looks a symbol up.</summary>
    public BoardFind Find(string symbol)
    {
        lock (_gate)
        {
            if (!_tickers.TryGetValue(symbol, out BoardTicker? ticker))
                return new BoardFind(null, _layout is not null && !_away && _partitions.All(partition => partition.Whole));
            ref readonly Partition partition = ref _partitions[ticker.Partition];
            return new BoardFind(
                new SymbolLocation(new RedisKeys(_version.Epoch, ticker.Partition), partition.Position!.Value, ticker.Latest),
                partition.Whole && !_away);
        }
    }

    /// <summary>Every symbol, or those of <paramref name="symbols"/> that are known, as they are at one moment.</summary>
    public BoardView Read(IReadOnlyCollection<string>? symbols)
    {
        lock (_gate)
        {
            bool whole = _opened && !_away && _partitions.All(partition => partition.Whole);
            if (_symbols.Length != _tickers.Count)
                _symbols = [.. _tickers.Keys.Order(StringComparer.Ordinal)];
            var asked = symbols is null ? _symbols : [.. symbols.Where(_tickers.ContainsKey).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            var tickers = new BoardTicker[asked.Length];
            for (int i = 0; i < tickers.Length; i++)
                tickers[i] = _tickers[asked[i]];
            return new BoardView(_version, ImmutableCollectionsMarshal.AsImmutableArray(tickers), whole);
        }
    }

    /// <summary>Waits until the board has come to <paramref name="offset"/>, for a short while.</summary>
    /// <returns>False where it did not.</returns>
    public async Task<bool> ReachAsync(int partition, long offset, TimeSpan patience, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        while (!(PositionOf(partition) >= offset))
        {
            if (time.GetElapsedTime(began) >= patience)
                return false;
            await Task.Delay(ReachPause, time, cancellationToken);
        }

        return true;
    }

    /// <summary>The position of a partition; null where it has none.</summary>
    public long? PositionOf(int partition)
    {
        lock (_gate)
            return partition < _partitions.Length ? _partitions[partition].Position?.Offset : null;
    }

    /// <summary>Begins a board for another epoch or topic: what was known is forgotten. Null is a Redis in which nothing is stored.</summary>
    public void Open(MarketLayout? layout)
    {
        lock (_gate)
        {
            _tickers.Clear();
            _symbols = [];
            _layout = layout;
            _partitions = new Partition[layout?.PartitionCount ?? 0];
            _version = layout is { } known ? BoardVersion.Of(known) : BoardVersion.Empty;
            (_opened, _away) = (true, false);
            NoteWhole();
        }
    }

    /// <summary>Redis answers, or does not.</summary>
    public void Reach(bool away)
    {
        lock (_gate)
        {
            _away = away;
            NoteWhole();
        }
    }

    /// <summary>A partition may have moved on without the board.</summary>
    public void Break(int partition)
    {
        lock (_gate)
            _partitions[partition].Whole = false;
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
                return change.Expected == change.Reached.Offset && change.Expected == known.Offset ? ChangeOutcome.Applied : ChangeOutcome.Old;
            if (!chain.Whole || change.Expected != chain.Position?.Offset || (chain.Position is { } at && at.Identity != change.Reached.Identity))
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

        lock (_gate)
        {
            Put(tickers);
            Move(partition, change.Reached);
        }

        return ChangeOutcome.Applied;
    }

    /// <summary>Takes the state of a whole partition as Redis has it.</summary>
    /// <param name="partition">Whose.</param>
    /// <param name="state">Null where nothing is stored.</param>
    /// <param name="evenIfOlder">True takes a state that is older than the board: the log itself is another one.</param>
    /// <returns>
    /// False where the board is ahead of it: Redis has lost something, and will catch up; or where it is of another topic, for which
    /// the board has to be opened.
    /// </returns>
    public bool Load(int partition, PartitionState? state, bool evenIfOlder)
    {
        var had = Position(partition);
        bool older = had is { } position && !(state?.Position.Offset >= position.Offset);
        if ((older && !evenIfOlder) || (state is not null && had is not null && had.Value.Identity != state.Position.Identity))
        {
            lock (_gate)
                (_partitions[partition].Whole, _partitions[partition].Ahead) = (false, true);
            return false;
        }

        var tickers = new List<BoardTicker>(state?.Latest.Length ?? 0);
        var days = (state?.Days ?? []).ToDictionary(entry => (string)entry.Name!, entry => (ReadOnlyMemory<byte>)entry.Value);
        foreach (var entry in state?.Latest ?? [])
        {
            string symbol = entry.Name.ToString();
            if (IsServedFrom(partition, Known(symbol), entry.Value))
                tickers.Add(BoardTicker.Of(symbol, partition, ((ReadOnlyMemory<byte>)entry.Value).Span, days.GetValueOrDefault(symbol).Span));
        }

        lock (_gate)
        {
            Forget(partition); // a symbol that is not in the state was of another log
            Put(tickers);
            Move(partition, state?.Position);
            (_partitions[partition].Whole, _partitions[partition].Ahead, _partitions[partition].Filled) = (true, false, true);
            NoteWhole();
        }

        return true;
    }

    private void Forget(int partition)
    {
        foreach (string symbol in _tickers.Values.Where(ticker => ticker.Partition == partition).Select(ticker => ticker.Symbol).ToList())
            _tickers.Remove(symbol);
        _symbols = [];
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

    private PartitionPosition? Position(int partition)
    {
        lock (_gate)
            return _partitions[partition].Position;
    }

    private BoardTicker? Known(string symbol)
    {
        lock (_gate)
            return _tickers.GetValueOrDefault(symbol);
    }

    private void Put(List<BoardTicker> tickers)
    {
        foreach (BoardTicker ticker in tickers)
            _tickers[ticker.Symbol] = ticker;
    }

    private void Move(int partition, PartitionPosition? position)
    {
        _partitions[partition].Position = position;
        _version = _version.With(partition, position?.Offset);
    }

    private void NoteWhole() => _wasWhole |= _opened && !_away && _partitions.All(partition => partition.Whole);

    /// <summary>How far the board has followed a partition.</summary>
    private struct Partition
    {
        public PartitionPosition? Position;

        /// <summary>Every change up to now was followed.</summary>
        public bool Whole;

        /// <summary>Redis came back with an older state than the board has.</summary>
        public bool Ahead;

        /// <summary>The partition was loaded.</summary>
        public bool Filled;
    }
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
