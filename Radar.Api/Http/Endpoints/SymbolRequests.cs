using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>What every request for one symbol begins with: find it, or answer with what is in the way.</summary>
internal sealed class SymbolRequests(SymbolReads reads, LiveBoard board, Staleness staleness)
{
    /// <summary>Finds the symbol. Null where the request is answered: a bad parameter, an unknown symbol, too stale, or not modified.</summary>
    /// <param name="context">The request.</param>
    /// <param name="error">What was wrong with its parameters, or null.</param>
    /// <param name="symbol">Normalized.</param>
    /// <param name="page">Where a further page was asked for; its partition is the one to read.</param>
    /// <param name="maxStalenessMs">Largest lag that the client accepts; null accepts any and an unknown one.</param>
    /// <param name="asOfMs">The time that is asked for, Unix ms; null is now.</param>
    public async Task<SymbolLocation?> OpenAsync(
        HttpContext context, BadParameter? error, string symbol, PageToken? page = null, long? maxStalenessMs = null, long? asOfMs = null)
    {
        if (error is not null)
        {
            await Problems.BadParameterAsync(context, error.Name, error.Detail);
            return null;
        }

        if (await staleness.IsUnmeasurableAsync(context, maxStalenessMs))
            return null;
        var lookup = await reads.FindAsync(context, symbol, page?.Partition, asOfMs);
        if (lookup.IsLost)
        {
            await Problems.LostAsync(context);
            return null;
        }

        if (maxStalenessMs is { } max && await IsTooStaleAsync(context, lookup.Location, max))
            return null;
        if (lookup.Location is not { } location)
        {
            await UnknownAsync(context, symbol, lookup.NothingIngested, page);
            return null;
        }

        if (page is { } token && token.Topic != BoardVersion.HashOf(location.Position.Identity))
        {
            await GoneAsync(context);
            return null;
        }

        var version = AnswerVersion.Of(location);
        if (!version.IsKnownTo(context.Request))
            return location;
        Answer.NotModified(context.Response, version);
        return null;
    }

    /// <summary>
    /// What was read of a symbol after it was found. Null where the request is answered: Redis has less than what was found, so the
    /// answer would be older than the version that other reads have; or it is too stale.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="found">Where the symbol was found.</param>
    /// <param name="read">Where it was read; null where it was not there.</param>
    /// <param name="maxStalenessMs">Largest lag that the client accepts; null accepts any and an unknown one.</param>
    public async Task<SymbolLocation?> ConfirmAsync(HttpContext context, SymbolLocation found, SymbolLocation? read, long? maxStalenessMs = null)
    {
        if (read is not { } location || IsBefore(location.Position, found.Position))
        {
            await Problems.LostAsync(context);
            return null;
        }

        board.NoteServed(location);
        return maxStalenessMs is { } max && await IsTooStaleAsync(context, location, max) ? null : location;
    }

    /// <summary>Positions of another topic are neither before nor after.</summary>
    private static bool IsBefore(PartitionPosition read, PartitionPosition found) => read.Identity == found.Identity && read.Offset < found.Offset;

    /// <summary>A symbol that is not there may be in what was not taken in yet, in any partition.</summary>
    private Task<bool> IsTooStaleAsync(HttpContext context, SymbolLocation? location, long maxStalenessMs) =>
        Staleness.IsRefusedAsync(context, location is null ? staleness.WorstLagMs() : staleness.LagMs(location), maxStalenessMs);

    /// <summary>A symbol is unknown only to a state that is as far as the topic; before that, it may be in what is missing.</summary>
    private Task UnknownAsync(HttpContext context, string symbol, bool nothingTakenIn, PageToken? page)
    {
        if (staleness.MayLackSymbols(out long? lagMs))
        {
            return Problems.UnavailableAsync(
                context,
                lagMs is null
                    ? $"Whether there is {symbol} is not known: nobody knows how far the state is behind the topic. Try again."
                    : $"Whether there is {symbol} is not known yet: the state is {lagMs} ms behind the topic. Try again.");
        }

        return nothingTakenIn
            ? Problems.NotFoundAsync(context, $"{symbol} is unknown: nothing has been ingested yet. Are producer and consumer running?")
        : page is null
            ? Problems.NotFoundAsync(context, $"{symbol} is unknown: no trade of it has been ingested.")
            : GoneAsync(context);
    }

    private static Task GoneAsync(HttpContext context) =>
        Problems.BadParameterAsync(context, Parameters.PageToken.Name, "What this page_token leads to is gone. Begin anew without it.");
}
