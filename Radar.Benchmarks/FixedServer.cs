using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Radar.Benchmarks;

/// <summary>A Kestrel endpoint that returns fixed bytes, or 304: what reads are held against. Runs in a process of its own.</summary>
internal static class FixedServer
{
    public const string Command = "fixed-server";

    /// <param name="args">URL, path, entity tag, body.</param>
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        (string path, string tag, byte[] body) = (args[1], args[2], Encoding.UTF8.GetBytes(args[3]));
        app.MapGet(path, (HttpContext context) =>
        {
            var response = context.Response;
            response.Headers.ETag = tag;
            response.Headers.CacheControl = "no-cache";
            if (context.Request.Headers.IfNoneMatch == tag)
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }

            response.ContentType = "application/json; charset=utf-8";
            response.ContentLength = body.Length;
            return response.Body.WriteAsync(body).AsTask();
        });
        await app.RunAsync(args[0]);
    }
}
