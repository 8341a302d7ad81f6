using System.Collections.Immutable;
using Radar.Api.Board;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api.Lists;

/// <summary>
/// Reads many symbols: newest trades and day figures from the board while its chain is whole, from Redis otherwise, and, marked as not
/// whole, the last that the board knew where Redis is away too; bars and the past always from Redis, one transaction per partition.
/// </summary>
internal sealed class BoardReads(LiveBoard board, MarketReader reader)
{
    /// <summary>The version that <see cref="NewestAsync"/> would give; null where only a read can tell.</summary>
    public BoardVersion? Version => board.IsWhole ? board.Version : null;

    /// <summary>Newest trades and day figures.</summary>
    /// <param name="symbols">Folded; null is all.</param>
    /// <exception cref="RedisException">The board is not whole and empty, and Redis does not answer.</exception>
    public async Task<BoardView> NewestAsync(IReadOnlyList<string>? symbols)
    {
        if (board.IsWhole || board.DoubtsAny)
            return board.Read(symbols); // a Redis that is away has nothing, and one that came back older must not be shown
        try
        {
            var stored = await RedisSpan.TraceAsync("MULTI", () => FromRedisAsync(symbols));
            var known = board.Read(symbols);
            bool isBehind = stored.Version.Positions.IsEmpty
                || (known.Version.IsComparableTo(stored.Version) && !stored.Version.Covers(known.Version));
            return isBehind ? known : stored; // Redis came back older, or empty, a moment ago
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            var last = board.Read(symbols);
            if (last.Tickers.IsEmpty)
                throw;
            return last;
        }
    }

    /// <summary>Latest record and newest bars of symbols, in ordinal order.</summary>
    public Task<ListRead<SymbolSnapshot>> SnapshotsAsync(IReadOnlyList<string> symbols) =>
        ReadAsync(symbols, reader.SnapshotsAsync, static snapshot => snapshot.Symbol);

    /// <summary>Symbols at a time in the past, in ordinal order.</summary>
    public Task<ListRead<PastSymbol>> PastAsync(IReadOnlyList<string> symbols, long atMs, Timeframe longest) =>
        ReadAsync(symbols, (keys, part) => reader.PastAsync(keys, part, atMs, longest), static past => past.Symbol);

    private Task<ListRead<T>> ReadAsync<T>(
        IReadOnlyList<string> symbols, Func<RedisKeys, IReadOnlyList<string>, Task<PartitionRead<T>>> read, Func<T, string> symbolOf) =>
        RedisSpan.TraceAsync("MULTI", async () =>
        {
            if (await reader.LayoutAsync() is not { } layout)
                return new ListRead<T>(BoardVersion.Empty, []);

            var places = await PlacesAsync(layout, symbols);
            var parts = await Task.WhenAll(layout.Partitions.Select(async keys => places[keys.Partition].ToArray() is { Length: > 0 } part
                ? await read(keys, part)
                : new PartitionRead<T>(await reader.PositionAsync(keys), [])));
            return new ListRead<T>(
                BoardVersion.Of(layout, [.. parts.Select(part => part.Position)]),
                [.. parts.SelectMany(part => part.Symbols).OrderBy(symbolOf, StringComparer.Ordinal)]);
        });

    /// <summary>Symbols by the partition that has their newest trade.</summary>
    private async Task<ILookup<int, string>> PlacesAsync(MarketLayout layout, IReadOnlyList<string> symbols)
    {
        var view = board.IsWhole ? board.Read(symbols) : await FromRedisAsync(layout, symbols);
        return view.Tickers.ToLookup(ticker => ticker.Partition, ticker => ticker.Symbol);
    }

    private async Task<BoardView> FromRedisAsync(IReadOnlyList<string>? symbols) =>
        await reader.LayoutAsync() is { } layout
            ? await FromRedisAsync(layout, symbols)
            : new BoardView(BoardVersion.Empty, [], Whole: true);

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
                    newest[symbol] = new BoardTicker(symbol, partition, latest, day, timestampMs, offset, StoredRecord.ChangePercent(day.Span));
            }
        }

        return new BoardView(BoardVersion.Of(layout, [.. parts.Select(part => part.Position)]), [.. newest.Values], Whole: true);
    }
}

/// <summary>What was read of many symbols.</summary>
/// <param name="Version">Positions of all partitions when they were read.</param>
/// <param name="Symbols">In ordinal order; unknown ones are left out.</param>
internal sealed record ListRead<T>(BoardVersion Version, ImmutableArray<T> Symbols);
