using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>Names the faults of the store, so that its callers need not know which client it is read with.</summary>
public static class StoreFaults
{
    /// <summary>
    /// True where Redis does not answer, or not in time, refuses to, or is known by its client to have no such command or database.
    /// </summary>
    /// <remarks>RedisTimeoutException is a TimeoutException, and so is what a wait with a limit throws.</remarks>
    public static bool IsAway(Exception e) => e is RedisException or RedisCommandException or TimeoutException;
}
