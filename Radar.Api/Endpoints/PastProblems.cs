using Radar.Market;
using Radar.Market.Store;
using Radar.Api.Requests;

namespace Radar.Api.Endpoints;

/// <summary>Refuses what cannot be told exactly.</summary>
internal static class PastProblems
{
    public static Task RefuseAsync(HttpContext context, string symbol, long asOfMs, long? keptFromMs)
    {
        string kept = keptFromMs is { } from ? $"its trades are kept from {Rfc3339.Format(from)} on" : "none of its trades is kept";
        return Problems.BadParameterAsync(
            context, Parameters.AsOf.Name, $"as_of={Rfc3339.Format(asOfMs)} cannot be answered exactly for {symbol}: {kept}.");
    }

    /// <summary>The symbol was there a moment ago: the state was dropped, or given to another epoch, between two reads.</summary>
    public static Task GoneAsync(HttpContext context, string symbol) =>
        Problems.NotFoundAsync(context, $"{symbol} is unknown: the state was made anew a moment ago.");

    /// <summary>Where a symbol of the past was read.</summary>
    public static SymbolLocation? Location(RedisKeys keys, PartitionPosition? position, PastSymbol? past) =>
        position is { } known && past is not null ? new SymbolLocation(keys, known, past.Latest) : null;
}
