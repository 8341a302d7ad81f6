using System.Globalization;
using System.Text;
using Radar.Api.Freshness;
using Radar.Api.OpenApi;
using Radar.Api.Requests;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api;

/// <summary>Version 2: one symbol's ticker, trades and bars.</summary>
internal sealed class MarketEndpoints(SymbolRequests requests, SymbolReads reads, Staleness staleness)
{
    public static readonly QueryParameter[] TickerParameters = [Parameters.MaxStalenessMs];

    public static readonly QueryParameter[] TradesParameters =
        [Parameters.Start, Parameters.End, Parameters.Limit, Parameters.Sort, Parameters.PageToken, Parameters.MaxStalenessMs];

    public static readonly QueryParameter[] BarsParameters = [Parameters.Timeframe, .. TradesParameters];

    public static void Map(IEndpointRouteBuilder app)
    {
        var v2 = app.MapGroup("/api/v2").WithTags("v2");
        v2.MapGet("/tickers/{**symbol:minlength(1)}", static (HttpContext context, string symbol, MarketEndpoints endpoints) =>
            endpoints.TickerAsync(context, symbol)).Describe(ApiOperations.Ticker);
        v2.MapGet("/trades/{**symbol:minlength(1)}", static (HttpContext context, string symbol, MarketEndpoints endpoints) =>
            endpoints.TradesAsync(context, symbol)).Describe(ApiOperations.Trades);
        v2.MapGet("/bars/{**symbol:minlength(1)}", static (HttpContext context, string symbol, MarketEndpoints endpoints) =>
            endpoints.BarsAsync(context, symbol)).Describe(ApiOperations.Bars);
    }

    private async Task TickerAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request, TickerParameters);
        symbol = request.Symbol(symbol);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        if (await requests.OpenAsync(context, request.Error, symbol, page: null, maxStalenessMs) is not { } location)
            return;

        // The stored object, with one member more.
        var open = StoredRecord.Public(location.Latest)[..^1];
        await Answer.WriteAsync(context.Response, AnswerVersion.Of(location), open.Span, [], Tail(",", location));
    }

    private async Task TradesAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request, TradesParameters);
        var query = Query(ref request, "trades", symbol);
        var page = request.PageToken(query);
        int limit = Limit(ref request);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        if (await requests.OpenAsync(context, request.Error, query.Symbol, page, maxStalenessMs) is not { } found)
            return;

        var read = await reads.TradesAsync(found.Keys, query.Symbol);
        var items = Select(read.Records, query, page?.Last, limit, out long? last);
        await WriteAsync(context, query, read.Location ?? found, items, last);
    }

    private async Task BarsAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request, BarsParameters);
        string name = request.Choice(Parameters.Timeframe);
        Timeframe timeframe = Timeframe.All.Single(frame => frame.Name == name);
        var query = Query(ref request, "bars." + timeframe, symbol);
        var page = request.PageToken(query);
        int limit = Limit(ref request);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        if (await requests.OpenAsync(context, request.Error, query.Symbol, page, maxStalenessMs) is not { } found)
            return;

        long startMs = !query.Descending && page is { } behind ? Math.Max(query.StartMs, behind.Last + 1) : query.StartMs;
        long endMs = query.Descending && page is { } before ? Math.Min(query.EndMs, before.Last - 1) : query.EndMs;

        // One more than asked for tells whether there is a next page.
        var read = await reads.BarsAsync(found.Keys, query.Symbol, timeframe, startMs, endMs, query.Descending, limit + 1);
        var items = new List<ReadOnlyMemory<byte>>(Math.Min(limit, read.Records.Length));
        foreach (RedisValue record in read.Records.AsSpan(0, Math.Min(limit, read.Records.Length)))
            items.Add(StoredRecord.Public((ReadOnlyMemory<byte>)record));
        long? last = read.Records.Length > limit ? StoredRecord.OpenTime(((ReadOnlyMemory<byte>)read.Records[limit - 1]).Span) : null;
        await WriteAsync(context, query, read.Location ?? found, items, last);
    }

    private static PagedQuery Query(ref RequestReader request, string kind, string symbol)
    {
        symbol = request.Symbol(symbol);
        var (startMs, endMs) = request.Times();
        return new PagedQuery(kind, symbol, startMs, endMs, Descending: request.Choice(Parameters.Sort) == "desc");
    }

    private static int Limit(ref RequestReader request) => (int)(request.Integer(Parameters.Limit) ?? 0);

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

    private Task WriteAsync(
        HttpContext context, in PagedQuery query, SymbolLocation location, List<ReadOnlyMemory<byte>> items, long? last)
    {
        string member = query.Kind[..4] == "bars" ? "bars" : "trades";
        string token = last is { } at ? $"\"{new PageToken(location.Keys.Partition, at).Format(query)}\"" : "null";
        return Answer.WriteAsync(
            context.Response,
            AnswerVersion.Of(location),
            Encoding.ASCII.GetBytes($"{{\"symbol\":\"{query.Symbol}\",\"{member}\":["),
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(items),
            Tail($"],\"next_page_token\":{token},", location));
    }

    /// <summary><paramref name="before"/>, <c>"meta":{…}</c> and the closing brace.</summary>
    private byte[] Tail(string before, SymbolLocation location)
    {
        Span<byte> meta = stackalloc byte[Meta.LengthMax];
        int length = staleness.Of(location).Format(meta);
        return [.. Encoding.ASCII.GetBytes(before), .. "\"meta\":"u8, .. meta[..length], (byte)'}'];
    }
}
