using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;
using Radar.Api.Board;

namespace Radar.Api.Http.Answers;

/// <summary>Writes bodies by copying stored bytes; nothing is parsed or serialised again.</summary>
internal static class Answer
{
    private const string Json = "application/json; charset=utf-8";

    private static readonly Task<IResult> Written = Task.FromResult<IResult>(TypedResults.Empty);

    /// <summary>Answers with <paramref name="head"/>, the items between commas, and <paramref name="tail"/>.</summary>
    /// <returns>A result that is executed already: it does nothing more.</returns>
    public static Task<IResult> WriteAsync(
        HttpResponse response, AnswerVersion version, ReadOnlySpan<byte> head, ReadOnlySpan<ReadOnlyMemory<byte>> items,
        ReadOnlySpan<byte> tail) =>
        WriteAsync(response, version.ETag, head, items, tail);

    /// <summary>The same with an entity tag.</summary>
    public static Task<IResult> WriteAsync(
        HttpResponse response, string tag, ReadOnlySpan<byte> head, ReadOnlySpan<ReadOnlyMemory<byte>> items, ReadOnlySpan<byte> tail)
    {
        long length = head.Length + tail.Length + Math.Max(0, items.Length - 1);
        foreach (var item in items)
            length += item.Length;

        if (items.Length > IRequestLimit.Free)
            response.HttpContext.RequestServices.GetRequiredService<IRequestLimit>().Charge(response.HttpContext, items.Length);
        Stamp(response, tag);
        response.ContentType = Json;
        response.ContentLength = length;
        PipeWriter body = response.BodyWriter;
        body.Write(head);
        for (int i = 0; i < items.Length; i++)
        {
            if (i > 0)
                body.Write(","u8);
            body.Write(items[i].Span);
        }

        body.Write(tail);
        var flush = body.FlushAsync(); // a token for each request would cost more than the answer, and a lost client ends it as well
        return flush.IsCompletedSuccessfully ? Written : AfterAsync(flush);
    }

    /// <summary>True where the client names this entity tag: the answer is 304.</summary>
    public static bool IsKnown(HttpRequest request, string tag)
    {
        var known = request.Headers.IfNoneMatch;
        if (known.Count == 0)
            return false;
        if (known.Count == 1 && known[0] == tag)
            return true;
        return EntityTagHeaderValue.TryParseList([.. known.OfType<string>()], out var listed)
            && listed.Any(candidate => candidate.Tag.Equals("*")
                || candidate.Tag.Equals(tag, StringComparison.Ordinal)); // weakly, as RFC 9110 has it
    }

    /// <summary>Headers of every answer that has a version.</summary>
    public static void Stamp(HttpResponse response, string tag)
    {
        TraceResponse.Set(response);
        response.Headers.ETag = tag;
        response.Headers.CacheControl = "no-cache"; // keep it, but ask before using it
    }

    private static async Task<IResult> AfterAsync(ValueTask<FlushResult> flush)
    {
        await flush;
        return TypedResults.Empty;
    }
}
