using System.Collections.Immutable;
using System.Text;
using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Api.Http.Answers;
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

    public static void Map(IEndpointRouteBuilder v2)
    {
        v2.MapGet("/tickers", static (HttpContext context, TickerEndpoints endpoints) => endpoints.TickersAsync(context))
            .Describe(ApiOperations.Tickers);
        v2.MapGet("/tickers/{**symbol:minlength(1)}", static (HttpContext context, string symbol, TickerEndpoints endpoints) =>
            endpoints.TickerAsync(context, symbol)).Describe(ApiOperations.Ticker);
    }

    private async Task TickerAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request, TickerParameters);
        symbol = request.Symbol(symbol);
        long? asOfMs = request.Time(Parameters.AsOf);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        if (await requests.OpenAsync(context, request.Error, symbol, page: null, maxStalenessMs, asOfMs) is not { } found)
            return;

        if (asOfMs is { } atMs)
        {
            await TickerAsOfAsync(context, found, symbol, atMs, maxStalenessMs);
            return;
        }

        // The stored object, with one member more.
        var open = StoredRecord.Public(found.Latest)[..^1];
        await Answer.WriteAsync(
            context.Response, AnswerVersion.Of(found), open.Span, [], SymbolPages.Tail(",", staleness.Of(found)));
    }

    private async Task TickerAsOfAsync(HttpContext context, SymbolLocation found, string symbol, long atMs, long? maxStalenessMs)
    {
        var read = await reads.PastAsync(context, found.Keys, symbol, atMs);
        PastSymbol? past = read.Symbols is [var only] ? only : null;
        if (await requests.ConfirmAsync(context, found, PastProblems.Location(found.Keys, read.Position, past), maxStalenessMs) is not { } location
            || past is null)
            return;

        if (past.Trade() is not { Known: true } trade)
        {
            await PastProblems.RefuseAsync(context, symbol, atMs, past.KeptFromMs);
            return;
        }

        await Answer.WriteAsync(
            context.Response, AnswerVersion.Of(location), Ticker(symbol, trade.Record).Span[..^1], [],
            SymbolPages.Tail(",", staleness.Of(location, StoredRecord.Order(trade.Record.Span).TimestampMs)));
    }

    private async Task TickersAsync(HttpContext context)
    {
        var request = new RequestReader(context.Request, TickersParameters);
        var symbols = request.Symbols(Parameters.Symbols);
        long? asOfMs = request.Time(Parameters.AsOf);
        if (asOfMs is not null && symbols is null)
            request.Wrong(Parameters.AsOf.Name, $"as_of needs symbols, at most {Parameters.Symbols.Max}.");
        var query = new SymbolQuery("tickers", symbols is { } asked ? string.Join(',', asked) : "", asOfMs);
        string? behind = request.PageToken(query);
        int limit = SymbolPages.Limit(ref request);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        if (asOfMs is { } atMs && symbols is { } past)
        {
            if (!await lists.IsAnsweredAsync(context, request.Error, maxStalenessMs))
                await TickersAsOfAsync(context, query, past, atMs, behind, limit, maxStalenessMs);
            return;
        }

        if (await lists.OpenAsync(context, request.Error, symbols, maxStalenessMs) is not { } view)
            return;
        var page = SymbolPage.Cut(view.Tickers, static ticker => ticker.Symbol, "", behind, limit);
        var items = page.ConvertAll(ticker => StoredRecord.Public(ticker.Latest));
        long? newestMs = page.Items.IsEmpty ? null : page.Items.Max(ticker => ticker.TimestampMs);
        await lists.WriteAsync(context.Response, view.Version, newestMs, "{\"tickers\":["u8, items, page.Tail(query));
    }

    private async Task TickersAsOfAsync(
        HttpContext context, SymbolQuery query, ImmutableArray<string> symbols, long atMs, string? behind, int limit, long? maxStalenessMs)
    {
        if (await lists.OpenAsync(context, await boardReads.PastAsync(context, symbols, atMs, Timeframe.Minute), maxStalenessMs) is not { } read)
            return;

        var page = SymbolPage.Cut(read.Symbols, static past => past.Symbol, "", behind, limit);
        var items = new ReadOnlyMemory<byte>[page.Items.Length];
        long? newestMs = null;
        for (int i = 0; i < items.Length; i++)
        {
            PastSymbol past = page.Items[i];
            if (past.Trade() is not { Known: true } trade)
            {
                await PastProblems.RefuseAsync(context, past.Symbol, atMs, past.KeptFromMs);
                return;
            }

            items[i] = Ticker(past.Symbol, trade.Record);
            newestMs = Math.Max(newestMs ?? 0, StoredRecord.Order(trade.Record.Span).TimestampMs);
        }

        await lists.WriteAsync(context.Response, read.Version, newestMs, "{\"tickers\":["u8, items, page.Tail(query));
    }

    /// <summary>A ticker from a latest or a trade record.</summary>
    private static ReadOnlyMemory<byte> Ticker(string symbol, ReadOnlyMemory<byte> record) =>
        (byte[])[.. Encoding.ASCII.GetBytes($"{{\"symbol\":\"{symbol}\","), .. StoredRecord.TradeMembers(record).Span];
}
