using Microsoft.AspNetCore.Http.HttpResults;

namespace Radar.Api.Http.Page;

/// <summary>The page at <c>/</c>: what a person sees of Radar. It lives on the public API alone.</summary>
internal static class PageEndpoint
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (var file in PageFile.All())
            app.MapMethods(file.Path, Methods, (HttpResponse response) => Serve(response, file)).ExcludeFromDescription();
    }

    private static FileContentHttpResult Serve(HttpResponse response, PageFile file)
    {
        response.Headers.CacheControl = "no-cache"; // keep it, but ask before using it
        return TypedResults.Bytes(file.Content, file.ContentType, entityTag: file.Tag);
    }
}
