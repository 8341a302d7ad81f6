using System.Globalization;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>The budgets of the API's callers, which all its replicas share, in Redis; see <c>lease.lua</c>.</summary>
/// <param name="redis">Where they are.</param>
/// <param name="name">See <see cref="RadarOptions.Name"/>; null is the state without a name.</param>
/// <exception cref="RedisException">From every method, where Redis does not answer.</exception>
public sealed class LimitRecords(IConnectionMultiplexer redis, string? name = null)
{
    private static readonly string Lease = StoreScript.Read("lease.lua");

    /// <summary>Takes units off a caller's budget.</summary>
    /// <param name="caller">Whose.</param>
    /// <param name="perSecond">Units that it gets per second.</param>
    /// <param name="burst">The most that it keeps.</param>
    /// <param name="spent">Units that were spent without a lease.</param>
    /// <param name="wanted">Units that are wanted; fewer are leased where fewer are left.</param>
    /// <param name="now">The time.</param>
    /// <returns>What was leased, and what is left; that is less than 0 where more was spent than there was.</returns>
    public async Task<(double Leased, double Left)> LeaseAsync(
        string caller, double perSecond, double burst, double spent, double wanted, DateTimeOffset now)
    {
        var answer = (RedisValue[])(await redis.GetDatabase().ScriptEvaluateAsync(
            Lease, [RedisKeys.LimitOf(name, caller)], [perSecond, burst, spent, wanted, now.ToUnixTimeMilliseconds() / 1000.0]))!;
        return (Number(answer[0]), Number(answer[1]));
    }

    /// <summary>Says that a replica runs, for <paramref name="lifetime"/>, and counts those that do.</summary>
    public async Task<int> CountReplicasAsync(string replica, DateTimeOffset now, TimeSpan lifetime)
    {
        RedisKey key = RedisKeys.ReplicasOf(name);
        IDatabase database = redis.GetDatabase();
        await database.SortedSetRemoveRangeByScoreAsync(key, double.NegativeInfinity, now.ToUnixTimeMilliseconds());
        await database.SortedSetAddAsync(key, replica, (now + lifetime).ToUnixTimeMilliseconds());
        return (int)await database.SortedSetLengthAsync(key);
    }

    private static double Number(RedisValue text) => double.Parse((string)text!, CultureInfo.InvariantCulture);
}
