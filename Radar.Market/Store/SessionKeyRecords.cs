using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// What the API's session cookies are encrypted with, in Redis, so that every replica reads them: a list of texts, the oldest first.
/// </summary>
/// <param name="redis">Where they are.</param>
/// <param name="name">See <see cref="RadarOptions.Name"/>; null is the state without a name.</param>
/// <exception cref="RedisException">From every method, where Redis does not answer.</exception>
public sealed class SessionKeyRecords(IConnectionMultiplexer redis, string? name = null)
{
    private readonly RedisKey _key = RedisKeys.SessionKeysOf(name);

    public IReadOnlyList<string> Read() =>
        Array.ConvertAll(redis.GetDatabase().ListRange(_key), static record => record.ToString());

    public void Add(string record) => redis.GetDatabase().ListRightPush(_key, record);
}
