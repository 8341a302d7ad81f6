using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>Several symbols at a glance: newest trade, the bars that it is in, and the day before.</summary>
internal sealed class SnapshotEndpoints(ListRequests lists, BoardReads reads)
{
    public static readonly QueryParameter[] SnapshotsParameters = [Parameters.RequiredSymbols, Parameters.AsOf, Parameters.MaxStalenessMs];

    public static void Map(IEndpointRouteBuilder v2) =>
        v2.MapGet("/snapshots", static (HttpContext context, SnapshotEndpoints endpoints) => endpoints.SnapshotsAsync(context))
            .Describe(ApiOperations.Snapshots);

    private async Task SnapshotsAsync(HttpContext context)
    {
        var request = new RequestReader(context.Request, SnapshotsParameters);
        var symbols = request.Symbols(Parameters.RequiredSymbols) ?? [];
        long? asOfMs = request.Time(Parameters.AsOf);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        if (await lists.IsAnsweredAsync(context, request.Error, maxStalenessMs))
            return;
        if (asOfMs is { } atMs)
        {
            await SnapshotsAsOfAsync(context, symbols, atMs, maxStalenessMs);
            return;
        }

        if (await lists.OpenAsync(context, await reads.SnapshotsAsync(context, symbols), maxStalenessMs) is not { } read)
            return;
        var items = new ReadOnlyMemory<byte>[read.Symbols.Length];
        long? newestMs = null;
        for (int i = 0; i < items.Length; i++)
        {
            SymbolSnapshot snapshot = read.Symbols[i];
            items[i] = Item(
                snapshot.Symbol, snapshot.Latest, snapshot.Minute, snapshot.Days[0], snapshot.Days.Length > 1 ? snapshot.Days[1] : default);
            newestMs = Math.Max(newestMs ?? 0, StoredRecord.Order(snapshot.Latest.Span).TimestampMs);
        }

        await lists.WriteAsync(context.Response, read.Version, newestMs, "{\"snapshots\":["u8, items, "],");
    }

    private async Task SnapshotsAsOfAsync(HttpContext context, ImmutableArray<string> symbols, long atMs, long? maxStalenessMs)
    {
        if (await lists.OpenAsync(context, await reads.PastAsync(context, symbols, atMs, Timeframe.Day), maxStalenessMs) is not { } read)
            return;
        var items = new ReadOnlyMemory<byte>[read.Symbols.Length];
        long? newestMs = null;
        for (int i = 0; i < items.Length; i++)
        {
            PastSymbol past = read.Symbols[i];
            var trade = past.Trade();
            var minute = past.Bars(Timeframe.Minute).Newest;
            var (day, dayBefore) = past.Bars(Timeframe.Day);
            if (!trade.Known || !minute.Known || !day.Known)
            {
                await PastProblems.RefuseAsync(context, past.Symbol, atMs, past.KeptFromMs);
                return;
            }

            items[i] = Item(past.Symbol, trade.Record, minute.Record, day.Record, dayBefore.Record);
            newestMs = Math.Max(newestMs ?? 0, StoredRecord.Order(trade.Record.Span).TimestampMs);
        }

        await lists.WriteAsync(context.Response, read.Version, newestMs, "{\"snapshots\":["u8, items, "],");
    }

    private static ReadOnlyMemory<byte> Item(
        string symbol, ReadOnlyMemory<byte> trade, ReadOnlyMemory<byte> minute, ReadOnlyMemory<byte> day, ReadOnlyMemory<byte> dayBefore)
    {
        var item = new ArrayBufferWriter<byte>(1024);
        Encoding.ASCII.GetBytes($"{{\"symbol\":\"{symbol}\",\"latest_trade\":{{", item);
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
