using System.Runtime.InteropServices;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api.Http.Endpoints;

/// <summary>The bars of a symbol.</summary>
internal sealed class BarEndpoints(SymbolRequests requests, SymbolReads reads, SymbolPages pages)
{
    public static readonly QueryParameter[] BarsParameters = [Parameters.Timeframe, .. TradeEndpoints.TradesParameters];

    public static void Map(IEndpointRouteBuilder v2) =>
        v2.MapGet("/bars/{**symbol:minlength(1)}", static (HttpContext context, string symbol, BarEndpoints endpoints) =>
            endpoints.BarsAsync(context, symbol)).Describe(ApiOperations.Bars);

    private async Task BarsAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request, BarsParameters);
        string name = request.Choice(Parameters.Timeframe);
        Timeframe timeframe = Timeframe.All.Single(frame => frame.Name == name);
        var query = SymbolPages.Query(ref request, "bars." + timeframe, symbol);
        var page = request.PageToken(query);
        int limit = SymbolPages.Limit(ref request);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        if (await requests.OpenAsync(context, request.Error, query.Symbol, page, maxStalenessMs, query.AsOfMs) is not { } found)
            return;

        long startMs = !query.Descending && page is { } behind ? Math.Max(query.StartMs, behind.Last + 1) : query.StartMs;
        long endMs = query.Descending && page is { } before ? Math.Min(query.EndMs, before.Last - 1) : query.EndMs;
        if (query.AsOfMs is { } atMs)
        {
            await BarsAsOfAsync(context, query, timeframe, found, startMs, endMs, limit, atMs, maxStalenessMs);
            return;
        }

        // One more than asked for tells whether there is a next page.
        var read = await reads.BarsAsync(context, found.Keys, query.Symbol, timeframe, startMs, endMs, query.Descending, limit + 1);
        if (await requests.ConfirmAsync(context, found, read.Location, maxStalenessMs) is { } location)
            await WriteAsync(context, query, location, [.. read.Records.Select(Memory)], limit, pastMs: null);
    }

    /// <summary>Bars that had begun by then; all but the last are as they are.</summary>
    private async Task BarsAsOfAsync(
        HttpContext context, PagedQuery query, Timeframe timeframe, SymbolLocation found, long startMs, long endMs, int limit, long atMs,
        long? maxStalenessMs)
    {
        // Two more than asked for: one tells whether there is a next page, one may turn out not to have begun.
        var read = await reads.PastBarsAsync(
            context, found.Keys, query.Symbol, timeframe, startMs, endMs, query.Descending, limit + 2, atMs);
        if (await requests.ConfirmAsync(context, found, PastProblems.Location(found.Keys, read.Position, read.Past), maxStalenessMs) is not { } location
            || read.Past is not { } past)
            return;

        var bars = new List<ReadOnlyMemory<byte>>(read.Bars.Length);
        bool known = past.ReachesBack(timeframe);
        foreach (ReadOnlyMemory<byte> bar in read.Bars)
        {
            var then = StoredRecord.OpenTime(bar.Span) == timeframe.OpenTime(atMs) ? past.Bar(timeframe) : new Past(true, bar);
            known &= then.Known;
            if (!then.Record.IsEmpty)
                bars.Add(then.Record);
        }

        if (!known)
        {
            await PastProblems.RefuseAsync(context, query.Symbol, atMs, past.KeptFromMs);
            return;
        }

        await WriteAsync(context, query, location, bars, limit, past.NewestMs(timeframe));
    }

    /// <summary>Writes the first <paramref name="limit"/> of <paramref name="bars"/>; where there are more, there is a next page.</summary>
    private Task WriteAsync(
        HttpContext context, in PagedQuery query, SymbolLocation location, List<ReadOnlyMemory<byte>> bars, int limit, long? pastMs)
    {
        long? last = bars.Count > limit ? StoredRecord.OpenTime(bars[limit - 1].Span) : null;
        var items = CollectionsMarshal.AsSpan(bars)[..Math.Min(limit, bars.Count)];
        foreach (ref ReadOnlyMemory<byte> item in items)
            item = StoredRecord.Public(item);
        return pages.WriteAsync(context.Response, query, "bars", location, items, last, pastMs);
    }

    private static ReadOnlyMemory<byte> Memory(RedisValue record) => record;
}
