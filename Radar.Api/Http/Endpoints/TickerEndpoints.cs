using System.Collections.Immutable;
using System.Text;
using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Contract;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>Newest trades: of one symbol, of several, of all.</summary>
internal sealed class TickerEndpoints(
    SymbolRequests requests, SymbolReads reads, Staleness staleness, ListRequests lists, BoardReads boardReads)
{
    public static readonly QueryParameter[] TickerParameters = [Parameters.AsOf, Parameters.MaxStalenessMs];

    public static readonly QueryParameter[] TickersParameters =
        [Parameters.Symbols, Parameters.Limit, Parameters.SymbolPageToken, Parameters.AsOf, Parameters.MaxStalenessMs];

    public static readonly ApiOperation TickerOperation = new(
        "getTicker",
        "Newest trade of a symbol",
        "Moves forward only, ordered by event time, then by place in the topic.",
        TickerParameters,
        typeof(TickerAnswer),
        """{"symbol":"BTCUSDT",""" + Examples.TradeMembers + ",\"meta\":" + Examples.Meta + "}");

    public static readonly ApiOperation TickersOperation = new(
        "getTickers",
        "Newest trade of several symbols, or of all",
        "Ordered by symbol. Those of one partition are one consistent read. as_of needs symbols.",
        TickersParameters,
        typeof(TickersAnswer),
        """{"tickers":[""" + Examples.Ticker + """],"next_page_token":null,"meta":""" + Examples.ListMeta + "}",
        RouteKind.List);

    public static void Map(IEndpointRouteBuilder v2)
    {
        v2.MapGet("/tickers", static (HttpContext context, TickerEndpoints endpoints) => endpoints.TickersAsync(context))
            .Describe(TickersOperation);
        v2.MapGet("/tickers/{**symbol:minlength(1)}", static (HttpContext context, string symbol, TickerEndpoints endpoints) =>
            endpoints.TickerAsync(context, symbol)).Describe(TickerOperation);
    }

    private async Task<IResult> TickerAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request, TickerParameters);
        symbol = request.Symbol(symbol, requests.Symbols);
        long? asOfMs = request.Time(Parameters.AsOf);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        Deadline deadline = requests.Begin();
        var opened = await requests.OpenAsync(context, deadline, request.Error, symbol, page: null, maxStalenessMs, asOfMs);
        if (opened.Answer is { } answer)
            return answer;

        var found = opened.Value;
        if (asOfMs is { } atMs)
            return await TickerAsOfAsync(context, deadline, found, symbol, atMs, maxStalenessMs);

        // The stored object, with one member more.
        var open = StoredRecord.Public(found.Latest)[..^1];
        return await Answer.WriteAsync(
            context.Response, AnswerVersion.Of(found), open.Span, [], SymbolPages.Tail(",", staleness.Of(found)));
    }

    private async Task<IResult> TickerAsOfAsync(
        HttpContext context, Deadline deadline, SymbolLocation found, string symbol, long atMs, long? maxStalenessMs)
    {
        var read = await reads.PastAsync(deadline, found.Keys, symbol, atMs);
        PastSymbol? past = read.Symbols is [var only] ? only : null;
        var confirmed = requests.Confirm(found, PastProblems.Location(found.Keys, read.Position, past), maxStalenessMs);
        if (confirmed.Answer is { } refusal)
            return refusal;
        if (past!.Trade() is not { Known: true } trade)
            return PastProblems.Inexact(symbol, atMs, past.KeptFromMs);

        return await Answer.WriteAsync(
            context.Response, AnswerVersion.Of(confirmed.Value), Ticker(symbol, trade.Record).Span[..^1], [],
            SymbolPages.Tail(",", staleness.Of(confirmed.Value, StoredRecord.Order(trade.Record.Span).TimestampMs)));
    }

    private async Task<IResult> TickersAsync(HttpContext context)
    {
        var request = new RequestReader(context.Request, TickersParameters);
        var symbols = request.Symbols(Parameters.Symbols, lists.Symbols);
        long? asOfMs = request.Time(Parameters.AsOf);
        if (asOfMs is not null && symbols is null)
            request.Wrong(Parameters.AsOf.Name, $"as_of needs symbols, at most {Parameters.Symbols.Max}.");
        var query = new SymbolQuery("tickers", symbols is { } asked ? string.Join(',', asked) : "", asOfMs);
        string? behind = request.PageToken(query);
        int limit = SymbolPages.Limit(ref request);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        if (asOfMs is { } atMs && symbols is { } past)
        {
            Deadline deadline = lists.Begin();
            return await lists.CheckAsync(context, deadline, request.Error, maxStalenessMs)
                ?? await TickersAsOfAsync(
                    context, deadline, query, ListRequests.Allowed(context, past), atMs, behind, limit, maxStalenessMs);
        }

        var opened = await lists.OpenAsync(context, request.Error, symbols, maxStalenessMs);
        if (opened.Answer is { } answer)
            return answer;
        var view = opened.Value;
        var page = SymbolPage.Cut(view.Tickers, static ticker => ticker.Symbol, "", behind, limit);
        var items = page.ConvertAll(ticker => StoredRecord.Public(ticker.Latest));
        long? newestMs = page.Items.IsEmpty ? null : page.Items.Max(ticker => ticker.TimestampMs);
        return await lists.WriteAsync(context.Response, view.Version, newestMs, "{\"tickers\":["u8, items, page.Tail(query));
    }

    private async Task<IResult> TickersAsOfAsync(
        HttpContext context, Deadline deadline, SymbolQuery query, ImmutableArray<string> symbols, long atMs, string? behind, int limit,
        long? maxStalenessMs)
    {
        var opened = lists.Open(context, await boardReads.PastAsync(deadline, symbols, atMs, Timeframe.Minute), maxStalenessMs);
        if (opened.Answer is { } answer)
            return answer;
        var read = opened.Value;

        var page = SymbolPage.Cut(read.Symbols, static past => past.Symbol, "", behind, limit);
        var items = new ReadOnlyMemory<byte>[page.Items.Length];
        long? newestMs = null;
        for (int i = 0; i < items.Length; i++)
        {
            PastSymbol past = page.Items[i];
            if (past.Trade() is not { Known: true } trade)
                return PastProblems.Inexact(past.Symbol, atMs, past.KeptFromMs);
            items[i] = Ticker(past.Symbol, trade.Record);
            newestMs = Math.Max(newestMs ?? 0, StoredRecord.Order(trade.Record.Span).TimestampMs);
        }

        return await lists.WriteAsync(context.Response, read.Version, newestMs, "{\"tickers\":["u8, items, page.Tail(query));
    }

    /// <summary>A ticker from a latest or a trade record.</summary>
    private static ReadOnlyMemory<byte> Ticker(string symbol, ReadOnlyMemory<byte> record) =>
        (byte[])[.. Encoding.UTF8.GetBytes($"{{\"symbol\":\"{symbol}\","), .. StoredRecord.TradeMembers(record).Span];
}
