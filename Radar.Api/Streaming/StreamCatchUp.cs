using System.Text;
using Radar.Api.Board;
using Radar.Api.Queries;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api.Streaming;

/// <summary>
/// Brings a client to where the board is: with a snapshot, with what the hub remembers, or with what Redis keeps. What cannot be told
/// any more ends in <c>reset</c> and a snapshot.
/// </summary>
internal sealed partial class StreamCatchUp(
    StreamHub hub, StreamSnapshots snapshots, LiveBoard board, BoardFeed feed, MarketReader reader, StreamMetrics metrics,
    RequestDeadline deadline, TimeProvider time) : IDisposable
{
    /// <summary>
    /// Reads of the past that Redis does at once, of all clients together. One blocks Redis for some 10 ms at worst, and after a restart
    /// or a reload thousands of clients ask for one: more at once would end no sooner, and everybody else would wait behind them.
    /// </summary>
    public const int ReadsMax = 4;

    private const string NoLongerKept = "what happened since is no longer kept";

    /// <summary>Reads from Redis until the hub goes on from there; one is enough unless the board reloads meanwhile. Each gets further.</summary>
    private const int AttemptsMax = 16;

    private static readonly TimeSpan FillPause = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _reads = new(ReadsMax);

    public void Dispose() => _reads.Dispose();

    /// <summary>Waits until the board is filled and has all that was served; false where that takes longer than the request has.</summary>
    public async Task<bool> IsReadyAsync(HttpContext request)
    {
        while (!board.IsLoaded || board.IsBehindServed)
        {
            if (deadline.Left(request) == TimeSpan.Zero)
                return false;
            await Task.Delay(FillPause, time, request.RequestAborted);
        }

        return true;
    }

    /// <summary>Encodes the first event of who begins with a snapshot; false where too much waits for all clients.</summary>
    public bool TryPrepare(StreamClient client)
    {
        if (hub.Budget.IsFull)
            return false;
        if (client.Request.Since is not null)
            return true;
        client.Prepared = snapshots.TryTake(client.Request.Symbols);
        return client.Prepared is not null;
    }

    /// <summary>Joins the client and writes what it missed.</summary>
    /// <param name="client">Entered.</param>
    /// <param name="from">What it has; null is nothing.</param>
    /// <param name="writer">Its connection.</param>
    /// <param name="isGone">What came after that is gone, so that the client begins anew.</param>
    /// <returns>Where it stands; null only where the service stops before the client has anything.</returns>
    /// <exception cref="StreamBudgetException">Too much waits for all clients.</exception>
    public async Task<BoardVersion?> JoinAsync(StreamClient client, BoardVersion? from, StreamOutput writer, bool isGone = false)
    {
        string? reset = null;
        if (isGone)
            (from, reset) = (null, NoLongerKept);
        int attempts = 0;
        while (true)
        {
            // Who was there before anything was stored has missed all of it, whatever epoch and topic it then became.
            if (BoardVersion.Empty.Equals(from))
                from = board.Version.Beginning();
            if (from is null)
            {
                if (client.IsShutDown)
                    return null;
                (from, reset, attempts) = (await SnapshotAsync(client, reset, writer), null, 0);
                continue;
            }

            var join = hub.Join(client, from);
            switch (join.Kind)
            {
                case StreamJoinKind.NotReady when client.IsShutDown:
                    return from;
                case StreamJoinKind.NotReady:
                    await Task.Delay(FillPause, time, writer.Ended);
                    continue;
                case StreamJoinKind.Resumed:
                    await ResumeAsync(client.Request, join, from, writer);
                    return join.View.Version;
                case StreamJoinKind.Unrecoverable:
                    (from, reset) = (null, NoLongerKept);
                    break;
                case StreamJoinKind.UnknownPosition:
                    (from, reset) = await FindAsync(join.View.Version, from!, writer.Ended);
                    break;
                case StreamJoinKind.NeedsBackfill:
                    from = await ReadAsync(client.Request, join, from, writer);
                    reset = from is null ? NoLongerKept : null;
                    break;
            }

            // Who does not get there in time begins anew: a snapshot always comes to an end.
            if (++attempts >= AttemptsMax && from is not null)
                (from, reset) = (null, "the state is being rebuilt");
        }
    }

    /// <summary>A version that the board does not have: ahead of it, of another epoch or topic, or made up.</summary>
    private async Task<(BoardVersion? From, string? Reset)> FindAsync(BoardVersion version, BoardVersion from, CancellationToken cancellationToken)
    {
        if (!version.IsComparableTo(from))
            return (null, "the state was rebuilt, or made from another topic");

        // Another API process may be ahead of this one by a few milliseconds; nobody is ahead of Redis.
        if (board.Layout is not { } layout || !await IsStoredAsync(layout, from))
            return (null, "the state does not reach this position");
        bool[] reached = await Task.WhenAll(from.Positions.Select((position, partition) =>
            position is { } offset ? feed.ReachAsync(partition, offset, cancellationToken) : Task.FromResult(true)));
        return reached.Contains(false) ? (null, "this API process is behind") : (from, null);
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
            feed.Found(e);
            return false;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Tells what Redis keeps of the partitions that the hub does not remember.</summary>
    /// <returns>Where the client stands; null where Redis does not keep enough.</returns>
    private async Task<BoardVersion?> ReadAsync(StreamRequest request, StreamJoin join, BoardVersion from, StreamOutput writer)
    {
        Timeframe[] timeframes = [.. Timeframe.All.Where(request.Channels.Bars)];
        try
        {
            foreach (int partition in join.Partitions)
            {
                var elsewhere = join.View.Tickers.Where(ticker => ticker.Partition != partition).Select(ticker => ticker.Symbol).ToHashSet();
                var change = await SinceAsync(
                    reader.KeysOf(from.Epoch, partition), request.Symbols, elsewhere, from.Positions[partition], timeframes, writer.Ended);
                if (change is null || change.Reached.Offset < from.Positions[partition])
                    return null;
                var reached = from.With(partition, change.Reached.Offset);
                var frames = new ChangeFrames(partition, change, Effects(change, join.View), from, reached, from.Positions[partition]);
                await WriteAsync(frames, request, ChangeFrames.SizeOf(change), writer);
                from = reached;
                if (!await feed.ReachAsync(partition, change.Reached.Offset, writer.Ended))
                    return null;
            }

            return from;
        }
        catch (DamagedStateException e)
        {
            feed.Found(e);
            return null;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>What was read and what is made of it is this client's alone while it takes it.</summary>
    private async Task WriteAsync(ChangeFrames frames, StreamRequest request, long size, StreamOutput writer)
    {
        size *= 2;
        if (!hub.Budget.TryHold(size))
            throw new StreamBudgetException();
        try
        {
            await writer.WriteAsync(frames.For(request));
        }
        finally
        {
            hub.Budget.Release(size);
        }
    }

    /// <summary>Only the read has a place of <see cref="ReadsMax"/>: a client that takes slowly what was read holds up nobody.</summary>
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

    /// <summary>All but the newest bar of a symbol are told as corrections.</summary>
    private static BoardEffect[] Effects(Change change, in BoardView view)
    {
        var newestMs = view.Tickers.ToDictionary(ticker => ticker.Symbol, ticker => ticker.TimestampMs);
        return [.. change.Symbols.Select(symbol => new BoardEffect(
            symbol.Latest.IsEmpty ? newestMs.GetValueOrDefault(symbol.Symbol) : StoredRecord.Order(symbol.Latest.Span).TimestampMs, Served: true))];
    }

    private async Task<BoardVersion> SnapshotAsync(StreamClient client, string? reset, StreamOutput writer)
    {
        while (!board.IsLoaded)
            await Task.Delay(FillPause, time, writer.Ended);
        using var snapshot = client.Prepared ?? snapshots.TryTake(client.Request.Symbols) ?? throw new StreamBudgetException();
        client.Prepared = null;
        if (reset is not null)
        {
            metrics.Reset();
            await writer.WriteAsync([new StreamEntry(StreamFrame.Reset(reset), [])]);
        }

        await writer.WriteAsync(ChangeFrames.Id(snapshot.Version), snapshot.Pieces);
        return snapshot.Version;
    }
}
