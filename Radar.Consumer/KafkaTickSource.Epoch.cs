using Radar.Market.Store;
using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.Consumer;

/// <content>Finds out which epoch to write, before anything is read from Kafka.</content>
internal sealed partial class KafkaTickSource
{
    private volatile Failure? _damage;

    private async Task<string> EpochAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                string epoch = await lanes.EpochAsync();
                _damage = null;
                return epoch;
            }
            catch (DamagedStateException e)
            {
                if (_damage is null)
                {
                    EpochUnreadable(redis.Addresses(), e.Message);
                    _damage = new Failure(e.Message, time.GetTimestamp(), time.GetTimestamp());
                }
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                if (_awayLog.IsDue(out _))
                    RedisAway(redis.Addresses(), e.GetType().Name);
            }

            await Task.Delay(TimeSpan.FromSeconds(2), time, cancellationToken);
        }
    }

    [LoggerMessage(15, LogLevel.Warning, "Redis at {Address} does not answer ({Reason}); waiting. Check ConnectionStrings:redis.")]
    private partial void RedisAway(string address, string reason);

    [LoggerMessage(22, LogLevel.Error, "Nothing is applied: Redis at {Address}: {Reason}")]
    private partial void EpochUnreadable(string address, string reason);
}
