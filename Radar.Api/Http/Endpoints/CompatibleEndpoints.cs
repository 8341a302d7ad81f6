using System.Globalization;
using System.Text;
using Radar.Api.Board;
using Radar.Api.Http.Answers;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>Version 1: routes and bodies of the original Python service. Query strings are ignored, as it did.</summary>
internal sealed class CompatibleEndpoints(SymbolRequests requests, SymbolReads reads)
{
    private const int HistoryLength = 60;

    public static void Map(IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/api/v1").WithTags("v1").WithHead();
        v1.MapGet("/ticker/{**symbol:minlength(1)}", static (HttpContext context, string symbol, CompatibleEndpoints endpoints) =>
            endpoints.TickerAsync(context, symbol)).Describe(ApiOperations.CompatibleTicker);
        v1.MapGet("/history/{**symbol:minlength(1)}", static (HttpContext context, string symbol, CompatibleEndpoints endpoints) =>
            endpoints.HistoryAsync(context, symbol)).Describe(ApiOperations.CompatibleHistory);
    }

    /// <summary><c>{"symbol","price","timestamp"}</c></summary>
    private async Task TickerAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request);
        symbol = request.Symbol(symbol);
        if (await requests.OpenAsync(context, request.Error, symbol) is not { } location)
            return;

        string head = $"{{\"symbol\":\"{symbol}\",\"price\":";
        string tail = string.Create(CultureInfo.InvariantCulture, $",\"timestamp\":{location.TimestampMs}}}");
        await Answer.WriteAsync(
            context.Response, AnswerVersion.Of(location), Encoding.ASCII.GetBytes(head), [StoredRecord.Price(location.Latest)],
            Encoding.ASCII.GetBytes(tail));
    }

    /// <summary><c>{"symbol","history":[{"p","t"}]}</c>, the newest by (timestamp, offset), ascending.</summary>
    private async Task HistoryAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request);
        symbol = request.Symbol(symbol);
        if (await requests.OpenAsync(context, request.Error, symbol) is not { } found)
            return;

        var read = await reads.TradesAsync(context, found.Keys, symbol);
        if (await requests.ConfirmAsync(context, found, read.Location) is not { } location)
            return;
        var items = read.Records
            .Select(record => (Record: (ReadOnlyMemory<byte>)record, Order: StoredRecord.Order(((ReadOnlyMemory<byte>)record).Span)))
            .OrderByDescending(trade => trade.Order).Take(HistoryLength).Reverse()
            .Select(trade => Item(trade.Record, trade.Order.TimestampMs)).ToArray();
        await Answer.WriteAsync(
            context.Response, AnswerVersion.Of(location), Encoding.ASCII.GetBytes($"{{\"symbol\":\"{symbol}\",\"history\":["),
            items, "]}"u8);
    }

    private static ReadOnlyMemory<byte> Item(ReadOnlyMemory<byte> record, long timestampMs)
    {
        string tail = string.Create(CultureInfo.InvariantCulture, $",\"t\":{timestampMs}}}");
        return (byte[])[.. "{\"p\":"u8, .. StoredRecord.Price(record).Span, .. Encoding.ASCII.GetBytes(tail)];
    }
}
