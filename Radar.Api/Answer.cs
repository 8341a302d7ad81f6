using System.Buffers;
using System.IO.Pipelines;

namespace Radar.Api;

/// <summary>Writes bodies by copying stored bytes; nothing is parsed or serialised again.</summary>
internal static class Answer
{
    private const string Json = "application/json; charset=utf-8";

    /// <summary>Answers with <paramref name="head"/>, the items between commas, and <paramref name="tail"/>.</summary>
    public static Task WriteAsync(
        HttpResponse response, AnswerVersion version, ReadOnlySpan<byte> head, ReadOnlySpan<ReadOnlyMemory<byte>> items, ReadOnlySpan<byte> tail)
    {
        long length = head.Length + tail.Length + Math.Max(0, items.Length - 1);
        foreach (var item in items)
            length += item.Length;

        Stamp(response, version);
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
        return body.FlushAsync(response.HttpContext.RequestAborted).GetAsTask();
    }

    /// <summary>Answers that the client's copy is still right.</summary>
    public static void NotModified(HttpResponse response, AnswerVersion version)
    {
        Stamp(response, version);
        response.StatusCode = StatusCodes.Status304NotModified;
    }

    private static void Stamp(HttpResponse response, AnswerVersion version)
    {
        response.Headers.ETag = version.ETag;
        response.Headers.CacheControl = "no-cache"; // keep it, but ask before using it
    }

    private static Task GetAsTask(this ValueTask<FlushResult> flush) => flush.IsCompletedSuccessfully ? Task.CompletedTask : flush.AsTask();
}
