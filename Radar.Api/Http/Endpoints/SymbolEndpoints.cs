using System.Text;
using Radar.Api.Http.Contract;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;

namespace Radar.Api.Http.Endpoints;

/// <summary>Which symbols there are.</summary>
internal sealed class SymbolEndpoints(ListRequests lists)
{
    private static readonly PrefixParameter Prefix = new("prefix", $"What the symbols begin with, {Parameters.InAnyCase}.", "BT");

    public static readonly QueryParameter[] SymbolsParameters =
        [Prefix, Parameters.Limit, Parameters.SymbolPageToken, Parameters.MaxStalenessMs];

    public static readonly ApiOperation SymbolsOperation = new(
        "getSymbols",
        "Symbols, by name",
        "Every symbol of which a trade was ingested, in ordinal order. Pages stay in place while new symbols arrive.",
        SymbolsParameters,
        typeof(SymbolsAnswer),
        $$"""{"symbols":["BTCUSDC","BTCUSDT"],"next_page_token":"{{SymbolPageToken.Example}}","meta":""" + Examples.ListMeta + "}",
        RouteKind.List);

    public static void Map(IEndpointRouteBuilder v2) =>
        v2.MapGet("/symbols", static (HttpContext context, SymbolEndpoints endpoints) => endpoints.SymbolsAsync(context))
            .Describe(SymbolsOperation);

    private async Task<IResult> SymbolsAsync(HttpContext context)
    {
        var request = new RequestReader(context.Request, SymbolsParameters);
        string prefix = request.Prefix(Prefix, lists.Symbols);
        var query = new SymbolQuery("symbols", prefix, AsOfMs: null);
        string? behind = request.PageToken(query);
        int limit = SymbolPages.Limit(ref request);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        var opened = await lists.OpenAsync(context, request.Error, symbols: null, maxStalenessMs);
        if (opened.Answer is { } answer)
            return answer;

        var view = opened.Value;
        var page = SymbolPage.Cut(view.Tickers, static ticker => ticker.Symbol, prefix, behind, limit);
        var items = page.ConvertAll(static ticker => Encoding.UTF8.GetBytes($"\"{ticker.Symbol}\""));
        long? newestMs = page.Items.IsEmpty ? null : page.Items.Max(ticker => ticker.TimestampMs);
        return await lists.WriteAsync(context.Response, view.Version, newestMs, "{\"symbols\":["u8, items, page.Tail(query));
    }
}
