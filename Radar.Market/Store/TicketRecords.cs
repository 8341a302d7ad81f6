using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>Tickets in Redis, each under the hash of its secret: it is taken once, by any replica, and ends by itself.</summary>
/// <param name="redis">Where they are.</param>
/// <param name="name">See <see cref="RadarOptions.Name"/>; null is the state without a name.</param>
/// <exception cref="RedisException">From every method, where Redis does not answer.</exception>
public sealed class TicketRecords(IConnectionMultiplexer redis, string? name = null)
{
    public Task AddAsync(string hash, string record, TimeSpan lifetime) =>
        redis.GetDatabase().StringSetAsync(RedisKeys.TicketOf(name, hash), record, lifetime);

    /// <summary>The record, which is gone then; null where there is none.</summary>
    public async Task<string?> TakeAsync(string hash) =>
        await redis.GetDatabase().StringGetDeleteAsync(RedisKeys.TicketOf(name, hash));
}
