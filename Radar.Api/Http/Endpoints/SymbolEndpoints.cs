using System.Text;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;

namespace Radar.Api.Http.Endpoints;

/// <summary>Which symbols there are.</summary>
internal sealed class SymbolEndpoints(ListRequests lists)
{
    public static readonly QueryParameter[] SymbolsParameters =
        [Parameters.Prefix, Parameters.Limit, Parameters.SymbolPageToken, Parameters.MaxStalenessMs];

    public static void Map(IEndpointRouteBuilder v2) =>
        v2.MapGet("/symbols", static (HttpContext context, SymbolEndpoints endpoints) => endpoints.SymbolsAsync(context))
            .Describe(ApiOperations.Symbols);

    private async Task SymbolsAsync(HttpContext context)
    {
        var request = new RequestReader(context.Request, SymbolsParameters);
        string prefix = request.Prefix();
        var query = new SymbolQuery("symbols", prefix, AsOfMs: null);
        string? behind = request.PageToken(query);
        int limit = SymbolPages.Limit(ref request);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        if (await lists.OpenAsync(context, request.Error, symbols: null, maxStalenessMs) is not { } view)
            return;

        var page = SymbolPage.Cut(view.Tickers, static ticker => ticker.Symbol, prefix, behind, limit);
        var items = page.ConvertAll(static ticker => Encoding.ASCII.GetBytes($"\"{ticker.Symbol}\""));
        long? newestMs = page.Items.IsEmpty ? null : page.Items.Max(ticker => ticker.TimestampMs);
        await lists.WriteAsync(context.Response, view.Version, newestMs, "{\"symbols\":["u8, items, page.Tail(query));
    }
}
