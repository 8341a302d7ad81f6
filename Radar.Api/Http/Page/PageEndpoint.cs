using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Radar.Market;

namespace Radar.Api.Http.Page;

/// <summary>The page at <c>/</c>: what a person sees of Radar. It lives on the public API alone.</summary>
internal static class PageEndpoint
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (var file in PageFile.All())
        {
            PageFile keepsCase = file.KeepingCase();
            app.MapMethods(file.Path, Methods, (HttpResponse response, [FromServices] SymbolRule symbols) =>
                Serve(response, symbols.KeepsCase ? keepsCase : file)).ExcludeFromDescription();
        }
    }

    private static FileContentHttpResult Serve(HttpResponse response, PageFile file)
    {
        response.Headers.CacheControl = "no-cache"; // keep it, but ask before using it
        return TypedResults.Bytes(file.Content, file.ContentType, entityTag: file.Tag);
    }
}
