using Microsoft.Extensions.Options;
using Radar.Consumer.Partitions;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.Consumer.Polling;

/// <summary>
/// Finds the epoch to write, before anything is read from Kafka: the configured one, else the active one, else the first.
/// </summary>
internal sealed partial class EpochToWrite(
    IConnectionMultiplexer redis, RedisServers servers, IOptions<ConsumerOptions> options, IOptions<RadarOptions> state, TimeProvider time,
    ILogger<EpochToWrite> logger)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly ThrottledLog _awayLog = new(time, TimeSpan.FromSeconds(30));
    private volatile Failure? _failure;

    /// <summary>Why there is none yet; null where no reason is known.</summary>
    public Fault? Fault =>
        _failure is { } failure ? new Fault($"Redis: {failure.Reason.Public}", time.GetElapsedTime(failure.First), IsOver: false) : null;

    /// <summary>Returns the epoch; retries until Redis answers.</summary>
    public async Task<string> FindAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                string epoch = await ReadOrBeginAsync();
                _failure = null;
                return epoch;
            }
            catch (Exception e) when (StoreFaults.IsAway(e) || e is DamagedStateException)
            {
                Failed(e);
            }

            await Task.Delay(RetryPause, time, cancellationToken);
        }
    }

    private async Task<string> ReadOrBeginAsync()
    {
        if (options.Value.Epoch is { } configured)
            return configured;
        IDatabase database = redis.GetDatabase();
        RedisKey active = RedisKeys.ActiveEpochOf(state.Value.Name);
        string? epoch = await ReadAsync();
        if (epoch is null)
        {
            await database.StringSetAsync(active, RedisKeys.FirstEpoch, when: When.NotExists); // refused where Redis takes no writes
            epoch = await ReadAsync();
        }

        return epoch ?? RedisKeys.FirstEpoch;

        async Task<string?> ReadAsync() => RedisKeys.ReadEpoch(active, await database.StringGetAsync(active, CommandFlags.DemandMaster));
    }

    private void Failed(Exception e)
    {
        var reason = servers.Reason(e);
        var before = _failure;
        if (e is DamagedStateException || RedisFault.IsRefusal(e))
        {
            if (before?.Reason != reason)
                NoEpoch(servers.Addresses, reason.Detailed);
        }
        else if (_awayLog.IsDue(out _))
        {
            RedisAway(servers.Addresses, reason.Detailed, servers.Advice);
        }

        _failure = new Failure(reason, before?.First ?? time.GetTimestamp()); // what health names is in the log by now
    }

    [LoggerMessage(15, LogLevel.Warning, "Redis at {Address} does not answer ({Reason}); waiting. {Advice}")]
    private partial void RedisAway(string address, string reason, string advice);

    [LoggerMessage(22, LogLevel.Error, "Nothing is applied: Redis at {Address}: {Reason}")]
    private partial void NoEpoch(string address, string reason);

    private sealed record Failure(Explanation Reason, long First);
}
