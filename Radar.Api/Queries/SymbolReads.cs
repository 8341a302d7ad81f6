using System.Diagnostics;
using Radar.Api.Board;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Queries;

/// <summary>
/// Reads one symbol: its latest from the board while that is in sync, everything else from Redis, each read in a span of its own where
/// spans are recorded.
/// </summary>
internal sealed class SymbolReads(LiveBoard board, MarketReader reader, RedisSpan spans)
{
    /// <summary>Finds a symbol and links the request to the trace of the event that it serves.</summary>
    /// <param name="deadline">Of the request.</param>
    /// <param name="symbol">Normalized.</param>
    /// <param name="partition">Where to look; null is everywhere.</param>
    /// <param name="asOfMs">The time that the answer is of, Unix ms; an event after it is not served. Null is now.</param>
    public ValueTask<SymbolLookup> FindAsync(Deadline deadline, string symbol, int? partition = null, long? asOfMs = null)
    {
        var found = board.Find(symbol);
        bool elsewhere = partition is { } asked && found.Location?.Keys.Partition != asked;
        return found.InSync && !elsewhere
            ? new(Linked(new SymbolLookup(NothingIngested: false, found.Location), Activity.Current, asOfMs))
            : new(FindInRedisAsync(deadline, symbol, partition, elsewhere ? null : found.Location, asOfMs));
    }

    /// <param name="deadline">Of the request.</param>
    /// <param name="symbol">Normalized.</param>
    /// <param name="partition">Where to look; null is everywhere.</param>
    /// <param name="known">What the board had; served where Redis is away, or came back with less.</param>
    /// <param name="asOfMs">As of <see cref="FindAsync"/>.</param>
    private async Task<SymbolLookup> FindInRedisAsync(
        Deadline deadline, string symbol, int? partition, SymbolLocation? known, long? asOfMs)
    {
        var floor = board.Status.Floor;
        if (known is not null && board.Status.IsRedisDown && !floor.IsAbove(known))
            return Linked(new SymbolLookup(NothingIngested: false, known), Activity.Current, asOfMs);

        // The link belongs to the request; where that is not recorded, to the read.
        Activity? around = Activity.Current is { IsAllDataRequested: true } current ? current : null;
        using Activity? span = spans.Begin("HGET", keys: null);
        try
        {
            var (layout, location) = await deadline.WithinAsync(ReadAsync(symbol, partition));
            if (known is not null && IsBehind(layout, location, known))
                location = known;
            if (location is not null && floor.IsAbove(location))
                return new SymbolLookup(NothingIngested: false, null, IsLost: true);
            if (location is not null && location != known)
                board.NoteServed(location);
            return Linked(new SymbolLookup(NothingIngested: layout is null && location is null, location), around ?? span, asOfMs);
        }
        catch (Exception e) when (known is not null && StoreFaults.IsAway(e))
        {
            RedisSpan.Fail(span, e);
            board.MarkRedisDown();
            return floor.IsAbove(known)
                ? new SymbolLookup(NothingIngested: false, null, IsLost: true)
                : Linked(new SymbolLookup(NothingIngested: false, known), around ?? span, asOfMs);
        }
        catch (Exception e)
        {
            RedisSpan.Fail(span, e);
            throw;
        }
    }

    private async Task<(MarketLayout? Layout, SymbolLocation? Location)> ReadAsync(string symbol, int? partition)
    {
        if (await reader.LayoutAsync() is not { } layout)
            return (null, null);
        var location = partition is not { } number ? await reader.FindAsync(layout, symbol)
            : number < layout.PartitionCount ? await reader.FindAsync(layout.KeysOf(number), symbol)
            : null;
        return (layout, location);
    }

    /// <summary>Redis has less of the same log than the board had: it came back older, or was flushed, and will catch up.</summary>
    private static bool IsBehind(MarketLayout? layout, SymbolLocation? stored, SymbolLocation known) =>
        (layout is not { } read || (read.Epoch == known.Keys.Epoch && read.Identity == known.Position.Identity))
            && (stored is null || (stored.Keys == known.Keys && stored.Position.Offset < known.Position.Offset));

    public Task<SymbolRecords> TradesAsync(Deadline deadline, RedisKeys keys, string symbol) =>
        spans.TraceAsync(deadline, "LRANGE", keys, () => reader.TradesAsync(keys, symbol));

    /// <summary>The newest trades that are kept, or the oldest ones: at most <paramref name="count"/>.</summary>
    public Task<SymbolRecords> TradesAsync(Deadline deadline, RedisKeys keys, string symbol, int count, bool newest) =>
        spans.TraceAsync(deadline, "LRANGE", keys, () => reader.TradesAsync(keys, symbol, count, newest));

    public Task<SymbolRecords> BarsAsync(
        Deadline deadline, RedisKeys keys, string symbol, Timeframe timeframe, long startMs, long endMs, bool descending, int limit) =>
        spans.TraceAsync(
            deadline, "ZRANGEBYSCORE", keys, () => reader.BarsAsync(keys, symbol, timeframe, startMs, endMs, descending, limit));

    /// <summary>The symbol at a time in the past, with the position that it was read at.</summary>
    public Task<PartitionRead<PastSymbol>> PastAsync(Deadline deadline, RedisKeys keys, string symbol, long atMs) =>
        spans.TraceAsync(deadline, "MULTI", keys, () => reader.PastAsync(keys, [symbol], atMs, Timeframe.Minute));

    /// <inheritdoc cref="MarketReader.PastBarsAsync"/>
    public Task<(PartitionPosition? Position, PastSymbol? Past, StoredRecords Bars)> PastBarsAsync(
        Deadline deadline, RedisKeys keys, string symbol, Timeframe timeframe, long startMs, long endMs, bool descending, int limit,
        long atMs) =>
        spans.TraceAsync(
            deadline, "MULTI", keys, () => reader.PastBarsAsync(keys, symbol, timeframe, startMs, endMs, descending, limit, atMs));

    private static SymbolLookup Linked(in SymbolLookup lookup, Activity? activity, long? asOfMs)
    {
        if (activity is { IsAllDataRequested: true } && lookup.Location is { } location && !(location.TimestampMs > asOfMs))
            Link(activity, location);
        return lookup;
    }

    private static void Link(Activity activity, SymbolLocation location)
    {
        if (TraceParent.TryReadSampled(StoredRecord.TraceParentOf(location.Latest).Span, out ActivityContext served))
            activity.AddLink(new ActivityLink(served));
    }
}

/// <summary>What looking for a symbol came to.</summary>
/// <param name="NothingIngested">No consumer has written anything yet.</param>
/// <param name="Location">Null where no partition has the symbol.</param>
/// <param name="IsLost">Neither the board nor Redis has what was served before; see <see cref="BoardStatus.Floor"/>.</param>
internal readonly record struct SymbolLookup(bool NothingIngested, SymbolLocation? Location, bool IsLost = false);
