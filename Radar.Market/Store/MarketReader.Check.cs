using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>Reads that tell only whether something is damaged.</summary>
public sealed partial class MarketReader
{
    /// <summary>Reads again what a <see cref="DamagedStateException"/> named.</summary>
    /// <param name="key">Its key.</param>
    /// <exception cref="DamagedStateException">It is damaged still.</exception>
    public async Task CheckAsync(RedisKey key)
    {
        if (await LayoutAsync() is not { } layout || RedisKeys.TryParse(key) is not var (keys, symbol) || keys.Epoch != layout.Epoch)
            return;
        if (symbol is null)
        {
            await SymbolRecordsAsync(keys, symbols: null);
            return;
        }

        await TradesAsync(keys, symbol);
        await Task.WhenAll(Timeframe.All
            .Select(timeframe => BarsAsync(keys, symbol, timeframe, 0, long.MaxValue, descending: false, int.MaxValue)).ToArray());
    }

    /// <summary>A symbol without a latest record is unknown only where nothing else of it is there, and no symbol is lost.</summary>
    private async Task CheckUnknownAsync(RedisKeys keys, string symbol)
    {
        RedisKey[] parts = [keys.Trades(symbol), .. Timeframe.All.Select(timeframe => keys.Bars(timeframe, symbol))];
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
