using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;

namespace Radar.Api.Http.Endpoints;

/// <summary>What every request for many symbols begins and ends with.</summary>
internal sealed class ListRequests(BoardReads reads, Staleness staleness)
{
    /// <summary>
    /// Newest trades and day figures. Null where the request is answered: a bad parameter, too stale, or not modified.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="error">What was wrong with its parameters, or null.</param>
    /// <param name="symbols">Normalized; null is all.</param>
    /// <param name="maxStalenessMs">Largest lag that the client accepts; null accepts any and an unknown one.</param>
    public async Task<BoardView?> OpenAsync(HttpContext context, BadParameter? error, IReadOnlyList<string>? symbols, long? maxStalenessMs)
    {
        if (await IsAnsweredAsync(context, error, maxStalenessMs))
            return null;
        if (await reads.NewestAsync(context, symbols) is { } view)
            return await IsAnsweredAsync(context, view.Version, maxStalenessMs) ? null : view;
        await Problems.LostAsync(context);
        return null;
    }

    /// <summary>What was read from Redis. Null where the request is answered: Redis has less than was served before, too stale, or not modified.</summary>
    public async Task<ListRead<T>?> OpenAsync<T>(HttpContext context, ListRead<T>? read, long? maxStalenessMs)
    {
        if (read is not null)
            return await IsAnsweredAsync(context, read.Version, maxStalenessMs) ? null : read;
        await Problems.LostAsync(context);
        return null;
    }

    /// <summary>True where nothing has to be read: a bad parameter, or the client has what the board would give.</summary>
    public async Task<bool> IsAnsweredAsync(HttpContext context, BadParameter? error, long? maxStalenessMs)
    {
        if (error is not null)
        {
            await Problems.BadParameterAsync(context, error.Name, error.Detail);
            return true;
        }

        if (await staleness.IsUnmeasurableAsync(context, maxStalenessMs))
            return true;
        return reads.Version is { } version && Answer.IsKnown(context.Request, Tag(version))
            && await IsAnsweredAsync(context, version, maxStalenessMs);
    }

    /// <summary>True where what was read need not be sent: too stale, or not modified.</summary>
    private async Task<bool> IsAnsweredAsync(HttpContext context, BoardVersion version, long? maxStalenessMs)
    {
        if (maxStalenessMs is { } max && await Staleness.IsRefusedAsync(context, staleness.LagMs(version), max))
            return true;
        string tag = Tag(version);
        if (!Answer.IsKnown(context.Request, tag))
            return false;
        Answer.NotModified(context.Response, tag);
        return true;
    }

    /// <summary>Answers with <paramref name="head"/>, the items between commas, <paramref name="tail"/> and the meta.</summary>
    /// <param name="response">Of the request.</param>
    /// <param name="version">Positions that the items were read at.</param>
    /// <param name="eventTimeMs">Of the newest event that is served, Unix ms; null where none is.</param>
    /// <param name="head">Up to the first item.</param>
    /// <param name="items">JSON.</param>
    /// <param name="tail">From the last item to the meta.</param>
    public Task WriteAsync(
        HttpResponse response, BoardVersion version, long? eventTimeMs, ReadOnlySpan<byte> head, ReadOnlySpan<ReadOnlyMemory<byte>> items, string tail) =>
        Answer.WriteAsync(response, Tag(version), head, items, staleness.Of(version, eventTimeMs).Tail(tail));

    private static string Tag(BoardVersion version) => $"\"{version}{AnswerVersion.MarkOf(version.Incomplete)}\"";
}
