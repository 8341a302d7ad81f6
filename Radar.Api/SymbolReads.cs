using System.Diagnostics;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api;

/// <summary>Reads one symbol from Redis, each read in a span of its own where somebody listens.</summary>
internal sealed class SymbolReads(MarketReader reader)
{
    /// <summary>Finds a symbol and links the request to the trace of the event that it serves.</summary>
    /// <param name="symbol">Folded.</param>
    /// <param name="partition">Where to look; null is everywhere.</param>
    public async Task<SymbolLookup> FindAsync(string symbol, int? partition = null)
    {
        // The link belongs to the request; where that is not recorded, to the read.
        Activity? request = Activity.Current is { IsAllDataRequested: true } current ? current : null;
        using Activity? span = RedisSpan.Begin("HGET");
        try
        {
            if (await reader.LayoutAsync() is not { } layout)
                return new SymbolLookup(NothingTakenIn: true, null);
            var location = partition is not { } number ? await reader.FindAsync(layout, symbol)
                : number < layout.PartitionCount ? await reader.FindAsync(new RedisKeys(layout.Epoch, number), symbol)
                : null;
            if ((request ?? span) is { } linked && location is not null)
                Link(linked, location);
            return new SymbolLookup(NothingTakenIn: false, location);
        }
        catch (Exception e)
        {
            RedisSpan.Fail(span, e);
            throw;
        }
    }

    public Task<SymbolRecords> TradesAsync(RedisKeys keys, string symbol) =>
        RedisSpan.TraceAsync("LRANGE", () => reader.TradesAsync(keys, symbol));

    public Task<SymbolRecords> BarsAsync(
        RedisKeys keys, string symbol, Timeframe timeframe, long startMs, long endMs, bool descending, int limit) =>
        RedisSpan.TraceAsync("ZRANGEBYSCORE", () => reader.BarsAsync(keys, symbol, timeframe, startMs, endMs, descending, limit));

    /// <summary>The symbol at a time in the past, with the position that it was read at.</summary>
    public Task<PartitionRead<PastSymbol>> PastAsync(RedisKeys keys, string symbol, long atMs) =>
        RedisSpan.TraceAsync("MULTI", () => reader.PastAsync(keys, [symbol], atMs, Timeframe.Minute));

    /// <inheritdoc cref="MarketReader.PastBarsAsync"/>
    public Task<(PartitionPosition? Position, PastSymbol? Past, RedisValue[] Bars)> PastBarsAsync(
        RedisKeys keys, string symbol, Timeframe timeframe, long startMs, long endMs, bool descending, int limit, long atMs) =>
        RedisSpan.TraceAsync(
            "MULTI", () => reader.PastBarsAsync(keys, symbol, timeframe, startMs, endMs, descending, limit, atMs));

    private static void Link(Activity activity, SymbolLocation location)
    {
        if (StoredRecord.Latest(location.Latest.Span).TraceParent is { } traceParent
            && ActivityContext.TryParse(traceParent, null, isRemote: true, out ActivityContext served))
            activity.AddLink(new ActivityLink(served));
    }
}

/// <summary>What looking for a symbol came to.</summary>
/// <param name="NothingTakenIn">No consumer has written anything yet.</param>
/// <param name="Location">Null where no partition has the symbol.</param>
internal readonly record struct SymbolLookup(bool NothingTakenIn, SymbolLocation? Location);
