using System.Collections.Immutable;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>Reads of many symbols: one transaction per partition, so what is read of a partition belongs to one position.</summary>
public sealed partial class MarketReader
{
    /// <summary>Latest and day records of one partition.</summary>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="symbols">Folded; null reads all. Those that the partition does not have are left out.</param>
    public async Task<PartitionRead<SymbolRecord>> SymbolRecordsAsync(RedisKeys keys, IReadOnlyList<string>? symbols)
    {
        if (symbols is null)
        {
            Task<HashEntry[]> days = null!;
            var (head, latest) = await ReadAsync(redis.GetDatabase(), keys, [], transaction =>
            {
                days = transaction.HashGetAllAsync(keys.Days);
                return transaction.HashGetAllAsync(keys.Latest);
            });
            var day = (await days).ToDictionary(entry => entry.Name, entry => entry.Value);
            StateChecks.SymbolCount(head, keys, latest.Length, day.Count);
            var records = latest
                .Select(entry => Checked(head, keys, entry.Name.ToString(), null, entry.Value, day.GetValueOrDefault(entry.Name))!.Value);
            return new(head.Position, [.. records]);
        }
        else
        {
            RedisValue[] names = [.. symbols.Select(symbol => (RedisValue)symbol)];
            Task<RedisValue[]> days = null!;
            var (head, latest) = await ReadAsync(redis.GetDatabase(), keys, symbols, transaction =>
            {
                days = transaction.HashGetAsync(keys.Days, names);
                return transaction.HashGetAsync(keys.Latest, names);
            });
            var day = await days;
            var records = symbols.Select((symbol, i) => Checked(head, keys, symbol, head.CountsOf(i), latest[i], day[i]));
            return new(head.Position, [.. records.OfType<SymbolRecord>()]);
        }
    }

    /// <summary>
    /// Latest record, newest minute bar and two newest daily bars of symbols of one partition; those it does not have are left out.
    /// </summary>
    public async Task<PartitionRead<SymbolSnapshot>> SnapshotsAsync(RedisKeys keys, IReadOnlyList<string> symbols)
    {
        var (head, read) = await ReadAsync(
            redis.GetDatabase(), keys, symbols,
            transaction => Task.WhenAll(symbols.Select(symbol => SnapshotAsync(transaction, keys, symbol)).ToArray()));
        var snapshots = ImmutableArray.CreateBuilder<SymbolSnapshot>(symbols.Count);
        for (int i = 0; i < read.Length; i++)
        {
            var (latest, minute, days) = read[i];
            if (!StateChecks.HasSymbol(head, keys, symbols[i], head.CountsOf(i), latest))
                continue;
            StateChecks.NewestBars(keys, Timeframe.Minute, symbols[i], head.CountsOf(i), minute, 1);
            StateChecks.NewestBars(keys, Timeframe.Day, symbols[i], head.CountsOf(i), days, 2);
            snapshots.Add(new SymbolSnapshot(symbols[i], latest, minute[0], new(days)));
        }

        return new(head.Position, snapshots.ToImmutable());
    }

    /// <summary>Symbols of one partition at a time in the past; those it does not have are left out.</summary>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="symbols">Folded.</param>
    /// <param name="atMs">The time, Unix ms.</param>
    /// <param name="longest">The longest timeframe whose bars are wanted.</param>
    public async Task<PartitionRead<PastSymbol>> PastAsync(RedisKeys keys, IReadOnlyList<string> symbols, long atMs, Timeframe longest)
    {
        var (position, read, _) = await PastAsync(
            keys, symbols, atMs, longest, PastSymbol.TradesFirst, static _ => Task.FromResult<RedisValue[]>([]));
        return new(position, [.. read.OfType<PastSymbol>()]);
    }

    /// <summary>As the read of bars, together with what is needed to reconstruct the bar that holds <paramref name="atMs"/>.</summary>
    public async Task<(PartitionPosition? Position, PastSymbol? Past, StoredRecords Bars)> PastBarsAsync(
        RedisKeys keys, string symbol, Timeframe timeframe, long startMs, long endMs, bool descending, int limit, long atMs)
    {
        var (position, past, bars) = await PastAsync(
            keys, [symbol], atMs, timeframe, PastSymbol.TradesFirst, transaction => transaction.SortedSetRangeByScoreAsync(
                keys.Bars(timeframe, symbol), startMs, endMs, Exclude.None, descending ? Order.Descending : Order.Ascending, 0, limit));
        StateChecks.Bars(keys, timeframe, symbol, bars);
        return (position, past[0], new(bars));
    }

    /// <summary>
    /// Reads few trades first: most times are near enough to now, or at the end of a bar. Symbols that those do not decide are read
    /// again with all of theirs, in one more transaction with all others, so that everything is of one position.
    /// </summary>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="symbols">Folded.</param>
    /// <param name="atMs">The time, Unix ms.</param>
    /// <param name="longest">As of <see cref="PastSymbol.ReadAsync"/>.</param>
    /// <param name="tradesFirst">Trades of each symbol that are read first; null reads all at once.</param>
    /// <param name="more">What else is read in the same transaction.</param>
    internal async Task<(PartitionPosition? Position, PastSymbol?[] Symbols, RedisValue[] More)> PastAsync(
        RedisKeys keys, IReadOnlyList<string> symbols, long atMs, Timeframe longest, int? tradesFirst,
        Func<IDatabaseAsync, Task<RedisValue[]>> more)
    {
        var trades = new int?[symbols.Count];
        Array.Fill(trades, tradesFirst);
        for (int attempt = 1; ; attempt++)
        {
            Task<RedisValue[]> others = null!;
            var (head, read) = await ReadAsync(redis.GetDatabase(), keys, symbols, transaction =>
            {
                others = more(transaction);
                var reads = symbols.Select((symbol, i) => PastSymbol.ReadAsync(transaction, keys, symbol, atMs, longest, trades[i]));
                return Task.WhenAll(reads.ToArray()); // all are queued now
            });
            bool isDecided = true;
            for (int i = 0; i < read.Length; i++)
            {
                if (StateChecks.HasSymbol(head, keys, symbols[i], head.CountsOf(i), read[i] is { } past ? past.Latest : RedisValue.Null))
                    read[i]!.Check(keys, head.CountsOf(i));
                if (read[i] is not { IsDecided: false })
                    continue;
                trades[i] = null;
                isDecided = false;
            }

            if (isDecided)
                return (head.Position, read, await others);
            if (attempt > 1)
                Array.Fill(trades, null); // the partition advances: once more, with all trades
        }
    }

    /// <summary>Position of one partition; null where nothing is stored.</summary>
    public async Task<PartitionPosition?> PositionAsync(RedisKeys keys) =>
        PartitionPosition.Parse(keys.Position, await redis.GetDatabase().HashGetAsync(keys.Position, PartitionPosition.Fields));

    private static async Task<(RedisValue Latest, RedisValue[] Minute, RedisValue[] Days)> SnapshotAsync(
        IDatabaseAsync transaction, RedisKeys keys, string symbol)
    {
        var latest = transaction.HashGetAsync(keys.Latest, symbol);
        var minutes = transaction.SortedSetRangeByRankAsync(keys.Bars(Timeframe.Minute, symbol), 0, 0, Order.Descending);
        var days = transaction.SortedSetRangeByRankAsync(keys.Bars(Timeframe.Day, symbol), 0, 1, Order.Descending);
        return (await latest, await minutes, await days);
    }

    /// <summary>Null where the partition does not have the symbol.</summary>
    private static SymbolRecord? Checked(
        PartitionHead head, RedisKeys keys, string symbol, SymbolCounts? counts, RedisValue latest, RedisValue day)
    {
        if (!StateChecks.HasSymbol(head, keys, symbol, counts, latest))
            return null;
        StateChecks.Day(keys, symbol, day);
        return new SymbolRecord(symbol, latest, day);
    }
}

/// <summary>What one transaction read of one partition.</summary>
/// <param name="Position">Null where nothing is stored.</param>
/// <param name="Symbols">In the order that they were asked for.</param>
public readonly record struct PartitionRead<T>(PartitionPosition? Position, ImmutableArray<T> Symbols);

/// <summary>A symbol's latest and day record; see <see cref="StoredRecord"/>.</summary>
public readonly record struct SymbolRecord(string Symbol, ReadOnlyMemory<byte> Latest, ReadOnlyMemory<byte> Day);

/// <summary>A symbol's latest record, newest minute bar, and newest daily bars, newest first, of which there are one or two.</summary>
public sealed record SymbolSnapshot(string Symbol, ReadOnlyMemory<byte> Latest, ReadOnlyMemory<byte> Minute, StoredRecords Days);
