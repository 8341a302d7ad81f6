using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Radar.Api.Http.Contract;
using Radar.Api.Http.Requests;

namespace Radar.Api.Http.Answers;

/// <summary>Every error is <c>application/problem+json</c> (RFC 9457), whatever the client accepts and wherever it was found.</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";

    private const string RetryAfterSeconds = "1";

    /// <summary>
    /// Redis came back with less than was served before, or went away before the board had that: what there is now would take clients back
    /// in time.
    /// </summary>
    public static ProblemResult Lost { get; } = Unavailable(
        "Redis does not answer or has lost a part of the state that was served before, and an older one is not given; "
        + "consumers bring it back. Try again.");

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(static _ => { });
        app.UseStatusCodePages(static pages => WriteAsync(
            pages.HttpContext, Of(pages.HttpContext.Response.StatusCode, Detail(pages.HttpContext))));
    }

    public static ProblemResult BadParameter(BadParameter parameter) => BadParameter(parameter.Name, parameter.Detail);

    public static ProblemResult BadParameter(string parameter, string detail) =>
        new(Of(StatusCodes.Status400BadRequest, detail, parameter));

    public static ProblemResult NotFound(string detail, string parameter = "symbol") =>
        new(Of(StatusCodes.Status404NotFound, detail, parameter));

    public static ProblemResult Unavailable(string detail, string? parameter = null) =>
        new(Of(StatusCodes.Status503ServiceUnavailable, detail, parameter));

    public static Problem Of(int status, string? detail, string? parameter = null) =>
        new(ReasonPhrases.GetReasonPhrase(status), status, detail, parameter);

    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        SecurityHeaders.Set(context);
        TraceResponse.Set(context.Response);
        context.Response.Headers.CacheControl = "no-store";
        if (problem.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests
            && context.Response.Headers.RetryAfter.Count == 0)
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return context.Response.WriteAsJsonAsync(problem, ApiJson.Default.Problem, ContentType, context.RequestAborted);
    }

    private static bool HasDocs(HttpContext context) => context.RequestServices.GetRequiredService<IOptions<ApiOptions>>().Value.Docs;

    private static string? Detail(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound =>
            $"There is nothing at {context.Request.Path}." + (HasDocs(context) ? " /docs lists what there is." : ""),
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not allowed here; {context.Response.Headers.Allow} is.",
        _ => null,
    };
}

/// <summary>Answers with a problem: what a guard returns where a request cannot go on.</summary>
internal sealed class ProblemResult(Problem problem) : IResult
{
    public Problem Problem => problem;

    public Task ExecuteAsync(HttpContext httpContext) => Problems.WriteAsync(httpContext, problem);
}
