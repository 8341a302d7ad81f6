using System.Runtime.InteropServices;
using Radar.Api.Http.Contract;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>The bars of a symbol.</summary>
internal sealed class BarEndpoints(SymbolRequests requests, SymbolReads reads, SymbolPages pages)
{
    private static readonly ChoiceParameter TimeframeParameter = new(
        "timeframe",
        "Length of the bars; short forms are " + string.Join(", ", BarTimeframe.All.Select(frame => frame.Aliases[0]))
            + " (1m is a minute, 1M a month). "
            + string.Join(", ", BarTimeframe.All.Where(frame => !frame.IsStored).Select(frame => frame.Name))
            + " are built from shorter ones and reach back as far as those are kept. Weeks begin on Monday.",
        [.. BarTimeframe.All.Select(frame => new Choice(frame.Name, [.. frame.Aliases]))]);

    public static readonly QueryParameter[] BarsParameters = [TimeframeParameter, .. TradeEndpoints.TradesParameters];

    public static readonly ApiOperation BarsOperation = new(
        "getBars",
        "Bars of a symbol",
        "Open, high, low, close, volume, number of trades and volume-weighted price. A late trade corrects its bar.",
        BarsParameters,
        typeof(BarsAnswer),
        """{"symbol":"BTCUSDT","bars":[""" + Examples.Bar + """],"next_page_token":"""
            + $"\"{PageToken.Example}\",\"meta\":" + Examples.Meta + "}");

    public static void Map(IEndpointRouteBuilder v2) =>
        v2.MapGet("/bars/{**symbol:minlength(1)}", static (HttpContext context, string symbol, BarEndpoints endpoints) =>
            endpoints.BarsAsync(context, symbol)).Describe(BarsOperation);

    private async Task<IResult> BarsAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request, BarsParameters);
        string name = request.Choice(TimeframeParameter);
        BarTimeframe timeframe = BarTimeframe.All.Single(frame => frame.Name == name);
        var query = SymbolPages.Query(ref request, "bars." + timeframe, symbol, requests.Symbols);
        var page = request.PageToken(query);
        int limit = SymbolPages.Limit(ref request);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        Deadline deadline = requests.Begin();
        var opened = await requests.OpenAsync(context, deadline, request.Error, query.Symbol, page, maxStalenessMs, query.AsOfMs);
        if (opened.Answer is { } answer)
            return answer;

        var found = opened.Value;
        long startMs = !query.Descending && page is { } behind ? Math.Max(query.StartMs, behind.Last + 1) : query.StartMs;
        long endMs = query.Descending && page is { } before ? Math.Min(query.EndMs, before.Last - 1) : query.EndMs;
        var range = BarRange.Of(timeframe, startMs, endMs, found);
        if (query.AsOfMs is { } atMs)
            return await BarsAsOfAsync(context, deadline, query, range, found, limit, atMs, maxStalenessMs);

        // One more than asked for shows whether there is a next page.
        var read = await reads.BarsAsync(
            deadline, found.Keys, query.Symbol, timeframe.Stored, range.StartMs, range.EndMs, query.Descending, range.StoredFor(limit + 1));
        var confirmed = requests.Confirm(found, read.Location, maxStalenessMs);
        return confirmed.Answer ?? await WriteAsync(context, query, confirmed.Value, range.Bars(read.Records), limit, pastMs: null);
    }

    /// <summary>Bars that had begun by then; all but the last are as they are.</summary>
    private async Task<IResult> BarsAsOfAsync(
        HttpContext context, Deadline deadline, PagedQuery query, BarRange range, SymbolLocation found, int limit, long atMs,
        long? maxStalenessMs)
    {
        Timeframe stored = range.Timeframe.Stored;

        // Two more than asked for: one shows whether there is a next page, one may turn out not to have begun.
        var read = await reads.PastBarsAsync(
            deadline, found.Keys, query.Symbol, stored, range.StartMs, Math.Min(range.EndMs, atMs), query.Descending,
            range.StoredFor(limit + 2), atMs);
        var confirmed = requests.Confirm(found, PastProblems.Location(found.Keys, read.Position, read.Past), maxStalenessMs);
        if (confirmed.Answer is { } refusal)
            return refusal;

        PastSymbol past = read.Past!;
        var bars = new List<ReadOnlyMemory<byte>>(read.Bars.Count);
        bool known = past.ReachesBack(stored);
        foreach (ReadOnlyMemory<byte> bar in read.Bars)
        {
            var then = StoredRecord.OpenTime(bar.Span) == stored.OpenTime(atMs) ? past.Bar(stored) : new Past(true, bar);
            known &= then.Known;
            if (!then.Record.IsEmpty)
                bars.Add(then.Record);
        }

        if (!known)
            return PastProblems.Inexact(query.Symbol, atMs, past.KeptFromMs);
        return await WriteAsync(context, query, confirmed.Value, range.Bars(bars), limit, past.NewestMs(stored));
    }

    /// <summary>Writes the first <paramref name="limit"/> of <paramref name="bars"/>; where there are more, there is a next page.</summary>
    private Task<IResult> WriteAsync(
        HttpContext context, in PagedQuery query, SymbolLocation location, List<ReadOnlyMemory<byte>> bars, int limit, long? pastMs)
    {
        long? last = bars.Count > limit ? StoredRecord.OpenTime(bars[limit - 1].Span) : null;
        var items = CollectionsMarshal.AsSpan(bars)[..Math.Min(limit, bars.Count)];
        foreach (ref ReadOnlyMemory<byte> item in items)
            item = StoredRecord.Public(item);
        return pages.WriteAsync(context.Response, query, "bars", location, items, last, pastMs);
    }
}
