using Radar.Api.Http.Answers;
using Radar.Api.Http.Requests;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>The past, where it cannot be answered exactly.</summary>
internal static class PastProblems
{
    public static ProblemResult Inexact(string symbol, long asOfMs, long? keptFromMs)
    {
        string kept = keptFromMs is { } from ? $"its trades are kept from {Rfc3339.Format(from)} on" : "none of its trades is kept";
        return Problems.BadParameter(
            Parameters.AsOf.Name, $"as_of={Rfc3339.Format(asOfMs)} cannot be answered exactly for {symbol}: {kept}.");
    }

    /// <summary>Where a symbol of the past was read; null where it was not there.</summary>
    public static SymbolLocation? Location(RedisKeys keys, PartitionPosition? position, PastSymbol? past) =>
        position is { } known && past is not null ? new SymbolLocation(keys, known, past.Latest) : null;
}
