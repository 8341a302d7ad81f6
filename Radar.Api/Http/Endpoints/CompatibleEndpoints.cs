using System.Globalization;
using System.Text;
using Radar.Api.Board;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Contract;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>Version 1: routes and bodies of the original Python service. Query strings are ignored, as it did.</summary>
internal sealed class CompatibleEndpoints(SymbolRequests requests, SymbolReads reads)
{
    private const int HistoryLength = 60;

    public static readonly ApiOperation TickerOperation = new(
        "getTickerV1",
        "Newest trade of a symbol",
        "Route and body of the original service.",
        [],
        typeof(CompatibleTicker),
        """{"symbol":"BTCUSDT","price":61712.4,"timestamp":1723161255342}""");

    public static readonly ApiOperation HistoryOperation = new(
        "getHistoryV1",
        "Newest 60 trades of a symbol",
        "Route and body of the original service. Ordered by event time, oldest first.",
        [],
        typeof(CompatibleHistory),
        """{"symbol":"BTCUSDT","history":[{"p":61712.3,"t":1723161255101},{"p":61712.4,"t":1723161255342}]}""");

    public static void Map(IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/api/v1").WithTags("v1").WithHead();
        v1.MapGet("/ticker/{**symbol:minlength(1)}", static (HttpContext context, string symbol, CompatibleEndpoints endpoints) =>
            endpoints.TickerAsync(context, symbol)).Describe(TickerOperation);
        v1.MapGet("/history/{**symbol:minlength(1)}", static (HttpContext context, string symbol, CompatibleEndpoints endpoints) =>
            endpoints.HistoryAsync(context, symbol)).Describe(HistoryOperation);
    }

    /// <summary><c>{"symbol","price","timestamp"}</c></summary>
    private async Task<IResult> TickerAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request);
        symbol = request.Symbol(symbol, requests.Symbols);
        var opened = await requests.OpenAsync(context, requests.Begin(), request.Error, symbol);
        if (opened.Answer is { } answer)
            return answer;

        var location = opened.Value;
        string head = $"{{\"symbol\":\"{symbol}\",\"price\":";
        string tail = string.Create(CultureInfo.InvariantCulture, $",\"timestamp\":{location.TimestampMs}}}");
        return await Answer.WriteAsync(
            context.Response, AnswerVersion.Of(location), Encoding.UTF8.GetBytes(head), [StoredRecord.Price(location.Latest)],
            Encoding.UTF8.GetBytes(tail));
    }

    /// <summary><c>{"symbol","history":[{"p","t"}]}</c>, the newest by (timestamp, offset), ascending.</summary>
    private async Task<IResult> HistoryAsync(HttpContext context, string symbol)
    {
        var request = new RequestReader(context.Request);
        symbol = request.Symbol(symbol, requests.Symbols);
        Deadline deadline = requests.Begin();
        var opened = await requests.OpenAsync(context, deadline, request.Error, symbol);
        if (opened.Answer is { } answer)
            return answer;

        var read = await reads.TradesAsync(deadline, opened.Value.Keys, symbol);
        var confirmed = requests.Confirm(opened.Value, read.Location);
        if (confirmed.Answer is { } refusal)
            return refusal;
        var items = read.Records
            .Select(record => (Record: record, Order: StoredRecord.Order(record.Span)))
            .OrderByDescending(trade => trade.Order).Take(HistoryLength).Reverse()
            .Select(trade => Item(trade.Record, trade.Order.TimestampMs)).ToArray();
        return await Answer.WriteAsync(
            context.Response, AnswerVersion.Of(confirmed.Value), Encoding.UTF8.GetBytes($"{{\"symbol\":\"{symbol}\",\"history\":["),
            items, "]}"u8);
    }

    private static ReadOnlyMemory<byte> Item(ReadOnlyMemory<byte> record, long timestampMs)
    {
        string tail = string.Create(CultureInfo.InvariantCulture, $",\"t\":{timestampMs}}}");
        return (byte[])[.. "{\"p\":"u8, .. StoredRecord.Price(record).Span, .. Encoding.UTF8.GetBytes(tail)];
    }
}
