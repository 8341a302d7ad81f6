using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>Which symbols a partition's state has, for the one who writes it.</summary>
internal sealed class StoredSymbols(IDatabase redis, RedisKeys keys)
{
    /// <summary>How many.</summary>
    public Task<long> CountAsync() => redis.HashLengthAsync(keys.Latest, CommandFlags.DemandMaster);

    /// <summary>All of them.</summary>
    public async Task<IEnumerable<string>> NamesAsync() =>
        (await redis.HashKeysAsync(keys.Latest, CommandFlags.DemandMaster)).Select(name => name.ToString());
}
