using System.Runtime.InteropServices;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api.Http.Endpoints;

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

        // The newest event up to a time in the past may be any of those that are kept.
        var read = query.AsOfMs is null
            ? await TradePage.ReadAsync(
                query, page?.Last, limit, count => reads.TradesAsync(context, found.Keys, query.Symbol, count, query.Descending))
            : TradePage.Of(await reads.TradesAsync(context, found.Keys, query.Symbol), query, page?.Last, limit);
        if (await requests.ConfirmAsync(context, found, read.Location, maxStalenessMs) is not { } location)
            return;
        await pages.WriteAsync(
            context.Response, query, "trades", location, CollectionsMarshal.AsSpan(read.Items), read.Last,
            query.AsOfMs is { } atMs ? NewestMs(read.Records, atMs) : null);
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
