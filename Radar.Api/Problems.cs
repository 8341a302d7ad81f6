using System.ComponentModel;
using System.Text.Json.Serialization;
using Confluent.Kafka;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api;

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

[Description("An error (RFC 9457).")]
internal sealed record Problem(
    [property: Description("The status in words.")] string Title,
    [property: Description("HTTP status.")] int Status,
    [property: Description("What happened and what to do about it.")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null,
    [property: Description("The offending parameter, where there is one.")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Parameter = null);

/// <summary>Broken infrastructure is 503, what nobody foresaw is 500; neither shows a stack trace, in any environment.</summary>
internal sealed class FailureHandler(FailureLog log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        switch (exception)
        {
            case DeadlineException late:
                if (late.IsRedis)
                    log.RedisAway(late);
                await Problems.UnavailableAsync(context, late.Message);
                return true;
            case RedisException when RedisRightsException.SentenceOf(exception) is not null:
                log.RedisAway(exception);
                await Problems.UnavailableAsync(
                    context, "The state cannot be read: Redis refuses this service a right, which its log and its health name.");
                return true;
            case RedisException or RedisTimeoutException:
                log.RedisAway(exception);
                await Problems.UnavailableAsync(context, "The state cannot be read: Redis does not answer. Try again.");
                return true;
            case DamagedStateException damaged:
                log.StateDamaged(damaged);
                await Problems.UnavailableAsync(context, damaged.Message);
                return true;
            case KafkaException { Error.Code: ErrorCode.UnknownTopicOrPart } missing:
                log.KafkaAway(missing);
                await Problems.UnavailableAsync(context, missing.Error.Reason);
                return true;
            case KafkaException away:
                log.KafkaAway(away);
                await Problems.UnavailableAsync(context, "Kafka does not tell where the topic ends. Try again.");
                return true;
            case BadHttpRequestException bad:
                await Problems.WriteAsync(context, bad.StatusCode, bad.Message);
                return true;
            default:
                log.Unexpected(context.Request.Path, exception);
                await Problems.WriteAsync(context, StatusCodes.Status500InternalServerError, "An error in Radar; its log has the details.");
                return true;
        }
    }
}
