using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>Names the faults of the store, so that its callers need not know which client it is read with.</summary>
public static class StoreFaults
{
    /// <summary>True where Redis does not answer, refuses to, or is known by its client to have no such command or database.</summary>
    public static bool IsAway(Exception e) => e is RedisException or RedisTimeoutException or RedisCommandException;
}
