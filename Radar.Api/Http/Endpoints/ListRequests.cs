using System.Collections.Immutable;
using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Api.Http.Access;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.Market;

namespace Radar.Api.Http.Endpoints;

/// <summary>What every request for many symbols begins and ends with.</summary>
internal sealed class ListRequests(
    BoardReads reads, Staleness staleness, FreshnessGuard freshness, SpellingGuard spelling, RequestDeadline deadlines)
{
    /// <summary>How symbols are read.</summary>
    public SymbolRule Symbols => spelling.Symbols;

    /// <summary>The deadline of a new request.</summary>
    public Deadline Begin() => deadlines.Begin();

    /// <summary>
    /// Newest trades and day figures of what the caller may see, unless a parameter is bad, the state too stale, or the answer not
    /// modified.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="error">What was wrong with its parameters, or null.</param>
    /// <param name="symbols">Normalized; null is all.</param>
    /// <param name="maxStalenessMs">Largest lag that the client accepts; null accepts any and an unknown one.</param>
    public async ValueTask<Guarded<BoardView>> OpenAsync(
        HttpContext context, BadParameter? error, IReadOnlyList<string>? symbols, long? maxStalenessMs)
    {
        Deadline deadline = Begin();
        if (await CheckAsync(context, deadline, error, maxStalenessMs) is { } answer)
            return new(default, answer);
        if (await reads.NewestAsync(deadline, symbols) is not { } view)
            return Problems.Lost;
        return new(view.Only(Caller.Of(context)?.Symbols), Check(context, view.Version, maxStalenessMs));
    }

    /// <summary>What was read from Redis, unless Redis has less than was served before, it is too stale, or not modified.</summary>
    public Guarded<ListRead<T>> Open<T>(HttpContext context, ListRead<T>? read, long? maxStalenessMs) =>
        read is null ? new(null!, Problems.Lost) : new(read, Check(context, read.Version, maxStalenessMs));

    /// <summary>Those of the symbols that the caller may see; the others are left out.</summary>
    public static ImmutableArray<string> Allowed(HttpContext context, ImmutableArray<string> symbols) =>
        Caller.Of(context)?.Symbols is { } patterns ? [.. symbols.Where(patterns.Allow)] : symbols;

    /// <summary>The answer where nothing has to be read: a bad parameter, or the client has what the board would give.</summary>
    public async ValueTask<IResult?> CheckAsync(HttpContext context, Deadline deadline, BadParameter? error, long? maxStalenessMs)
    {
        if (error is not null)
            return Problems.BadParameter(error);
        if (spelling.Check() is { } other)
            return other;
        if (await freshness.MeasureAsync(maxStalenessMs, deadline, context) is { } unmeasured)
            return unmeasured;
        return reads.Version is { } version
            && Answer.IsKnown(context.Request, Tag(version)) ? Check(context, version, maxStalenessMs) : null;
    }

    /// <summary>Answers with <paramref name="head"/>, the items between commas, <paramref name="tail"/> and the meta.</summary>
    /// <param name="response">Of the request.</param>
    /// <param name="version">Positions that the items were read at.</param>
    /// <param name="eventTimeMs">Of the newest event that is served, Unix ms; null where none is.</param>
    /// <param name="head">Up to the first item.</param>
    /// <param name="items">JSON.</param>
    /// <param name="tail">From the last item to the meta.</param>
    public Task<IResult> WriteAsync(
        HttpResponse response, BoardVersion version, long? eventTimeMs, ReadOnlySpan<byte> head, ReadOnlySpan<ReadOnlyMemory<byte>> items,
        string tail) =>
        Answer.WriteAsync(response, Tag(version), head, items, staleness.Of(version, eventTimeMs).Tail(tail));

    /// <summary>The answer where what was read need not be sent: too stale, or not modified.</summary>
    private IResult? Check(HttpContext context, BoardVersion version, long? maxStalenessMs)
    {
        if (maxStalenessMs is not null && FreshnessGuard.Check(staleness.LagMs(version), maxStalenessMs) is { } stale)
            return stale;
        string tag = Tag(version);
        return Answer.IsKnown(context.Request, tag) ? new NotModified(tag) : null;
    }

    private static string Tag(BoardVersion version) => $"\"{version}{AnswerVersion.MarkOf(version.Incomplete)}\"";
}
