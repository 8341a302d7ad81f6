using Radar.Market.Projection;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>Reads for those who follow a partition: all of it, and what happened to it since.</summary>
public sealed partial class MarketReader
{
    /// <summary>Most symbols of which a partition is asked at once what happened; the script-like read blocks Redis some 10 ms then.</summary>
    private const int SymbolsSinceMax = 10_000;

    /// <summary>The first read tells which symbols moved, the second which bars, the third has them, unless more moved meanwhile.</summary>
    private const int ReadsSinceMax = 8;

    /// <summary>The latest and day records of a whole partition; null where nothing is stored.</summary>
    public async Task<PartitionState?> PartitionAsync(RedisKeys keys)
    {
        Task<HashEntry[]> days = null!;
        var (position, latest) = await ReadAsync(redis.GetDatabase(), keys, transaction =>
        {
            days = transaction.HashGetAllAsync(keys.Days);
            return transaction.HashGetAllAsync(keys.Latest);
        });
        return position is { } known ? new PartitionState(known, latest, await days) : null;
    }

    /// <summary>
    /// What happened to symbols of a partition from an offset on, as one change: the newest state, and every trade.
    /// </summary>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="symbols">Folded; those that the partition does not have are left out. Null is every symbol, also one that is new.</param>
    /// <param name="except">Symbols that are left out.</param>
    /// <param name="from">The first offset that is not known; null is the beginning.</param>
    /// <param name="timeframes">Bars that are wanted.</param>
    /// <returns>Null where that is not known any more: trades in between are no longer kept, or there are too many symbols.</returns>
    public async Task<Change?> SinceAsync(
        RedisKeys keys, IReadOnlySet<string>? symbols, IReadOnlySet<string> except, long? from, IReadOnlyList<Timeframe> timeframes)
    {
        List<string> asked = symbols is null ? [] : [.. symbols.Except(except)];
        var moved = new Dictionary<string, HashSet<(Timeframe, long)>>(StringComparer.Ordinal);
        for (int read = 0; read < ReadsSinceMax; read++)
        {
            var names = Task.FromResult<RedisValue[]>([]);
            Task<SymbolSince[]> details = null!;
            var (position, newest) = await ReadAsync(redis.GetDatabase(), keys, transaction =>
            {
                if (symbols is null)
                    names = transaction.HashKeysAsync(keys.Latest);
                details = Task.WhenAll(moved.Select(symbol => SymbolSinceAsync(transaction, keys, symbol.Key, [.. symbol.Value])).ToArray());
                return Task.WhenAll(asked.Select(symbol => transaction.ListGetByIndexAsync(keys.Trades(symbol), -1)).ToArray());
            });
            if (position is not { } reached)
                return null;

            bool complete = true;
            for (int i = 0; i < newest.Length; i++)
            {
                if (!newest[i].IsNull && !(StoredRecord.Order(((ReadOnlyMemory<byte>)newest[i]).Span).Offset < from))
                    complete &= !moved.TryAdd(asked[i], []);
            }

            string[] unasked = [.. (await names).Select(name => name.ToString()).Except(except).Except(asked)];
            complete &= unasked.Length == 0;
            asked.AddRange(unasked);
            if (asked.Count > SymbolsSinceMax)
                return null;

            var since = await details;
            foreach (SymbolSince symbol in since)
            {
                if (!symbol.ReachesBack(from))
                    return null;
                foreach (var trade in symbol.TradesFrom(from))
                {
                    foreach (Timeframe timeframe in timeframes)
                        complete &= !moved[symbol.Symbol].Add((timeframe, timeframe.OpenTime(StoredRecord.Order(trade.Span).TimestampMs)));
                }
            }

            if (complete)
                return new Change(from, reached, [.. since.Select(symbol => symbol.ToChanged(from))]);
        }

        return null;
    }

    private static async Task<SymbolSince> SymbolSinceAsync(
        ITransaction transaction, RedisKeys keys, string symbol, IReadOnlyList<(Timeframe Timeframe, long OpenTime)> wanted)
    {
        var latest = transaction.HashGetAsync(keys.Latest, symbol);
        var trades = transaction.ListRangeAsync(keys.Trades(symbol));
        var days = transaction.SortedSetRangeByRankAsync(keys.Bars(Timeframe.Day, symbol));
        var bars = wanted.Select(bar => transaction.SortedSetRangeByScoreAsync(keys.Bars(bar.Timeframe, symbol), bar.OpenTime, bar.OpenTime)).ToList();
        var found = new List<ChangedBar>();
        for (int i = 0; i < bars.Count; i++)
        {
            foreach (RedisValue bar in await bars[i])
                found.Add(new ChangedBar(wanted[i].Timeframe, wanted[i].OpenTime, bar));
        }

        found.Sort(static (left, right) => (left.Timeframe.Index, left.OpenTime).CompareTo((right.Timeframe.Index, right.OpenTime)));
        return new SymbolSince(symbol, await latest, [.. (await trades).Select(trade => (ReadOnlyMemory<byte>)trade)], await days, found);
    }

    /// <summary>What is kept of a symbol.</summary>
    private sealed record SymbolSince(
        string Symbol, ReadOnlyMemory<byte> Latest, IReadOnlyList<ReadOnlyMemory<byte>> Trades, RedisValue[] Days, IReadOnlyList<ChangedBar> Bars)
    {
        /// <summary>Every trade from there on is kept: the first that is kept is no later, or none was ever dropped.</summary>
        public bool ReachesBack(long? from) =>
            Trades.Count == 0 || StoredRecord.Order(Trades[0].Span).Offset <= from || NoneWasDropped();

        /// <summary>
        /// Each daily bar has all of its trades here, and each trade its daily bar. Where old daily bars are gone that is unknown, and
        /// the answer is no.
        /// </summary>
        private bool NoneWasDropped()
        {
            var kept = Trades.CountBy(trade => Timeframe.Day.OpenTime(StoredRecord.Order(trade.Span).TimestampMs)).ToDictionary();
            return kept.Count == Days.Length && Days.All(day =>
            {
                Bar bar = StoredRecord.ReadBar(((ReadOnlyMemory<byte>)day).Span);
                return kept.GetValueOrDefault(bar.OpenTime) == bar.Count;
            });
        }

        public IEnumerable<ReadOnlyMemory<byte>> TradesFrom(long? from) =>
            Trades.Where(trade => !(StoredRecord.Order(trade.Span).Offset < from));

        public ChangedSymbol ToChanged(long? from) => new(
            Symbol, StoredRecord.Order(Latest.Span).Offset < from ? default : Latest, default, [.. TradesFrom(from)], Bars);
    }
}

/// <summary>What a whole partition stores per symbol, read in one step.</summary>
/// <param name="Position">How far it has come.</param>
/// <param name="Latest">Symbol → latest record; see <see cref="StoredRecord"/>.</param>
/// <param name="Days">Symbol → day record.</param>
public sealed record PartitionState(PartitionPosition Position, HashEntry[] Latest, HashEntry[] Days);
