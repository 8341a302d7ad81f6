using Confluent.Kafka;
using Radar.Market.Store;
using Radar.ServiceDefaults;

namespace Radar.Api.Faults;

/// <summary>Says that infrastructure is away, once in a while and not for every request.</summary>
internal sealed partial class FailureLog(
    RedisServers redis, RedisServerWatch watch, KafkaClients kafka, StateDamage damage, TimeProvider time, ILogger<FailureLog> logger)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    // The API may start before the topic is created, and a client's first fetch takes its time.
    private static readonly TimeSpan StartUp = TimeSpan.FromSeconds(30);

    private readonly long _started = time.GetTimestamp();

    private readonly ThrottledLog _redis = new(time, Quiet);
    private readonly ThrottledLog _kafka = new(time, Quiet);
    private readonly ThrottledLog _feeds = new(time, Quiet);
    private readonly ThrottledLog _board = new(time, Quiet);
    private readonly ThrottledLog _damage = new(time, Quiet);

    /// <summary>Redis does not answer, or refuses to; a right that is missing is logged, and in health, by its watch.</summary>
    public void RedisAway(Exception e)
    {
        if (RedisRightsException.Explain(e) is { } missing)
            watch.Refused(missing);
        else if (_redis.IsDue(out long suppressed))
            RedisAway(redis.Addresses, redis.Reason(e).Detailed, suppressed, redis.Advice);
    }

    public void KafkaAway(KafkaException e)
    {
        if (!_kafka.IsDue(out long suppressed))
            return;
        if (e is UnreadRecordException || e.Error.Code == ErrorCode.UnknownTopicOrPart)
        {
            var level = time.GetElapsedTime(_started) < StartUp ? LogLevel.Information : LogLevel.Warning;
            LagUnknown(level, KafkaFault.WordsOf(e.Error).Detailed, suppressed);
        }
        else
        {
            KafkaAway(kafka.Servers, kafka.Reason(e.Error).Detailed, suppressed, kafka.Advice);
        }
    }

    /// <summary>A read was refused; health says so until it is mended. Only the log names the key, so each key has a line.</summary>
    public void StateDamaged(DamagedStateException e)
    {
        bool isNew = damage.Found(e);
        if (_damage.IsDue(out long suppressed) || isNew)
            StateDamaged(redis.Addresses, e.Message, suppressed);
    }

    /// <summary>Another key was found damaged, by no read of a client.</summary>
    public void DamageFound(DamagedStateException e) => StateDamaged(redis.Addresses, e.Message, 0);

    public void FeedFailed(int partition, Exception e)
    {
        if (_feeds.IsDue(out long suppressed))
            FeedFailed(partition, suppressed, e);
    }

    public void AuditFailed(Exception e)
    {
        if (_board.IsDue(out long suppressed))
            AuditFailed(suppressed, e);
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Redis at {Address} does not answer ({Reason}); reads are refused with 503 ({Suppressed} more since the last line). "
        + "{Advice}")]
    private partial void RedisAway(string address, string reason, long suppressed, string advice);

    [LoggerMessage(2, LogLevel.Warning,
        "Kafka at {Address} does not answer where the topic ends ({Reason}); reads go on, their lag is unknown ({Suppressed} more since "
        + "the last line). {Advice}")]
    private partial void KafkaAway(string address, string reason, long suppressed, string advice);

    [LoggerMessage(EventId = 6, Message = "The lag is not known: {Reason} ({Suppressed} more since the last line)")]
    private partial void LagUnknown(LogLevel level, string reason, long suppressed);

    [LoggerMessage(7, LogLevel.Error, "Redis at {Address}: {Reason} ({Suppressed} more since the last line)")]
    private partial void StateDamaged(string address, string reason, long suppressed);

    [LoggerMessage(3, LogLevel.Error, "A request of {Path} failed.")]
    public partial void Unexpected(string path, Exception e);

    [LoggerMessage(4, LogLevel.Error,
        "The board cannot follow partition {Partition}: what is stored or published is not what Radar writes, or Radar has a defect "
        + "({Suppressed} more since the last line). It tries again.")]
    private partial void FeedFailed(int partition, long suppressed, Exception e);

    [LoggerMessage(5, LogLevel.Error, "Comparing the board with Redis failed ({Suppressed} more since the last line). It tries again.")]
    private partial void AuditFailed(long suppressed, Exception e);
}
