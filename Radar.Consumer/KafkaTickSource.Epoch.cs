using Radar.Market.Store;
using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.Consumer;

/// <content>Finds out which epoch to write, before anything is read from Kafka.</content>
internal sealed partial class KafkaTickSource
{
    private volatile Failure? _epochFailure;

    private async Task<string> EpochAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                string epoch = await processors.EpochAsync();
                _epochFailure = null;
                return epoch;
            }
            catch (Exception e) when (e is RedisException or TimeoutException or DamagedStateException)
            {
                NoEpoch(e);
            }

            await Task.Delay(TimeSpan.FromSeconds(2), time, cancellationToken);
        }
    }

    private void NoEpoch(Exception e)
    {
        string reason = RedisFault.Of(e);
        var before = _epochFailure;
        long now = time.GetTimestamp();
        _epochFailure = new Failure(reason, before?.First ?? now, now);
        if (e is DamagedStateException || RedisFault.IsRefusal(e))
        {
            if (before?.Reason != reason)
                NoEpoch(redis.Addresses(), reason);
        }
        else if (_awayLog.IsDue(out _))
        {
            RedisAway(redis.Addresses(), reason);
        }
    }

    [LoggerMessage(15, LogLevel.Warning, "Redis at {Address} does not answer ({Reason}); waiting. Check ConnectionStrings:redis.")]
    private partial void RedisAway(string address, string reason);

    [LoggerMessage(22, LogLevel.Error, "Nothing is applied: Redis at {Address}: {Reason}")]
    private partial void NoEpoch(string address, string reason);
}
