using System.Collections.Immutable;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// The state in Redis, for those who serve it. Every read of a partition is one transaction, so its records and its position belong
/// together.
/// </summary>
/// <remarks>
/// Nobody computes a partition from a symbol: a symbol is where the consumer found it, so a read that does not know looks into every
/// partition.
/// </remarks>
/// <exception cref="RedisException">From every method, where Redis does not answer.</exception>
public sealed partial class MarketReader(IConnectionMultiplexer redis)
{
    /// <summary>The epoch that is served and its partition count; null before a consumer has written anything.</summary>
    public async Task<MarketLayout?> LayoutAsync()
    {
        IDatabase database = redis.GetDatabase();
        string epoch = RedisKeys.ReadEpoch(await database.StringGetAsync(RedisKeys.ActiveEpoch)) ?? RedisKeys.FirstEpoch;
        RedisKey position = new RedisKeys(epoch, 0).Position;
        var first = PartitionPosition.Parse(position, await database.HashGetAsync(position, PartitionPosition.Fields));
        return first is { } begun ? new MarketLayout(epoch, begun.Identity) : null;
    }

    /// <summary>Position of every partition, by number; null where nothing is stored.</summary>
    public async Task<ImmutableArray<PartitionPosition?>> PositionsAsync(MarketLayout layout)
    {
        IDatabase database = redis.GetDatabase();
        var reads = layout.Partitions.Select(keys => database.HashGetAsync(keys.Position, PartitionPosition.Fields)).ToArray();
        return [.. (await Task.WhenAll(reads)).Zip(layout.Partitions, static (fields, keys) => PartitionPosition.Parse(keys.Position, fields))];
    }

    /// <summary>
    /// Where <paramref name="symbol"/> lives, with its latest record; null where no partition has it. In two partitions (two producers
    /// that place keys differently), the one with the newer trade.
    /// </summary>
    public async Task<SymbolLocation?> FindAsync(MarketLayout layout, string symbol)
    {
        SymbolLocation? newest = null;
        foreach (var location in await Task.WhenAll(layout.Partitions.Select(keys => FindAsync(keys, symbol)).ToArray()))
        {
            if (location is not null && (newest is null || location.TimestampMs > newest.TimestampMs))
                newest = location;
        }

        return newest;
    }

    /// <summary>The latest record of <paramref name="symbol"/> in one partition; null where that partition does not have it.</summary>
    public async Task<SymbolLocation?> FindAsync(RedisKeys keys, string symbol)
    {
        var (position, latest) = await ReadAsync(redis.GetDatabase(), keys, transaction => transaction.HashGetAsync(keys.Latest, symbol));
        return Location(keys, position, latest);
    }

    /// <summary>The retained trade records of a symbol in offset order, with the latest record and position they belong to.</summary>
    public Task<SymbolRecords> TradesAsync(RedisKeys keys, string symbol) =>
        ReadAsync(keys, symbol, transaction => transaction.ListRangeAsync(keys.Trades(symbol)));

    /// <summary>The same of the newest trades, or of the oldest ones, alone.</summary>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="symbol">Folded.</param>
    /// <param name="count">At most so many, from 1 on; fewer are all that are kept.</param>
    /// <param name="newest">False takes the oldest.</param>
    public Task<SymbolRecords> TradesAsync(RedisKeys keys, string symbol, int count, bool newest) =>
        ReadAsync(keys, symbol, transaction => newest
            ? transaction.ListRangeAsync(keys.Trades(symbol), -count)
            : transaction.ListRangeAsync(keys.Trades(symbol), 0, count - 1));

    /// <summary>Bar records of a symbol with open times from <paramref name="startMs"/> to <paramref name="endMs"/>, both inclusive.</summary>
    public Task<SymbolRecords> BarsAsync(
        RedisKeys keys, string symbol, Timeframe timeframe, long startMs, long endMs, bool descending, int limit) =>
        ReadAsync(keys, symbol, transaction => transaction.SortedSetRangeByScoreAsync(
            keys.Bars(timeframe, symbol), startMs, endMs, Exclude.None, descending ? Order.Descending : Order.Ascending, 0, limit));

    /// <summary>Every symbol of one partition, in no order.</summary>
    public async Task<RedisValue[]> SymbolsAsync(RedisKeys keys) => await redis.GetDatabase().HashKeysAsync(keys.Latest);

    /// <summary>How many symbols one partition has.</summary>
    public async Task<long> SymbolCountAsync(RedisKeys keys) => await redis.GetDatabase().HashLengthAsync(keys.Latest);

    private async Task<SymbolRecords> ReadAsync(RedisKeys keys, string symbol, Func<ITransaction, Task<RedisValue[]>> read)
    {
        Task<RedisValue> latest = null!;
        var (position, records) = await ReadAsync(redis.GetDatabase(), keys, transaction =>
        {
            latest = transaction.HashGetAsync(keys.Latest, symbol);
            return read(transaction);
        });
        return new SymbolRecords(Location(keys, position, await latest), records);
    }

    private static SymbolLocation? Location(RedisKeys keys, PartitionPosition? position, RedisValue latest) =>
        position is { } known && !latest.IsNull ? new SymbolLocation(keys, known, latest) : null;

    private static async Task<(PartitionPosition? Position, T Value)> ReadAsync<T>(
        IDatabase database, RedisKeys keys, Func<ITransaction, Task<T>> read)
    {
        ITransaction transaction = database.CreateTransaction();
        var position = transaction.HashGetAsync(keys.Position, PartitionPosition.Fields);
        var value = read(transaction);
        await transaction.ExecuteAsync();
        return (PartitionPosition.Parse(keys.Position, await position), await value);
    }
}

/// <summary>The epoch that is served and what it was made from.</summary>
/// <param name="Epoch">See <see cref="RedisKeys"/>.</param>
/// <param name="Identity">The topic that the state was made from.</param>
public readonly record struct MarketLayout(string Epoch, TopicIdentity Identity)
{
    /// <summary>Partitions of that topic.</summary>
    public int PartitionCount => Identity.Partitions;

    /// <summary>The keys of every partition, by number.</summary>
    public IEnumerable<RedisKeys> Partitions
    {
        get
        {
            string epoch = Epoch;
            return Enumerable.Range(0, Identity.Partitions).Select(partition => new RedisKeys(epoch, partition));
        }
    }
}

/// <summary>A symbol's place and its latest record.</summary>
/// <param name="Keys">Epoch and partition.</param>
/// <param name="Position">The partition's position when the record was read.</param>
/// <param name="Latest">See <see cref="StoredRecord"/>.</param>
public sealed record SymbolLocation(RedisKeys Keys, PartitionPosition Position, ReadOnlyMemory<byte> Latest)
{
    /// <summary>Event time of the latest trade, Unix ms.</summary>
    public long TimestampMs { get; } = StoredRecord.Order(Latest.Span).TimestampMs;
}

/// <summary>Records of a symbol, read together with its latest record and the position.</summary>
/// <param name="Location">Null where the partition does not have the symbol.</param>
/// <param name="Records">See <see cref="StoredRecord"/>.</param>
public readonly record struct SymbolRecords(SymbolLocation? Location, RedisValue[] Records);
