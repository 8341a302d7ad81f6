using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Radar.Api.Http.Contract;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>Several symbols at a glance: newest trade, the bars that it is in, and the day before.</summary>
internal sealed class SnapshotEndpoints(ListRequests lists, BoardReads reads)
{
    private static readonly SymbolsParameter RequiredSymbols = Parameters.Symbols with
    {
        Description = $"Symbols {Parameters.InAnyCase}, separated by commas; those that are unknown are left out of the answer.",
        Required = true,
    };

    public static readonly QueryParameter[] SnapshotsParameters = [RequiredSymbols, Parameters.AsOf, Parameters.MaxStalenessMs];

    private const string DayExample =
        """{"t":"2024-08-08T00:00:00.000Z","o":55123.9,"h":62745.1,"l":54730.2,"c":61712.4,"v":38711.204,"n":2140118,"vw":58904.17}""";

    public static readonly ApiOperation SnapshotsOperation = new(
        "getSnapshots",
        "Symbols at a glance",
        "Newest trade, its minute and its day, and the day before. Those of one partition are one consistent read.",
        SnapshotsParameters,
        typeof(SnapshotsAnswer),
        """{"snapshots":[{"symbol":"BTCUSDT","latest_trade":""" + Examples.Trade + ",\"minute_bar\":" + Examples.Bar
            + ",\"daily_bar\":" + DayExample + ",\"previous_daily_bar\":null}],\"meta\":" + Examples.ListMeta + "}",
        RouteKind.List);

    public static void Map(IEndpointRouteBuilder v2) =>
        v2.MapGet("/snapshots", static (HttpContext context, SnapshotEndpoints endpoints) => endpoints.SnapshotsAsync(context))
            .Describe(SnapshotsOperation);

    private async Task<IResult> SnapshotsAsync(HttpContext context)
    {
        var request = new RequestReader(context.Request, SnapshotsParameters);
        var symbols = ListRequests.Allowed(context, request.Symbols(RequiredSymbols, lists.Symbols) ?? []);
        long? asOfMs = request.Time(Parameters.AsOf);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        Deadline deadline = lists.Begin();
        if (await lists.CheckAsync(context, deadline, request.Error, maxStalenessMs) is { } known)
            return known;
        if (asOfMs is { } atMs)
            return await SnapshotsAsOfAsync(context, deadline, symbols, atMs, maxStalenessMs);

        var opened = lists.Open(context, await reads.SnapshotsAsync(deadline, symbols), maxStalenessMs);
        if (opened.Answer is { } answer)
            return answer;
        var read = opened.Value;
        var items = new ReadOnlyMemory<byte>[read.Symbols.Length];
        long? newestMs = null;
        for (int i = 0; i < items.Length; i++)
        {
            SymbolSnapshot snapshot = read.Symbols[i];
            items[i] = Item(
                snapshot.Symbol, snapshot.Latest, snapshot.Minute, snapshot.Days[0], snapshot.Days.Count > 1 ? snapshot.Days[1] : default);
            newestMs = Math.Max(newestMs ?? 0, StoredRecord.Order(snapshot.Latest.Span).TimestampMs);
        }

        return await lists.WriteAsync(context.Response, read.Version, newestMs, "{\"snapshots\":["u8, items, "],");
    }

    private async Task<IResult> SnapshotsAsOfAsync(
        HttpContext context, Deadline deadline, ImmutableArray<string> symbols, long atMs, long? maxStalenessMs)
    {
        var opened = lists.Open(context, await reads.PastAsync(deadline, symbols, atMs, Timeframe.Day), maxStalenessMs);
        if (opened.Answer is { } answer)
            return answer;
        var read = opened.Value;
        var items = new ReadOnlyMemory<byte>[read.Symbols.Length];
        long? newestMs = null;
        for (int i = 0; i < items.Length; i++)
        {
            PastSymbol past = read.Symbols[i];
            var trade = past.Trade();
            var minute = past.Bars(Timeframe.Minute).Newest;
            var (day, dayBefore) = past.Bars(Timeframe.Day);
            if (!trade.Known || !minute.Known || !day.Known)
                return PastProblems.Inexact(past.Symbol, atMs, past.KeptFromMs);
            items[i] = Item(past.Symbol, trade.Record, minute.Record, day.Record, dayBefore.Record);
            newestMs = Math.Max(newestMs ?? 0, StoredRecord.Order(trade.Record.Span).TimestampMs);
        }

        return await lists.WriteAsync(context.Response, read.Version, newestMs, "{\"snapshots\":["u8, items, "],");
    }

    private static ReadOnlyMemory<byte> Item(
        string symbol, ReadOnlyMemory<byte> trade, ReadOnlyMemory<byte> minute, ReadOnlyMemory<byte> day, ReadOnlyMemory<byte> dayBefore)
    {
        var item = new ArrayBufferWriter<byte>(1024);
        Encoding.UTF8.GetBytes($"{{\"symbol\":\"{symbol}\",\"latest_trade\":{{", item);
        item.Write(StoredRecord.TradeMembers(trade).Span);
        item.Write(",\"minute_bar\":"u8);
        item.Write(StoredRecord.Public(minute).Span);
        item.Write(",\"daily_bar\":"u8);
        item.Write(StoredRecord.Public(day).Span);
        item.Write(",\"previous_daily_bar\":"u8);
        item.Write(dayBefore.IsEmpty ? "null"u8 : StoredRecord.Public(dayBefore).Span);
        item.Write("}"u8);
        return item.WrittenMemory;
    }
}
