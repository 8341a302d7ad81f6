using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Api.Http.Page;

/// <summary>The page at <c>/</c>: what a person sees of Radar. It lives on the public API alone.</summary>
internal static class PageEndpoint
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(WebApplication app)
    {
        bool hasDocs = app.Configuration.ReadEarly<ApiOptions>(ApiOptions.Section).Docs;
        foreach (var found in PageFile.All())
        {
            PageFile file = hasDocs ? found : found.With("data-docs=\"none\"");
            PageFile keepsCase = file.With("data-symbol-case=\"keep\"");
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
