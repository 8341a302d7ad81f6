using System.Runtime.InteropServices;
using Radar.Api.OpenApi;
using Radar.Api.Requests;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api.Endpoints;

/// <summary>The retained trades of a symbol.</summary>
internal sealed class TradeEndpoints(SymbolRequests requests, SymbolReads reads, SymbolPages pages)
{
    public static readonly QueryParameter[] TradesParameters =
    [
        Parameters.Start, Parameters.End, Parameters.Limit, Parameters.Sort, Parameters.PageToken, Parameters.AsOf, Parameters.MaxStalenessMs,
    ];

    public static void Map(IEndpointRouteBuilder v2) =>
        v2.MapGet("/trades/{**symbol:minlength(1)}", static (HttpContext context, string symbol, TradeEndpoints endpoints) =>
            endpoints.TradesAsync(context, symbol)).Describe(ApiOperations.Trades);

    private async Task TradesAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request, TradesParameters);
        var query = SymbolPages.Query(ref request, "trades", symbol);
        var page = request.PageToken(query);
        int limit = SymbolPages.Limit(ref request);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        if (await requests.OpenAsync(context, request.Error, query.Symbol, page, maxStalenessMs, query.AsOfMs) is not { } found)
            return;

        var read = await reads.TradesAsync(context, found.Keys, query.Symbol);
        if (await requests.ConfirmAsync(context, found, read.Location, maxStalenessMs) is not { } location)
            return;
        var items = Select(read.Records, query, page?.Last, limit, out long? last);
        await pages.WriteAsync(
            context.Response, query, "trades", location, CollectionsMarshal.AsSpan(items), last,
            query.AsOfMs is { } atMs ? NewestMs(read.Records, atMs) : null);
    }

    /// <summary>
    /// The trades of one page. Pages are cut by offset: trades that arrive meanwhile move none of them.
    /// </summary>
    /// <param name="records">In offset order.</param>
    /// <param name="query">Times and direction.</param>
    /// <param name="behind">Offset of the last trade of the page before, or null.</param>
    /// <param name="limit">Most trades to take.</param>
    /// <param name="last">Offset of the last trade taken where more follow; null at the end.</param>
    private static List<ReadOnlyMemory<byte>> Select(RedisValue[] records, in PagedQuery query, long? behind, int limit, out long? last)
    {
        var items = new List<ReadOnlyMemory<byte>>(Math.Min(limit, records.Length));
        long lastOffset = 0;
        last = null;
        for (int i = 0; i < records.Length; i++)
        {
            ReadOnlyMemory<byte> record = records[query.Descending ? records.Length - 1 - i : i];
            var (timestampMs, offset) = StoredRecord.Order(record.Span);
            if (timestampMs < query.StartMs || timestampMs > query.EndMs)
                continue;
            if (behind is { } given && (query.Descending ? offset >= given : offset <= given))
                continue;
            if (items.Count == limit)
            {
                last = lastOffset;
                break;
            }

            items.Add(StoredRecord.Public(record));
            lastOffset = offset;
        }

        return items;
    }

    /// <summary>Event time of the newest trade that is kept and not after <paramref name="atMs"/>; null where there is none.</summary>
    private static long? NewestMs(RedisValue[] records, long atMs)
    {
        long? newest = null;
        foreach (ReadOnlyMemory<byte> record in records)
        {
            long timestampMs = StoredRecord.Order(record.Span).TimestampMs;
            if (timestampMs <= atMs && !(timestampMs < newest))
                newest = timestampMs;
        }

        return newest;
    }
}
