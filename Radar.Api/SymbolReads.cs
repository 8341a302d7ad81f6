using System.Diagnostics;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api;

/// <summary>Reads one symbol from Redis, each read in a span of its own where somebody listens.</summary>
internal sealed class SymbolReads(MarketReader reader)
{
    private static readonly ActivitySource Activities = new(TelemetryNames.Api);

    /// <summary>Finds a symbol and links the request to the trace of the event that it serves.</summary>
    /// <param name="symbol">Folded.</param>
    /// <param name="partition">Where to look; null is everywhere.</param>
    public async Task<SymbolLookup> FindAsync(string symbol, int? partition = null)
    {
        // The link belongs to the request; where that is not recorded, to the read.
        Activity? request = Activity.Current is { IsAllDataRequested: true } current ? current : null;
        using Activity? span = Begin("HGET");
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
            Fail(span, e);
            throw;
        }
    }

    public Task<SymbolRecords> TradesAsync(RedisKeys keys, string symbol) => ReadAsync("LRANGE", reader.TradesAsync(keys, symbol));

    public Task<SymbolRecords> BarsAsync(
        RedisKeys keys, string symbol, Timeframe timeframe, long startMs, long endMs, bool descending, int limit) =>
        ReadAsync("ZRANGEBYSCORE", reader.BarsAsync(keys, symbol, timeframe, startMs, endMs, descending, limit));

    private static async Task<SymbolRecords> ReadAsync(string operation, Task<SymbolRecords> read)
    {
        using Activity? span = Begin(operation);
        try
        {
            return await read;
        }
        catch (Exception e)
        {
            Fail(span, e);
            throw;
        }
    }

    private static Activity? Begin(string operation) =>
        Activities.StartActivity(operation, ActivityKind.Client)?
            .SetTag("db.system.name", "redis").SetTag("db.operation.name", operation);

    private static void Fail(Activity? span, Exception e) =>
        span?.SetStatus(ActivityStatusCode.Error).SetTag(TelemetryNames.ErrorType, e.GetType().Name);

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
