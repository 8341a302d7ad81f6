using Radar.Api.Http.Requests;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>One page of a symbol's retained trades. Pages are cut by offset: trades that arrive meanwhile move none of them.</summary>
/// <param name="Location">What was read; null where the partition does not have the symbol.</param>
/// <param name="Items">JSON, in the order that was asked for.</param>
/// <param name="Last">Offset of the last trade taken where more follow; null at the end.</param>
/// <param name="Records">What the items were chosen from.</param>
internal readonly record struct TradePage(SymbolLocation? Location, List<ReadOnlyMemory<byte>> Items, long? Last, StoredRecords Records)
{
    /// <summary>Trades that are read at least.</summary>
    private const int FirstMin = 16;

    /// <summary>How many times more each further read has: a page far behind costs a seventh more than reading all at once.</summary>
    private const int Growth = 8;

    /// <summary>
    /// Reads from the end where the page begins, and no more than it takes. Times and offsets behind which a page begins may need more,
    /// since events do not come in the order of their times; then more is read, at last everything.
    /// </summary>
    /// <param name="query">Times and direction.</param>
    /// <param name="behind">Offset of the last trade of the page before, or null.</param>
    /// <param name="limit">Most trades to take.</param>
    /// <param name="read">Reads that many of the newest or, where the query ascends, oldest trades; fewer are all.</param>
    public static async Task<TradePage> ReadAsync(PagedQuery query, long? behind, int limit, Func<int, Task<SymbolRecords>> read)
    {
        for (int count = Math.Max(FirstMin, limit + 1); ; count *= Growth) // one more than asked for shows whether more follow
        {
            var found = await read(count);
            var page = Of(found, query, behind, limit);
            if (page.Last is not null || found.Records.Count < count)
                return page;
        }
    }

    /// <summary>Chooses from trades in offset order.</summary>
    public static TradePage Of(SymbolRecords read, in PagedQuery query, long? behind, int limit)
    {
        var records = read.Records;
        var items = new List<ReadOnlyMemory<byte>>(Math.Min(limit, records.Count));
        long lastOffset = 0;
        for (int i = 0; i < records.Count; i++)
        {
            ReadOnlyMemory<byte> record = records[query.Descending ? records.Count - 1 - i : i];
            var (timestampMs, offset) = StoredRecord.Order(record.Span);
            if (timestampMs < query.StartMs || timestampMs > query.EndMs)
                continue;
            if (behind is { } given && (query.Descending ? offset >= given : offset <= given))
                continue;
            if (items.Count == limit)
                return new TradePage(read.Location, items, lastOffset, records);
            items.Add(StoredRecord.Public(record));
            lastOffset = offset;
        }

        return new TradePage(read.Location, items, null, records);
    }
}
