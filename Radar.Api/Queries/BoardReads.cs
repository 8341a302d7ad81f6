using System.Collections.Immutable;
using Radar.Api.Board;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Queries;

/// <summary>
/// Reads many symbols: newest trades and day figures from the board while it is in sync, from Redis otherwise, and the last that
/// the board knew, as unconfirmed, where Redis is away too; bars and the past always from Redis, one transaction per partition.
/// </summary>
internal sealed class BoardReads(LiveBoard board, MarketReader reader, RedisSpan spans)
{
    /// <summary>The version that <see cref="NewestAsync"/> would give; null where only a read can show it.</summary>
    public BoardVersion? Version => board.Status is { IsInSync: true, IsBehindServed: false } status ? status.Version : null;

    /// <summary>Newest trades and day figures.</summary>
    /// <param name="deadline">Of the request.</param>
    /// <param name="symbols">Normalized; null is all.</param>
    /// <returns>Null where neither the board nor Redis has what was served before.</returns>
    /// <exception cref="TimeoutException">The board was never loaded, and Redis does not answer; or another of
    /// <see cref="StoreFaults"/>.</exception>
    public async Task<BoardView?> NewestAsync(Deadline deadline, IReadOnlyList<string>? symbols)
    {
        var known = board.Read(symbols, out var sync);
        if (sync is BoardSync.InSync or BoardSync.Unconfirmed)
            return known; // a Redis that is away has nothing, and one that came back older must not be shown
        var floor = board.Status.Floor; // before Redis is asked: what moves on the board meanwhile is no sign that Redis is behind
        try
        {
            var (layout, stored) = await spans.TraceAsync(deadline, "MULTI", keys: null, () => FromRedisAsync(symbols));
            if (floor.IsAbove(layout, stored.Version.Positions))
                return sync == BoardSync.Loading || floor.IsAbove(board.Status.Layout, known.Version.Positions) ? null : known;
            if (layout is { } read)
                board.NoteServed(read, stored.Version.Positions);
            return stored;
        }
        catch (Exception e) when (StoreFaults.IsAway(e))
        {
            var last = board.Read(symbols, out sync);
            if (sync == BoardSync.Loading)
                throw;
            if (sync == BoardSync.Gapped)
                board.MarkRedisDown();
            return floor.IsAbove(board.Status.Layout, last.Version.Positions) ? null : last;
        }
    }

    /// <summary>Latest record and newest bars of symbols, in ordinal order. Null where Redis has less than the board.</summary>
    public Task<ListRead<SymbolSnapshot>?> SnapshotsAsync(Deadline deadline, IReadOnlyList<string> symbols) =>
        ReadAsync(deadline, symbols, reader.SnapshotsAsync, static snapshot => (snapshot.Symbol, snapshot.Latest));

    /// <summary>Symbols at a time in the past, in ordinal order. Null where Redis has less than the board.</summary>
    public Task<ListRead<PastSymbol>?> PastAsync(Deadline deadline, IReadOnlyList<string> symbols, long atMs, Timeframe longest) =>
        ReadAsync(deadline, symbols, (keys, part) => reader.PastAsync(keys, part, atMs, longest),
            static past => (past.Symbol, past.Latest));

    private Task<ListRead<T>?> ReadAsync<T>(
        Deadline deadline,
        IReadOnlyList<string> symbols,
        Func<RedisKeys, IReadOnlyList<string>, Task<PartitionRead<T>>> read,
        Func<T, (string Symbol, ReadOnlyMemory<byte> Latest)> recordOf) =>
        spans.TraceAsync(deadline, "MULTI", keys: null, async () =>
        {
            var floor = board.Status.Floor;
            var known = board.Read(symbols, out var sync);
            if (await reader.LayoutAsync() is not { } layout)
                return floor.Of is not null ? null : new ListRead<T>(BoardVersion.Empty, []);

            var view = sync == BoardSync.InSync && board.Status.Layout == layout ? known : await FromRedisAsync(layout, symbols);
            var symbolsOf = view.Tickers.ToLookup(ticker => ticker.Partition, ticker => ticker.Symbol);

            // A symbol that was found nowhere is asked of every partition: each is read at a later position, which may have it already.
            string[] others = [.. symbols.Except(view.Tickers.Select(ticker => ticker.Symbol), StringComparer.Ordinal)];
            var parts = await Task.WhenAll(
                layout.Partitions.Select(async keys => (string[])[.. symbolsOf[keys.Partition], .. others] is { Length: > 0 } part
                ? await read(keys, part)
                : new PartitionRead<T>(await reader.PositionAsync(keys), [])));
            var version = BoardVersion.Of(layout, [.. parts.Select(part => part.Position)]);
            if (floor.IsAbove(layout, version.Positions))
                return null;
            board.NoteServed(layout, version.Positions);
            var newest = parts.SelectMany(part => part.Symbols).GroupBy(item => recordOf(item).Symbol, StringComparer.Ordinal)
                .OrderBy(same => same.Key, StringComparer.Ordinal)
                .Select(same => same.MaxBy(item => StoredRecord.Order(recordOf(item).Latest.Span).TimestampMs)!);
            return new ListRead<T>(version, [.. newest]);
        });

    private async Task<(MarketLayout? Layout, BoardView View)> FromRedisAsync(IReadOnlyList<string>? symbols) =>
        await reader.LayoutAsync() is { } layout
            ? (layout, await FromRedisAsync(layout, symbols))
            : (null, new BoardView(BoardVersion.Empty, []));

    private async Task<BoardView> FromRedisAsync(MarketLayout layout, IReadOnlyList<string>? symbols)
    {
        var newest = new SortedDictionary<string, BoardTicker>(StringComparer.Ordinal);
        var parts = await Task.WhenAll(layout.Partitions.Select(keys => reader.SymbolRecordsAsync(keys, symbols)));
        for (int partition = 0; partition < parts.Length; partition++)
        {
            foreach (var (symbol, latest, day) in parts[partition].Symbols)
            {
                var (timestampMs, offset) = StoredRecord.Order(latest.Span);
                if (!newest.TryGetValue(symbol, out BoardTicker? known) || timestampMs > known.TimestampMs)
                    newest[symbol] = new BoardTicker(
                        symbol, partition, latest, day, timestampMs, offset, StoredRecord.ChangePercent(day.Span));
            }
        }

        return new BoardView(BoardVersion.Of(layout, [.. parts.Select(part => part.Position)]), [.. newest.Values]);
    }
}

/// <summary>What was read of many symbols.</summary>
/// <param name="Version">Positions of all partitions when they were read.</param>
/// <param name="Symbols">In ordinal order; unknown ones are left out.</param>
internal sealed record ListRead<T>(BoardVersion Version, ImmutableArray<T> Symbols);
