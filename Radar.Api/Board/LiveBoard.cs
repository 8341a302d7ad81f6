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
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private MarketLayout? _layout;
    private Partition[] _partitions = [];
    private BoardVersion _version = BoardVersion.Empty;
    private Entry[] _bySymbol = []; // the same in ordinal order of their symbols
    private bool _opened;
    private bool _away;
    private long _redisDownCount;
    private bool _wasInSync;

    /// <summary>
    /// Whoever changes the board holds it, and who joins a stream of its changes holds it too, so that nothing is missed between the
    /// first look and the first change.
    /// </summary>
    public Lock Order { get; } = new();

    /// <summary>The board follows every partition, or knows that there is none yet.</summary>
    public bool IsInSync
    {
        get
        {
            lock (_gate)
                return IsInSyncNow;
        }
    }

    /// <summary><see cref="IsInSync"/>, for who holds the gate.</summary>
    private bool IsInSyncNow => _opened && !_away && _partitions.All(partition => partition.InSync);

    /// <summary>The board was whole at some time.</summary>
    public bool WasInSync
    {
        get
        {
            lock (_gate)
                return _wasInSync;
        }
    }

    /// <summary>
    /// Every partition of the epoch was loaded. Before that a symbol that is missing here may well be in Redis; later it is new.
    /// </summary>
    public bool IsLoaded
    {
        get
        {
            lock (_gate)
                return IsLoadedNow;
        }
    }

    private bool IsLoadedNow => _opened && _partitions.All(partition => partition.Filled);

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
    public bool IsUnconfirmed(int partition)
    {
        lock (_gate)
            return _away || (partition < _partitions.Length && _partitions[partition].Ahead);
    }

    /// <summary>True where that is so of any partition.</summary>
    public bool IsAnyUnconfirmed
    {
        get
        {
            lock (_gate)
                return IsAnyUnconfirmedNow;
        }
    }

    private bool IsAnyUnconfirmedNow => _away || _partitions.Any(partition => partition.Ahead);

    /// <summary>True where every change of the partition up to now was followed.</summary>
    public bool Follows(int partition)
    {
        lock (_gate)
            return partition < _partitions.Length && _partitions[partition].InSync;
    }

    /// <summary>True where Redis does not answer.</summary>
    public bool IsRedisDown => Volatile.Read(ref _away);

    /// <summary>How often Redis was missed.</summary>
    public long RedisDownCount
    {
        get
        {
            lock (_gate)
                return _redisDownCount;
        }
    }

    /// <summary>Looks a symbol up.</summary>
    public BoardFind Find(string symbol)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(symbol, out Entry? entry))
                return new BoardFind(null, _layout is not null && IsInSyncNow && !IsBehindServedNow);
            BoardTicker ticker = entry.Ticker;
            ref readonly Partition partition = ref _partitions[ticker.Partition];
            return new BoardFind(
                new SymbolLocation(_layout!.Value.KeysOf(ticker.Partition), partition.Position!.Value, ticker.Latest),
                partition.InSync && !_away && !IsBehind(ticker.Partition));
        }
    }

    /// <summary>Where a symbol is served from; null where the board does not have it.</summary>
    public int? PartitionOf(string symbol)
    {
        lock (_gate)
            return _entries.GetValueOrDefault(symbol)?.Ticker.Partition;
    }

    /// <inheritdoc cref="Read(IReadOnlyCollection{string}?, out BoardSync)"/>
    public BoardView Read(IReadOnlyCollection<string>? symbols) => Read(symbols, out _);

    /// <summary>Those of the symbols whose newest trade is from <paramref name="since"/> on.</summary>
    /// <param name="symbols">Normalized; null is all.</param>
    /// <param name="since">Of the board's epoch and topic.</param>
    public BoardView Read(IReadOnlyCollection<string>? symbols, BoardVersion since)
    {
        lock (_gate)
        {
            var moved = Asked(symbols).Select(entry => entry.Ticker).Where(ticker => !(ticker.Offset < since.Positions[ticker.Partition]));
            return new BoardView(_version, [.. moved]);
        }
    }

    /// <summary>Every symbol, or those of <paramref name="symbols"/> that are known, as they are at one moment.</summary>
    /// <param name="symbols">Normalized; null is all.</param>
    /// <param name="sync">What that is worth.</param>
    public BoardView Read(IReadOnlyCollection<string>? symbols, out BoardSync sync)
    {
        lock (_gate)
        {
            sync = !IsLoadedNow ? BoardSync.Loading
                : IsBehindServedNow ? BoardSync.Gapped
                : IsAnyUnconfirmedNow ? BoardSync.Unconfirmed
                : IsInSyncNow ? BoardSync.InSync
                : BoardSync.Gapped;
            var asked = Asked(symbols);
            var tickers = new BoardTicker[asked.Length];
            for (int i = 0; i < tickers.Length; i++)
                tickers[i] = asked[i].Ticker;
            return new BoardView(_version, ImmutableCollectionsMarshal.AsImmutableArray(tickers));
        }
    }

    private Entry[] Asked(IReadOnlyCollection<string>? symbols) => symbols is null
        ? _bySymbol
        : [.. symbols.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(_entries.GetValueOrDefault).OfType<Entry>()];

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
    private sealed class Entry(BoardTicker ticker)
    {
        public BoardTicker Ticker { get; set; } = ticker;
    }

    /// <summary>How far the board has followed a partition.</summary>
    private struct Partition
    {
        public PartitionPosition? Position;

        /// <summary>Every change up to now was followed.</summary>
        public bool InSync;

        /// <summary>Redis came back with an older state than the board has.</summary>
        public bool Ahead;

        /// <summary>The partition was loaded.</summary>
        public bool Filled;
    }
}
