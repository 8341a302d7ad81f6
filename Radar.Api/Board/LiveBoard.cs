using System.Collections.Immutable;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// The latest of every symbol, in memory. Each partition is a chain: a change is taken only where it follows the position that the
/// partition has; where one is missing, the partition is loaded from Redis. Nothing here ever goes back: a state in Redis that is older
/// than the board is not loaded, unless it is of another epoch or topic. Any thread.
/// </summary>
internal sealed partial class LiveBoard(TimeProvider time)
{
    // Held while the board changes and its observers are notified, and while a stream joins, so that nothing is missed between the first
    // look and the first change. Taken before _gate.
    private readonly Lock _order = new();

    private readonly Lock _gate = new(); // held for a few references, never for parsing
    private readonly SymbolTable _symbols = new();
    private readonly List<Waiter> _waiters = [];
    private volatile BoardStatus _status = BoardStatus.Initial;
    private ImmutableArray<IBoardObserver> _observers = [];

    /// <summary>The status now; what is read from one of them belongs to one moment.</summary>
    public BoardStatus Status => _status;

    /// <summary>From the next change on, <paramref name="observer"/> is notified.</summary>
    public void Observe(IBoardObserver observer)
    {
        lock (_order)
            _observers = _observers.Add(observer);
    }

    /// <summary>Joins a stream of changes: the board does not change while <paramref name="join"/> runs.</summary>
    public T Join<T>(Func<BoardStatus, T> join)
    {
        lock (_order)
            return join(_status);
    }

    /// <summary>Looks a symbol up.</summary>
    public BoardFind Find(string symbol)
    {
        lock (_gate)
        {
            BoardStatus status = _status;
            if (_symbols.Find(symbol) is not { } ticker)
                return new BoardFind(null, status.Layout is not null && status.IsInSync && !status.IsBehindServed);
            PartitionStatus partition = status.Partitions[ticker.Partition];
            return new BoardFind(
                new SymbolLocation(status.Layout!.Value.KeysOf(ticker.Partition), partition.Position!.Value, ticker.Latest),
                partition.IsFollowed && !status.IsRedisDown && !status.IsBehind(ticker.Partition));
        }
    }

    /// <summary>The partition that a symbol is served from; null where the board does not have it.</summary>
    public int? PartitionOf(string symbol) => Known(symbol)?.Partition;

    /// <summary>Every symbol, or those of <paramref name="symbols"/> that are known, as they are at one moment.</summary>
    /// <param name="symbols">Normalized; null is all.</param>
    public BoardView Read(IReadOnlyCollection<string>? symbols) => Read(symbols, out _);

    /// <inheritdoc cref="Read(IReadOnlyCollection{string}?)"/>
    /// <param name="symbols">Normalized; null is all.</param>
    /// <param name="sync">What that is worth.</param>
    public BoardView Read(IReadOnlyCollection<string>? symbols, out BoardSync sync)
    {
        lock (_gate)
        {
            sync = _status.Sync;
            return new BoardView(_status.Version, _symbols.Read(symbols));
        }
    }

    /// <summary>Those of the symbols whose newest trade is from <paramref name="since"/> on.</summary>
    /// <param name="symbols">Normalized; null is all.</param>
    /// <param name="since">Of the board's epoch and topic.</param>
    public BoardView Read(IReadOnlyCollection<string>? symbols, BoardVersion since)
    {
        var view = Read(symbols);
        return view with { Tickers = [.. view.Tickers.Where(ticker => !(ticker.Offset < since.Positions[ticker.Partition]))] };
    }

    /// <summary>Waits until the board has come to <paramref name="offset"/>, for a short while.</summary>
    /// <returns>False where it did not.</returns>
    public Task<bool> ReachAsync(int partition, long offset, TimeSpan timeout, CancellationToken cancellationToken) =>
        UntilAsync(status => status.PositionOf(partition) >= offset, timeout, cancellationToken);

    /// <summary>Waits until the board's status meets a condition.</summary>
    /// <param name="condition">Looked at whenever the status changes; it is quick.</param>
    /// <param name="timeout">The longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where it does not meet it in time.</returns>
    public async Task<bool> UntilAsync(Func<BoardStatus, bool> condition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(condition);
        lock (_gate)
        {
            if (condition(_status))
                return true;
            if (timeout <= TimeSpan.Zero)
                return false;
            _waiters.Add(waiter);
        }

        try
        {
            await waiter.Met.Task.WaitAsync(timeout, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            lock (_gate)
                _waiters.Remove(waiter);
        }
    }

    private BoardTicker? Known(string symbol)
    {
        lock (_gate)
            return _symbols.Find(symbol);
    }

    /// <summary>Replaces the status, and ends the waits for it. The caller holds the gate.</summary>
    private void Set(BoardStatus status)
    {
        _status = status.WasInSync || !status.IsInSync ? status : status with { WasInSync = true };
        for (int i = _waiters.Count - 1; i >= 0; i--)
        {
            if (!_waiters[i].Condition(_status))
                continue;
            _waiters[i].Met.TrySetResult();
            _waiters.RemoveAt(i);
        }
    }

    private sealed class Waiter(Func<BoardStatus, bool> condition)
    {
        public Func<BoardStatus, bool> Condition => condition;

        public TaskCompletionSource Met { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
