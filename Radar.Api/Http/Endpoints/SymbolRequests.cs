using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Api.Http.Access;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>What every request for one symbol begins with: find it, or find out what ends the request.</summary>
internal sealed class SymbolRequests(
    SymbolReads reads, LiveBoard board, Staleness staleness, FreshnessGuard freshness, SpellingGuard spelling,
    UnknownSymbols unknownSymbols, SymbolAccess access, RequestDeadline deadlines)
{
    /// <summary>How symbols are read.</summary>
    public SymbolRule Symbols => spelling.Symbols;

    /// <summary>The deadline of a new request.</summary>
    public Deadline Begin() => deadlines.Begin();

    /// <summary>
    /// Finds the symbol, unless a parameter is bad, the symbol forbidden or unknown, the state too stale, or the answer not modified.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="deadline">Its deadline.</param>
    /// <param name="error">What was wrong with its parameters, or null.</param>
    /// <param name="symbol">Normalized.</param>
    /// <param name="page">The further page that was asked for; its partition is the one to read.</param>
    /// <param name="maxStalenessMs">Largest lag that the client accepts; null accepts any and an unknown one.</param>
    /// <param name="asOfMs">The time that is asked for, Unix ms; null is now.</param>
    public async ValueTask<Guarded<SymbolLocation>> OpenAsync(
        HttpContext context, Deadline deadline, BadParameter? error, string symbol, PageToken? page = null, long? maxStalenessMs = null,
        long? asOfMs = null)
    {
        if (error is not null)
            return Problems.BadParameter(error);
        if (spelling.Check() is { } other)
            return other;
        if (access.Check(context, [symbol]) is { } forbidden)
            return forbidden;
        if (await freshness.MeasureAsync(maxStalenessMs, deadline, context) is { } unmeasured)
            return unmeasured;
        var lookup = await reads.FindAsync(deadline, symbol, page?.Partition, asOfMs);
        if (lookup.IsLost)
            return Problems.Lost;
        if (TooStale(lookup.Location, maxStalenessMs) is { } stale)
            return stale;
        if (lookup.Location is not { } location)
            return Unknown(symbol, lookup.NothingIngested, page);
        if (page is { } token && token.Topic != BoardVersion.HashOf(location.Position.Identity))
            return ExpiredPage();
        string tag = AnswerVersion.Of(location).ETag;
        return Answer.IsKnown(context.Request, tag) ? new NotModified(tag) : location;
    }

    /// <summary>
    /// What was read of a symbol after it was found, unless Redis has less than what was found, so that the answer would be older than the
    /// version that other reads have; or it is too stale.
    /// </summary>
    /// <param name="found">Where the symbol was found.</param>
    /// <param name="read">Where it was read; null where it was not there.</param>
    /// <param name="maxStalenessMs">Largest lag that the client accepts; null accepts any and an unknown one.</param>
    public Guarded<SymbolLocation> Confirm(SymbolLocation found, SymbolLocation? read, long? maxStalenessMs = null)
    {
        if (read is not { } location || IsBefore(location.Position, found.Position))
            return Problems.Lost;
        board.NoteServed(location);
        return TooStale(location, maxStalenessMs) is { } stale ? stale : location;
    }

    /// <summary>Positions of another topic are neither before nor after.</summary>
    private static bool IsBefore(PartitionPosition read, PartitionPosition found) => read.Identity == found.Identity
        && read.Offset < found.Offset;

    /// <summary>A symbol that is not there may be in what was not ingested yet, in any partition.</summary>
    private ProblemResult? TooStale(SymbolLocation? location, long? maxStalenessMs) => maxStalenessMs is null
        ? null
        : FreshnessGuard.Check(location is null ? staleness.WorstLagMs() : staleness.LagMs(location), maxStalenessMs);

    private ProblemResult Unknown(string symbol, bool nothingIngested, PageToken? page) => page is null || nothingIngested
        ? unknownSymbols.Problem(symbol, nothingIngested)
        : unknownSymbols.MayCome(symbol) ?? ExpiredPage();

    private static ProblemResult ExpiredPage() =>
        Problems.BadParameter(Parameters.PageToken.Name, "What this page_token leads to is gone. Start over without it.");
}
