using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// The latest of every symbol, in memory. Each partition is a chain: a change is taken only where it follows the position that the
/// partition has; where one is missing, the partition is loaded from Redis. Nothing here ever goes back: a state in Redis that is older
/// than the board is not loaded, unless it is of another epoch or topic.
/// </summary>
internal sealed partial class LiveBoard(TimeProvider time)
{
    private static readonly TimeSpan ReachPause = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new(); // held for a few references, never for parsing
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private MarketLayout? _layout;
    private Partition[] _partitions = [];
    private BoardVersion _version = BoardVersion.Empty;
    private Place[] _bySymbol = []; // the same in ordinal order of their symbols
    private bool _opened;
    private bool _away;
    private long _misses;
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
                return IsWholeNow;
        }
    }

    /// <summary><see cref="IsWhole"/>, for who holds the gate.</summary>
    private bool IsWholeNow => _opened && !_away && _partitions.All(partition => partition.Whole);

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
                return IsFilledNow;
        }
    }

    private bool IsFilledNow => _opened && _partitions.All(partition => partition.Filled);

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
                return DoubtsAnyNow;
        }
    }

    private bool DoubtsAnyNow => _away || _partitions.Any(partition => partition.Ahead);

    /// <summary>True where every change of the partition up to now was followed.</summary>
    public bool Follows(int partition)
    {
        lock (_gate)
            return partition < _partitions.Length && _partitions[partition].Whole;
    }

    /// <summary>True where Redis does not answer.</summary>
    public bool IsRedisAway => Volatile.Read(ref _away);

    /// <summary>How often Redis was missed.</summary>
    public long Misses
    {
        get
        {
            lock (_gate)
                return _misses;
        }
    }

    /// <summary>Looks a symbol up.</summary>
    public BoardFind Find(string symbol)
    {
        lock (_gate)
        {
            if (!_places.TryGetValue(symbol, out Place? place))
                return new BoardFind(null, _layout is not null && IsWholeNow && !IsBehindServedNow);
            BoardTicker ticker = place.Ticker;
            ref readonly Partition partition = ref _partitions[ticker.Partition];
            return new BoardFind(
                new SymbolLocation(_layout!.Value.KeysOf(ticker.Partition), partition.Position!.Value, ticker.Latest),
                partition.Whole && !_away && !IsBehind(ticker.Partition));
        }
    }

    /// <summary>Where a symbol is served from; null where the board does not have it.</summary>
    public int? PartitionOf(string symbol)
    {
        lock (_gate)
            return _places.GetValueOrDefault(symbol)?.Ticker.Partition;
    }

    /// <inheritdoc cref="Read(IReadOnlyCollection{string}?, out BoardStanding)"/>
    public BoardView Read(IReadOnlyCollection<string>? symbols) => Read(symbols, out _);

    /// <summary>Those of the symbols whose newest trade is from <paramref name="since"/> on.</summary>
    /// <param name="symbols">Folded; null is all.</param>
    /// <param name="since">Of the board's epoch and topic.</param>
    public BoardView Read(IReadOnlyCollection<string>? symbols, BoardVersion since)
    {
        lock (_gate)
        {
            var moved = Asked(symbols).Select(place => place.Ticker).Where(ticker => !(ticker.Offset < since.Positions[ticker.Partition]));
            return new BoardView(_version, [.. moved]);
        }
    }

    /// <summary>Every symbol, or those of <paramref name="symbols"/> that are known, as they are at one moment.</summary>
    /// <param name="symbols">Folded; null is all.</param>
    /// <param name="standing">What that is worth.</param>
    public BoardView Read(IReadOnlyCollection<string>? symbols, out BoardStanding standing)
    {
        lock (_gate)
        {
            standing = !IsFilledNow ? BoardStanding.Filling
                : IsBehindServedNow ? BoardStanding.Broken
                : DoubtsAnyNow ? BoardStanding.Doubted
                : IsWholeNow ? BoardStanding.Whole
                : BoardStanding.Broken;
            var asked = Asked(symbols);
            var tickers = new BoardTicker[asked.Length];
            for (int i = 0; i < tickers.Length; i++)
                tickers[i] = asked[i].Ticker;
            return new BoardView(_version, ImmutableCollectionsMarshal.AsImmutableArray(tickers));
        }
    }

    private Place[] Asked(IReadOnlyCollection<string>? symbols) => symbols is null
        ? _bySymbol
        : [.. symbols.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(_places.GetValueOrDefault).OfType<Place>()];

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

    /// <summary>Where a symbol is on the board; a list of all of them need not look each up.</summary>
    private sealed class Place(BoardTicker ticker)
    {
        public BoardTicker Ticker { get; set; } = ticker;
    }

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
