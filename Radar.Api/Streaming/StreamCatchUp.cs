using System.Text;
using Radar.Api.Board;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api.Streaming;

/// <summary>
/// Brings a client to where the board is: with a snapshot, with what the hub remembers, or with what Redis keeps. What cannot be told
/// any more ends in <c>reset</c> and a snapshot.
/// </summary>
internal sealed class StreamCatchUp(StreamHub hub, LiveBoard board, MarketReader reader, StreamMetrics metrics)
{
    /// <summary>Reads from Redis until the hub goes on from there; one is enough unless the board reloads meanwhile.</summary>
    private const int AttemptsMax = 4;

    /// <summary>How long a board that is behind another API process, or behind Redis, may take to get there.</summary>
    private static readonly TimeSpan BoardPatience = TimeSpan.FromSeconds(2);

    /// <summary>Joins the client and writes what it missed.</summary>
    /// <param name="client">Entered.</param>
    /// <param name="from">What it has; null is nothing.</param>
    /// <param name="writer">Its connection.</param>
    /// <returns>Where it stands.</returns>
    public async Task<BoardVersion> JoinAsync(StreamClient client, BoardVersion? from, StreamWriter writer)
    {
        string? reset = null;
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var join = hub.Join(client, from);
            switch (join.Kind)
            {
                case StreamJoinKind.Snapshot:
                    await SnapshotAsync(join.View, reset, writer);
                    return join.View.Version;
                case StreamJoinKind.Resumed:
                    await writer.WriteAsync(join.Entries);
                    return join.View.Version;
                case StreamJoinKind.Lost:
                    (from, reset) = await FindAsync(join.View.Version, from!, writer.Ended);
                    break;
                case StreamJoinKind.Missed:
                    from = await ReadAsync(client.Request, join, from!, writer);
                    reset = from is null ? "what happened since is no longer kept" : null;
                    break;
            }
        }

        await SnapshotAsync(hub.Join(client, null).View, reset ?? "the state is being rebuilt", writer);
        return board.Version;
    }

    /// <summary>A version that the board does not have: ahead of it, of another epoch or topic, or made up.</summary>
    private async Task<(BoardVersion? From, string? Reset)> FindAsync(BoardVersion version, BoardVersion from, CancellationToken cancellationToken)
    {
        if (!version.IsComparableTo(from))
            return (null, "the state was rebuilt, or made from another topic");

        // Another API process may be ahead of this one by a few milliseconds; nobody is ahead of Redis.
        if (board.Layout is not { } layout || !await IsStoredAsync(layout, from))
            return (null, null);
        for (int partition = 0; partition < from.Positions.Length; partition++)
        {
            if (from.Positions[partition] is { } position && !await board.ReachAsync(partition, position, BoardPatience, cancellationToken))
                return (null, "this API process is behind");
        }

        return (from, null);
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
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Tells what Redis keeps of the partitions that the hub does not remember.</summary>
    /// <returns>Where the client stands; null where Redis does not keep enough.</returns>
    private async Task<BoardVersion?> ReadAsync(StreamRequest request, StreamJoin join, BoardVersion from, StreamWriter writer)
    {
        Timeframe[] timeframes = [.. Timeframe.All.Where(request.Channels.Bars)];
        try
        {
            foreach (int partition in join.Partitions)
            {
                string[] symbols = [.. join.View.Tickers.Where(ticker => ticker.Partition == partition).Select(ticker => ticker.Symbol)];
                var change = await reader.SinceAsync(
                    new RedisKeys(from.Epoch, partition), symbols, from.Positions[partition], timeframes);
                if (change is null || change.Reached.Offset < from.Positions[partition])
                    return null;
                var reached = from.With(partition, change.Reached.Offset);
                var frames = new ChangeFrames(partition, change, Effects(change, join.View), from, reached, from.Positions[partition]);
                await writer.WriteAsync(frames.For(request));
                from = reached;
                if (!await board.ReachAsync(partition, change.Reached.Offset, BoardPatience, writer.Ended))
                    return null;
            }

            return from;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>All but the newest bar of a symbol are told as corrections.</summary>
    private static BoardEffect[] Effects(Change change, in BoardView view)
    {
        var newestMs = view.Tickers.ToDictionary(ticker => ticker.Symbol, ticker => ticker.TimestampMs);
        return [.. change.Symbols.Select(symbol => new BoardEffect(
            symbol.Latest.IsEmpty ? newestMs[symbol.Symbol] : StoredRecord.Order(symbol.Latest.Span).TimestampMs, Served: true))];
    }

    private async Task SnapshotAsync(BoardView view, string? reset, StreamWriter writer)
    {
        byte[] id = ChangeFrames.Id(view.Version);
        if (reset is not null)
        {
            metrics.Ended("reset");
            await writer.WriteAsync([new StreamEntry(StreamFrame.Reset(reset), [])]);
        }

        await writer.WriteAsync([new StreamEntry(StreamFrame.Snapshot(view.Tickers), id)]);
    }
}
