namespace Radar.Api;

/// <summary>Says that infrastructure is away, once in a while and not for every request.</summary>
internal sealed partial class FailureLog(ILogger<FailureLog> logger, TimeProvider time)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Gate _redis = new(time);
    private readonly Gate _kafka = new(time);
    private readonly Gate _feeds = new(time);
    private readonly Gate _board = new(time);

    public void RedisAway(Exception e)
    {
        if (_redis.TryPass(out long unsaid))
            RedisAway(e.GetType().Name, e.Message, unsaid);
    }

    public void KafkaAway(Exception e)
    {
        if (_kafka.TryPass(out long unsaid))
            KafkaAway(e.GetType().Name, e.Message, unsaid);
    }

    public void FeedFailed(int partition, Exception e)
    {
        if (_feeds.TryPass(out long unsaid))
            FeedFailed(partition, unsaid, e);
    }

    public void AuditFailed(Exception e)
    {
        if (_board.TryPass(out long unsaid))
            AuditFailed(unsaid, e);
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Redis does not answer ({Error}: {Reason}); reads are refused with 503 ({Unsaid} more since the last line). "
        + "Check ConnectionStrings:redis.")]
    private partial void RedisAway(string error, string reason, long unsaid);

    [LoggerMessage(2, LogLevel.Warning,
        "Kafka does not tell where the topic ends ({Error}: {Reason}); reads go on, their lag is unknown ({Unsaid} more since the last "
        + "line). Check ConnectionStrings:kafka.")]
    private partial void KafkaAway(string error, string reason, long unsaid);

    [LoggerMessage(3, LogLevel.Error, "A request of {Path} failed.")]
    public partial void Unexpected(string path, Exception e);

    [LoggerMessage(4, LogLevel.Error,
        "The board cannot follow partition {Partition}: what is stored or published is not what Radar writes, or Radar has a defect "
        + "({Unsaid} more since the last line). It tries again.")]
    private partial void FeedFailed(int partition, long unsaid, Exception e);

    [LoggerMessage(5, LogLevel.Error, "Comparing the board with Redis failed ({Unsaid} more since the last line). It tries again.")]
    private partial void AuditFailed(long unsaid, Exception e);

    /// <summary>Lets one through every <see cref="Quiet"/> and counts the others.</summary>
    private sealed class Gate(TimeProvider time)
    {
        private readonly Lock _lock = new();
        private long? _passed;
        private long _held;

        public bool TryPass(out long unsaid)
        {
            lock (_lock)
            {
                unsaid = _held;
                if (_passed is { } last && time.GetElapsedTime(last) < Quiet)
                {
                    _held++;
                    return false;
                }

                _passed = time.GetTimestamp();
                _held = 0;
                return true;
            }
        }
    }
}
