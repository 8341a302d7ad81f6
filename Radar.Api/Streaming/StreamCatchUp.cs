using System.Text;
using Radar.Api.Board;
using Radar.Api.Faults;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Streaming;

/// <summary>
/// Brings a client to where the board is: with a snapshot, with what the hub remembers, or with what Redis keeps. What is not kept any
/// more ends in <c>reset</c> and a snapshot. <see cref="StreamSession"/> decides which of it comes when.
/// </summary>
internal sealed partial class StreamCatchUp(
    StreamHub hub, StreamSnapshots snapshots, LiveBoard board, BoardFeed feed, MarketReader reader, FailureLog failures,
    StreamMetrics metrics) : IDisposable
{
    /// <summary>
    /// Reads of the past that Redis does at once, of all clients together. One blocks Redis for some 10 ms at worst, and after a restart
    /// or a reload thousands of clients ask for one: more at once would end no sooner, and everybody else would wait behind them.
    /// </summary>
    public const int ReadsMax = 4;

    /// <summary>The longest wait for the board before a stop of the service is looked for.</summary>
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _reads = new(ReadsMax);

    public void Dispose() => _reads.Dispose();

    /// <summary>Waits until the board is loaded and has all that was served; false where that takes longer.</summary>
    public Task<bool> IsReadyAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        board.UntilAsync(static status => status is { IsLoaded: true, IsBehindServed: false }, timeout, cancellationToken);

    /// <summary>Waits until the board is loaded, for a short while; false where it is not.</summary>
    public Task<bool> UntilLoadedAsync(CancellationToken cancellationToken) =>
        board.UntilAsync(static status => status.IsLoaded, LoadTimeout, cancellationToken);

    /// <summary>A client that was there before anything was stored has missed all of it, whatever epoch and topic it then became.</summary>
    public BoardVersion? Translate(BoardVersion? position) =>
        BoardVersion.Empty.Equals(position) ? board.Status.Version.Beginning() : position;

    /// <summary>Encodes the first event of a client that begins with a snapshot; false where too much waits for all clients.</summary>
    public bool TryPrepare(StreamClient client)
    {
        if (hub.Budget.IsFull)
            return false;
        if (client.Request.Since is not null)
            return true;
        client.Prepared = snapshots.TryTake(client.Request.Symbols, client.Request.Allowed);
        return client.Prepared is not null;
    }

    /// <summary>Looks for a position that the board does not have: ahead of it, of another epoch or topic, or made up.</summary>
    /// <returns>Null where the board has it by now; otherwise why the client starts over.</returns>
    public async Task<string?> FindAsync(BoardVersion version, BoardVersion position, CancellationToken cancellationToken)
    {
        if (!version.IsComparableTo(position))
            return "the state was rebuilt, or made from another topic";

        // Another API process may be ahead of this one by a few milliseconds; none is ahead of Redis.
        if (board.Status.Layout is not { } layout || !await IsStoredAsync(layout, position))
            return "the state does not reach this position";
        bool[] reached = await Task.WhenAll(position.Positions.Select((wanted, partition) =>
            wanted is { } offset ? feed.ReachAsync(partition, offset, cancellationToken) : Task.FromResult(true)));
        return reached.Contains(false) ? "this API process is behind" : null;
    }

    private async Task<bool> IsStoredAsync(MarketLayout layout, BoardVersion from)
    {
        try
        {
            var stored = await reader.PositionsAsync(layout);
            for (int partition = 0; partition < stored.Length; partition++)
            {
                if (from.Positions[partition] is { } position && !(stored[partition]?.Offset >= position))
                    return false;
            }

            return true;
        }
        catch (DamagedStateException e)
        {
            failures.StateDamaged(e);
            return false;
        }
        catch (Exception e) when (StoreFaults.IsAway(e))
        {
            return false;
        }
    }

    /// <summary>Writes what Redis keeps of the partitions that the hub does not remember.</summary>
    /// <returns>The client's position then; null where Redis does not keep enough.</returns>
    public async Task<BoardVersion?> BackfillAsync(StreamRequest request, StreamJoin join, BoardVersion from, StreamOutput output)
    {
        Timeframe[] timeframes = [.. Timeframe.All.Where(request.Channels.Bars)];
        try
        {
            foreach (int partition in join.Partitions)
            {
                var elsewhere = join.View.Tickers.Where(ticker => ticker.Partition != partition).Select(ticker => ticker.Symbol)
                    .ToHashSet();
                var change = await SinceAsync(
                    reader.KeysOf(from.Epoch, partition), request.Symbols, elsewhere, from.Positions[partition], timeframes, output.Ended);
                if (change is null || change.Reached.Offset < from.Positions[partition])
                    return null;
                var reached = from.With(partition, change.Reached.Offset);
                var frames = new ChangeFrames(partition, change, Effects(change, join.View), from, reached, from.Positions[partition]);
                await WriteAsync(frames, request, ChangeFrames.SizeOf(change), output);
                from = reached;
                if (!await feed.ReachAsync(partition, change.Reached.Offset, output.Ended))
                    return null;
            }

            return from;
        }
        catch (DamagedStateException e)
        {
            failures.StateDamaged(e);
            return null;
        }
        catch (Exception e) when (StoreFaults.IsAway(e))
        {
            return null;
        }
    }

    /// <summary>What was read and what is made of it is this client's alone while it takes it.</summary>
    private async Task WriteAsync(ChangeFrames frames, StreamRequest request, long size, StreamOutput output)
    {
        size *= 2;
        if (!hub.Budget.TryHold(size))
            throw new StreamBudgetException();
        try
        {
            await output.WriteAsync(frames.For(request));
        }
        finally
        {
            hub.Budget.Release(size);
        }
    }

    /// <summary>Only the read counts against <see cref="ReadsMax"/>: a client that takes slowly what was read holds up no other.</summary>
    private async Task<Change?> SinceAsync(
        RedisKeys keys, IReadOnlySet<string>? symbols, IReadOnlySet<string> except, long? from, IReadOnlyList<Timeframe> timeframes,
        CancellationToken cancellationToken)
    {
        await _reads.WaitAsync(cancellationToken);
        try
        {
            return await reader.SinceAsync(keys, symbols, except, from, timeframes);
        }
        finally
        {
            _reads.Release();
        }
    }

    /// <summary>All but the newest bar of a symbol are sent as corrections.</summary>
    private static BoardEffect[] Effects(Change change, in BoardView view)
    {
        var newestMs = view.Tickers.ToDictionary(ticker => ticker.Symbol, ticker => ticker.TimestampMs);
        return [.. change.Symbols.Select(symbol => new BoardEffect(
            symbol.Latest.IsEmpty ? newestMs.GetValueOrDefault(symbol.Symbol) : StoredRecord.Order(symbol.Latest.Span).TimestampMs,
            Served: true))];
    }

    /// <summary>Writes a snapshot, after a <c>reset</c> where the client had something.</summary>
    /// <returns>The client's position then.</returns>
    /// <exception cref="StreamBudgetException">Too much waits for all clients.</exception>
    public async Task<BoardVersion> SnapshotAsync(StreamClient client, string? reset, StreamOutput output)
    {
        using var snapshot = client.Prepared ?? snapshots.TryTake(client.Request.Symbols, client.Request.Allowed)
            ?? throw new StreamBudgetException();
        client.Prepared = null;
        if (reset is not null)
        {
            metrics.Reset();
            await output.WriteAsync([new StreamEntry(StreamFrame.Reset(reset), [])]);
        }

        await output.WriteAsync(ChangeFrames.Id(snapshot.Version), snapshot.Pieces);
        return snapshot.Version;
    }

    /// <summary>Symbols that were asked for by name and that the board does not have, in ordinal order.</summary>
    public IReadOnlyList<string> Unknown(StreamRequest request) => request.Symbols is null
        ? []
        : [.. request.Symbols.Where(symbol => board.Find(symbol).Location is null).Order(StringComparer.Ordinal)];
}
