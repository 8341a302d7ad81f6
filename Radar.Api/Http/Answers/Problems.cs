using Microsoft.AspNetCore.WebUtilities;
using Radar.Api.Faults;
using Radar.Api.Http.Contract;

namespace Radar.Api.Http.Answers;

/// <summary>Every error is <c>application/problem+json</c> (RFC 9457), whatever the client accepts and whoever found it.</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";

    private const string RetryAfterSeconds = "1";

    public static void AddProblems(this IServiceCollection services)
    {
        services.AddSingleton<StateDamage>();
        services.AddSingleton<FailureLog>();
        services.AddExceptionHandler<FailureHandler>();
    }

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(static _ => { });
        app.UseStatusCodePages(static pages => WriteAsync(
            pages.HttpContext, pages.HttpContext.Response.StatusCode, Detail(pages.HttpContext)));
    }

    public static Task BadParameterAsync(HttpContext context, string parameter, string detail) =>
        WriteAsync(context, StatusCodes.Status400BadRequest, detail, parameter);

    public static Task NotFoundAsync(HttpContext context, string detail) =>
        WriteAsync(context, StatusCodes.Status404NotFound, detail, "symbol");

    public static Task UnavailableAsync(HttpContext context, string detail, string? parameter = null)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable, detail, parameter);
    }

    /// <summary>
    /// Redis came back with less than was served before, or went away before the board had that: what there is now would take clients back
    /// in time.
    /// </summary>
    public static Task LostAsync(HttpContext context) =>
        UnavailableAsync(
            context,
            "Redis does not answer or has lost a part of the state that was served before, and an older one is not given; "
            + "consumers bring it back. Try again.");

    public static Task WriteAsync(HttpContext context, int status, string? detail, string? parameter = null)
    {
        context.Response.StatusCode = status;
        TraceResponse.Set(context.Response);
        context.Response.Headers.CacheControl = "no-store";
        var problem = new Problem(ReasonPhrases.GetReasonPhrase(status), status, detail, parameter);
        return context.Response.WriteAsJsonAsync(problem, ApiJson.Default.Problem, ContentType, context.RequestAborted);
    }

    private static string? Detail(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}. /docs lists what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not allowed here; {context.Response.Headers.Allow} is.",
        _ => null,
    };
}
