using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Radar.ServiceDefaults;

/// <summary>Routes that are only read: GET and HEAD; other methods are answered with 405 and <c>Allow</c>.</summary>
public static class ReadOnlyRoutes
{
    /// <summary>The methods.</summary>
    public static readonly HttpMethodMetadata Methods = new([HttpMethods.Get, HttpMethods.Head]);

    /// <summary>Maps such a route.</summary>
    internal static void MapReadOnly(this IEndpointRouteBuilder routes, string path, RequestDelegate answer) =>
        routes.Map(path, answer).WithMetadata(Methods);

    /// <summary>The same for what a middleware serves, which knows no routes.</summary>
    /// <param name="app">Before that middleware.</param>
    /// <param name="path">The path, and what is below it.</param>
    public static void UseReadOnly(this IApplicationBuilder app, string path) => app.Use((context, next) =>
    {
        string method = context.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method)
            || !context.Request.Path.StartsWithSegments(path, StringComparison.Ordinal))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = string.Join(", ", Methods.HttpMethods);
        return Task.CompletedTask;
    });
}
