using StackExchange.Redis;

namespace Radar.Market.Store;

/// <content>Reads that only check whether something is damaged.</content>
public sealed partial class MarketReader
{
    /// <summary>Reads again what a <see cref="DamagedStateException"/> named.</summary>
    /// <param name="key">Its key.</param>
    /// <exception cref="DamagedStateException">It is damaged still.</exception>
    public async Task CheckAsync(string key)
    {
        if (await LayoutAsync() is { } layout && RedisKeys.TryParse(key) is var (keys, _) && keys.Epoch == layout.Epoch)
            await CheckInAnyEpochAsync(key);
    }

    /// <summary>The same, of an epoch that is served or not.</summary>
    /// <param name="key">Its key.</param>
    /// <exception cref="DamagedStateException">It is damaged still.</exception>
    public async Task CheckInAnyEpochAsync(string key)
    {
        if (RedisKeys.TryParse(key) is not var (keys, symbol))
            return;
        await (symbol is null ? CheckAsync(keys) : CheckAsync(keys, symbol));
    }

    /// <summary>Reads what a partition has of all symbols together.</summary>
    /// <returns>The symbols.</returns>
    /// <exception cref="DamagedStateException">It is damaged.</exception>
    public async Task<IEnumerable<string>> CheckAsync(RedisKeys keys) =>
        (await SymbolRecordsAsync(keys, symbols: null)).Symbols.Select(record => record.Symbol);

    /// <summary>Reads what a partition has of one symbol alone.</summary>
    /// <exception cref="DamagedStateException">It is damaged.</exception>
    public async Task CheckAsync(RedisKeys keys, string symbol)
    {
        await TradesAsync(keys, symbol);
        foreach (Timeframe timeframe in Timeframe.All)
            await BarsAsync(keys, symbol, timeframe, 0, long.MaxValue, descending: false, int.MaxValue);
    }

    /// <summary>Names the key that is of another type, which the server does not do.</summary>
    private static async Task<DamagedStateException> OfAnotherTypeAsync(IDatabase database, RedisKeys keys, IReadOnlyList<string> symbols)
    {
        List<(RedisKey Key, RedisType Type)> parts = [(keys.Latest, RedisType.Hash), (keys.Days, RedisType.Hash)];
        foreach (string symbol in symbols)
            parts.AddRange(keys.PartsOf(symbol).Select((key, part) => (key, part == 0 ? RedisType.List : RedisType.SortedSet)));
        foreach (var (key, type) in parts)
        {
            if (await database.KeyTypeAsync(key) is var stored && stored != type && stored != RedisType.None)
                return DamagedStateException.AnotherType(key);
        }

        return DamagedStateException.AnotherType(keys.Position);
    }

    /// <summary>A symbol without a latest record is unknown only where nothing else of it is there, and no symbol is lost.</summary>
    private async Task CheckUnknownAsync(RedisKeys keys, string symbol)
    {
        RedisKey[] parts = [.. keys.PartsOf(symbol)];
        Task<bool> known = null!;
        Task<long> latest = null!, days = null!;
        var (head, others) = await ReadAsync(redis.GetDatabase(), keys, [symbol], transaction =>
        {
            known = transaction.HashExistsAsync(keys.Latest, symbol);
            latest = transaction.HashLengthAsync(keys.Latest);
            days = transaction.HashLengthAsync(keys.Days);
            return transaction.KeyExistsAsync(parts);
        });
        if (await known)
            return; // it has come meanwhile
        if (others > 0 || head.CountsOf(0) is not null)
            throw StateChecks.LacksLatest(keys, symbol);
        StateChecks.SymbolCount(head, keys, await latest, await days);
    }
}
