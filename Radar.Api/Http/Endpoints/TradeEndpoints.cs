using System.Runtime.InteropServices;
using Radar.Api.Http.Contract;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>The retained trades of a symbol.</summary>
internal sealed class TradeEndpoints(SymbolRequests requests, SymbolReads reads, SymbolPages pages)
{
    public static readonly QueryParameter[] TradesParameters =
    [
        Parameters.Start, Parameters.End, Parameters.Limit, Parameters.Sort, Parameters.PageToken, Parameters.AsOf,
        Parameters.MaxStalenessMs,
    ];

    public static readonly ApiOperation TradesOperation = new(
        "getTrades",
        "Trades of a symbol",
        "The newest trades (1000 unless set up otherwise) in the order they have in the topic. Pages stay in place while new trades "
            + "arrive.",
        TradesParameters,
        typeof(TradesAnswer),
        """{"symbol":"BTCUSDT","trades":[""" + Examples.Trade + """],"next_page_token":null,"meta":""" + Examples.Meta + "}");

    public static void Map(IEndpointRouteBuilder v2) =>
        v2.MapGet("/trades/{**symbol:minlength(1)}", static (HttpContext context, string symbol, TradeEndpoints endpoints) =>
            endpoints.TradesAsync(context, symbol)).Describe(TradesOperation);

    private async Task<IResult> TradesAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request, TradesParameters);
        var query = SymbolPages.Query(ref request, "trades", symbol, requests.Symbols);
        var page = request.PageToken(query);
        int limit = SymbolPages.Limit(ref request);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        Deadline deadline = requests.Begin();
        var opened = await requests.OpenAsync(context, deadline, request.Error, query.Symbol, page, maxStalenessMs, query.AsOfMs);
        if (opened.Answer is { } answer)
            return answer;

        // The newest event up to a time in the past may be any of those that are kept.
        var found = opened.Value;
        var read = query.AsOfMs is null
            ? await TradePage.ReadAsync(
                query, page?.Last, limit, count => reads.TradesAsync(deadline, found.Keys, query.Symbol, count, query.Descending))
            : TradePage.Of(await reads.TradesAsync(deadline, found.Keys, query.Symbol), query, page?.Last, limit);
        var confirmed = requests.Confirm(found, read.Location, maxStalenessMs);
        if (confirmed.Answer is { } refusal)
            return refusal;
        return await pages.WriteAsync(
            context.Response, query, "trades", confirmed.Value, CollectionsMarshal.AsSpan(read.Items), read.Last,
            query.AsOfMs is { } atMs ? NewestMs(read.Records, atMs) : null);
    }

    /// <summary>Event time of the newest trade that is kept and not after <paramref name="atMs"/>; null where there is none.</summary>
    private static long? NewestMs(StoredRecords records, long atMs)
    {
        long? newest = null;
        for (int i = 0; i < records.Count; i++)
        {
            long timestampMs = StoredRecord.Order(records[i].Span).TimestampMs;
            if (timestampMs <= atMs && !(timestampMs < newest))
                newest = timestampMs;
        }

        return newest;
    }
}
