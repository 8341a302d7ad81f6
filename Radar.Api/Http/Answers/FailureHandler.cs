using System.Security.Cryptography;
using Confluent.Kafka;
using Microsoft.AspNetCore.Diagnostics;
using Radar.Api.Faults;
using Radar.Api.Http.Access;
using Radar.Api.Queries;
using Radar.Market.Store;

namespace Radar.Api.Http.Answers;

/// <summary>Broken infrastructure is 503, anything unexpected is 500; neither shows a stack trace, in any environment.</summary>
internal sealed class FailureHandler(FailureLog log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        context.RequestServices.GetService<IRequestLimit>()?.Repeat(context); // the answer so far is gone, with its headers
        await Problems.WriteAsync(context, Describe(context, exception).Problem);
        return true;
    }

    private ProblemResult Describe(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case DeadlineException late:
                if (late.IsRedis)
                    log.RedisAway(late);
                return Problems.Unavailable(late.Message);
            case Exception when RedisRightsException.IsMissing(exception):
                log.RedisAway(exception);
                return Problems.Unavailable(
                    "The state cannot be read: Redis refuses this service a right, which its log and its health name.");
            case Exception when StoreFaults.IsAway(exception):
                log.RedisAway(exception);
                return Problems.Unavailable("The state cannot be read: Redis does not answer. Try again.");
            case CryptographicException { InnerException: { } cause } when StoreFaults.IsAway(cause):
                return Problems.Unavailable(SessionKeys.Away);
            case DamagedStateException damaged:
                log.StateDamaged(damaged);
                return Problems.Unavailable(damaged.Explanation.Public);
            case KafkaException { Error.Code: ErrorCode.UnknownTopicOrPart } missing:
                log.KafkaAway(missing);
                return Problems.Unavailable(
                    missing is MissingTopicException ours ? ours.Message : "Kafka does not have the topic, or not this partition of it.");
            case KafkaException away:
                log.KafkaAway(away);
                return Problems.Unavailable("Kafka does not answer where the topic ends. Try again.");
            case BadHttpRequestException bad:
                return new ProblemResult(Problems.Of(bad.StatusCode, DetailOf(bad.StatusCode)));
            default:
                log.Unexpected(context.Request.Path, exception);
                return new ProblemResult(Problems.Of(
                    StatusCodes.Status500InternalServerError, "An error in Radar; its log has the details."));
        }
    }

    /// <summary>What the server finds wrong with a request before anything reads it.</summary>
    private static string DetailOf(int status) => status switch
    {
        StatusCodes.Status408RequestTimeout => "The request did not come in time.",
        StatusCodes.Status413PayloadTooLarge => "The body of the request is too large.",
        _ => "The request is not well-formed HTTP, or ended too early.",
    };
}
