namespace Radar.Api.Http.Answers;

/// <summary>What browsers may do with answers, errors too. Those under <c>/api</c> are no documents, whatever they contain.</summary>
internal static class SecurityHeaders
{
    /// <summary>
    /// Nothing from elsewhere, no script or style inside a document, no frames: a symbol or venue that is markup stays text.
    /// </summary>
    private const string Strict = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Swagger UI has styles and images inside its documents.</summary>
    private const string OfDocs = Strict + "; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

    public static void UseSecurityHeaders(this WebApplication app)
    {
        app.UseHsts(); // says nothing without TLS, nor on localhost
        app.Use(static (context, next) =>
        {
            Set(context);
            if (context.Request.Path.StartsWithSegments("/docs"))
                context.Response.OnStarting(RemoveVersion, context);
            return next(context);
        });
    }

    /// <summary>Swagger UI says which version it is.</summary>
    private static Task RemoveVersion(object context)
    {
        ((HttpContext)context).Response.Headers.Remove("x-swagger-ui-version");
        return Task.CompletedTask;
    }

    /// <summary>Sets them; to be called again where an answer is begun anew.</summary>
    public static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        if (context.Request.Path.StartsWithSegments("/api"))
            return;
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/docs") ? OfDocs : Strict;
        headers.XFrameOptions = "DENY"; // for browsers that do not know frame-ancestors
        headers["Referrer-Policy"] = "no-referrer";
    }
}
