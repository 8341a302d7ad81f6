using Confluent.Kafka;
using Microsoft.AspNetCore.Diagnostics;
using Radar.Api.Faults;
using Radar.Api.Queries;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api.Http.Answers;

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
