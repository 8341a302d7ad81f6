using System.Collections.Immutable;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// The state in Redis, for those who serve it. Every read of a partition is one transaction, so its records and its position belong
/// together. What does not agree with its checksum, or with what the position counts, is not given.
/// </summary>
/// <remarks>
/// No partition is computed from a symbol: a symbol is where the consumer found it, so a read without that knowledge looks into every
/// partition.
/// </remarks>
/// <param name="redis">Where the state is.</param>
/// <param name="name">See <see cref="RadarOptions.Name"/>; null is the state without a name.</param>
/// <exception cref="RedisException">From every method, where Redis does not answer.</exception>
/// <exception cref="DamagedStateException">From every method, where what Redis holds is not what was written.</exception>
public sealed partial class MarketReader(IConnectionMultiplexer redis, string? name = null)
{
    /// <summary>The key that names the epoch.</summary>
    private RedisKey ActiveEpoch { get; } = RedisKeys.ActiveEpochOf(name);

    /// <summary>The keys of a partition of the state that is read.</summary>
    public RedisKeys KeysOf(string epoch, int partition) => new(epoch, partition, name);

    /// <summary>The epoch that is served and its partition count; null before a consumer has written anything.</summary>
    public async Task<MarketLayout?> LayoutAsync()
    {
        IDatabase database = redis.GetDatabase();
        string epoch = RedisKeys.ReadEpoch(ActiveEpoch, await database.StringGetAsync(ActiveEpoch)) ?? RedisKeys.FirstEpoch;
        var keys = new RedisKeys(epoch, 0, name);
        if (PartitionPosition.Parse(keys.Position, await database.HashGetAsync(keys.Position, PartitionPosition.Fields)) is { } begun)
            return new MarketLayout(epoch, begun.Identity, name, begun.KeepsCase);
        var (head, others) = await ReadAsync(database, keys, [], transaction => transaction.KeyExistsAsync([keys.Latest, keys.Days]));
        return others == 0 ? null
            : head.Position is { } meanwhile ? new MarketLayout(epoch, meanwhile.Identity, name, meanwhile.KeepsCase)
            : throw StateChecks.LacksPosition(keys);
    }

    /// <summary>Position of every partition, by number; null where nothing is stored.</summary>
    public async Task<ImmutableArray<PartitionPosition?>> PositionsAsync(MarketLayout layout)
    {
        IDatabase database = redis.GetDatabase();
        var reads = layout.Partitions.Select(keys => database.HashGetAsync(keys.Position, PartitionPosition.Fields)).ToArray();
        return
        [
            .. (await Task.WhenAll(reads)).Zip(
                layout.Partitions, static (fields, keys) => PartitionPosition.Parse(keys.Position, fields)?.AsServed()),
        ];
    }

    /// <summary>
    /// Where <paramref name="symbol"/> lives, with its latest record; null where no partition has it. In two partitions (two producers
    /// that place keys differently), the one with the newer trade.
    /// </summary>
    public async Task<SymbolLocation?> FindAsync(MarketLayout layout, string symbol)
    {
        SymbolLocation? newest = null;
        foreach (var location in await Task.WhenAll(layout.Partitions.Select(keys => LookAsync(keys, symbol)).ToArray()))
        {
            if (location is not null && (newest is null || location.TimestampMs > newest.TimestampMs))
                newest = location;
        }

        if (newest is null)
            await Task.WhenAll(layout.Partitions.Select(keys => CheckUnknownAsync(keys, symbol)).ToArray());
        return newest;
    }

    /// <summary>The latest record of <paramref name="symbol"/> in one partition; null where that partition does not have it.</summary>
    public async Task<SymbolLocation?> FindAsync(RedisKeys keys, string symbol)
    {
        var location = await LookAsync(keys, symbol);
        if (location is null)
            await CheckUnknownAsync(keys, symbol);
        return location;
    }

    /// <summary>The retained trade records of a symbol in offset order, with the latest record and position they belong to.</summary>
    public Task<SymbolRecords> TradesAsync(RedisKeys keys, string symbol) =>
        TradesAsync(keys, symbol, null, transaction => transaction.ListRangeAsync(keys.Trades(symbol)));

    /// <summary>The same of the newest trades, or of the oldest ones, alone.</summary>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="symbol">Folded.</param>
    /// <param name="count">At most so many, from 1 on; fewer are all that are kept.</param>
    /// <param name="newest">False takes the oldest.</param>
    public Task<SymbolRecords> TradesAsync(RedisKeys keys, string symbol, int count, bool newest) =>
        TradesAsync(keys, symbol, count, transaction => newest
            ? transaction.ListRangeAsync(keys.Trades(symbol), -count)
            : transaction.ListRangeAsync(keys.Trades(symbol), 0, count - 1));

    /// <summary>
    /// Bar records of a symbol with open times from <paramref name="startMs"/> to <paramref name="endMs"/>, both inclusive.
    /// </summary>
    public async Task<SymbolRecords> BarsAsync(
        RedisKeys keys, string symbol, Timeframe timeframe, long startMs, long endMs, bool descending, int limit)
    {
        RedisKey key = keys.Bars(timeframe, symbol);
        Task<RedisValue> latest = null!;
        Task<long> stored = null!;
        var (head, bars) = await ReadAsync(redis.GetDatabase(), keys, [symbol], transaction =>
        {
            latest = transaction.HashGetAsync(keys.Latest, symbol);
            stored = transaction.SortedSetLengthAsync(key);
            return transaction.SortedSetRangeByScoreAsync(
                key, startMs, endMs, Exclude.None, descending ? Order.Descending : Order.Ascending, 0, limit);
        });
        if (Location(head, keys, symbol, await latest, await stored) is not { } location)
            return new SymbolRecords(null, new(bars));
        StateChecks.BarCount(keys, timeframe, symbol, head.CountsOf(0), await stored);
        StateChecks.Bars(keys, timeframe, symbol, bars);
        return new SymbolRecords(location, new(bars));
    }

    /// <summary>Every symbol of one partition, in no order.</summary>
    public async Task<string[]> SymbolsAsync(RedisKeys keys) =>
        Array.ConvertAll(await redis.GetDatabase().HashKeysAsync(keys.Latest), static symbol => symbol.ToString());

    /// <summary>How many symbols one partition has.</summary>
    public async Task<long> SymbolCountAsync(RedisKeys keys) => await redis.GetDatabase().HashLengthAsync(keys.Latest);

    private async Task<SymbolRecords> TradesAsync(
        RedisKeys keys, string symbol, int? askedFor, Func<IDatabaseAsync, Task<RedisValue[]>> read)
    {
        Task<RedisValue> latest = null!;
        var (head, trades) = await ReadAsync(redis.GetDatabase(), keys, [symbol], transaction =>
        {
            latest = transaction.HashGetAsync(keys.Latest, symbol);
            return read(transaction);
        });
        if (Location(head, keys, symbol, await latest, trades.Length) is not { } location)
            return new SymbolRecords(null, new(trades));
        StateChecks.Trades(keys, symbol, head.CountsOf(0), trades, askedFor);
        return new SymbolRecords(location, new(trades));
    }

    private async Task<SymbolLocation?> LookAsync(RedisKeys keys, string symbol)
    {
        var (head, latest) = await ReadAsync(
            redis.GetDatabase(), keys, [symbol], transaction => transaction.HashGetAsync(keys.Latest, symbol));
        return Location(head, keys, symbol, latest);
    }

    /// <param name="head">Read with the record.</param>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="symbol">Folded.</param>
    /// <param name="latest">Its record.</param>
    /// <param name="others">How many other values of the symbol were found.</param>
    private static SymbolLocation? Location(PartitionHead head, RedisKeys keys, string symbol, RedisValue latest, long others = 0)
    {
        if (StateChecks.HasSymbol(head, keys, symbol, head.CountsOf(0), latest))
            return new SymbolLocation(keys, head.Position!.Value, latest);
        return others == 0 ? null : throw StateChecks.LacksLatest(keys, symbol);
    }

    /// <summary>Reads in one transaction with the position, and with what it counts of <paramref name="symbols"/>.</summary>
    private static async Task<(PartitionHead Head, T Value)> ReadAsync<T>(
        IDatabase database, RedisKeys keys, IReadOnlyList<string> symbols, Func<IDatabaseAsync, Task<T>> read)
    {
        ITransaction transaction = database.CreateTransaction();
        var head = transaction.HashGetAsync(keys.Position, PartitionHead.Fields(symbols));
        var value = read(transaction);
        try
        {
            await transaction.ExecuteAsync();
            return (PartitionHead.Parse(keys, symbols, await head), await value);
        }
        catch (RedisServerException e) when (DamagedStateException.IsAnotherType(e))
        {
            throw await OfAnotherTypeAsync(database, keys, symbols);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("EXECABORT", StringComparison.Ordinal))
        {
            await read(database); // one of them is refused, which says why
            throw;
        }
    }
}

/// <summary>The epoch that is served and what it was made from.</summary>
/// <param name="Epoch">See <see cref="RedisKeys"/>.</param>
/// <param name="Identity">The topic that the state was made from.</param>
/// <param name="Name">See <see cref="RadarOptions.Name"/>; null is the state without a name.</param>
/// <param name="KeepsCase">Whether case counts in its symbols, see <see cref="SymbolRule"/>.</param>
public readonly record struct MarketLayout(string Epoch, TopicIdentity Identity, string? Name = null, bool KeepsCase = false)
{
    /// <summary>The layout that a symbol was found in.</summary>
    public static MarketLayout Of(SymbolLocation location) =>
        new(location.Keys.Epoch, location.Position.Identity, location.Keys.Name, location.Position.KeepsCase);

    /// <summary>The keys of one partition.</summary>
    public RedisKeys KeysOf(int partition) => new(Epoch, partition, Name);

    /// <summary>Partitions of that topic.</summary>
    public int PartitionCount => Identity.Partitions;

    /// <summary>The keys of every partition, by number.</summary>
    public IEnumerable<RedisKeys> Partitions
    {
        get
        {
            MarketLayout layout = this;
            return Enumerable.Range(0, Identity.Partitions).Select(layout.KeysOf);
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
public readonly record struct SymbolRecords(SymbolLocation? Location, StoredRecords Records);
