using Radar.Market.Projection;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>Reads for followers of a partition: all of it, and what changed since.</summary>
public sealed partial class MarketReader
{
    /// <summary>
    /// Most symbols of which a partition is asked at once what happened; the script-like read blocks Redis some 10 ms then.
    /// </summary>
    private const int SymbolsSinceMax = 10_000;

    /// <summary>
    /// What happened to symbols of a partition from an offset on, as one change that reaches to where the partition is now. It advances
    /// while it is read; what the trades after that touch is left to the changes that bring them, which a follower has.
    /// </summary>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="symbols">Folded; those that the partition does not have are left out. Null is every symbol.</param>
    /// <param name="except">Symbols that are left out.</param>
    /// <param name="from">The first offset that is not known; null is the beginning.</param>
    /// <param name="timeframes">Bars that are wanted.</param>
    /// <returns>Null where that is unknown: trades in between are no longer kept, or there are too many symbols.</returns>
    public async Task<Change?> SinceAsync(
        RedisKeys keys, IReadOnlySet<string>? symbols, IReadOnlySet<string> except, long? from, IReadOnlyList<Timeframe> timeframes)
    {
        IDatabase database = redis.GetDatabase();
        var (before, names) = await ReadAsync(
            database, keys, [],
            transaction => symbols is null ? transaction.HashKeysAsync(keys.Latest) : Task.FromResult<RedisValue[]>([]));
        string[] asked = [.. (symbols ?? names.Select(name => name.ToString())).Except(except)];
        if (before.Position is not { } reached || asked.Length > SymbolsSinceMax)
            return null;

        var (head, newest) = await ReadAsync(
            database, keys, asked,
            transaction => Task.WhenAll(asked.Select(symbol => transaction.ListGetByIndexAsync(keys.Trades(symbol), -1)).ToArray()));
        for (int i = 0; i < asked.Length; i++)
            StateChecks.Trades(keys, asked[i], head.CountsOf(i), newest[i].IsNull ? [] : [newest[i]], askedFor: 1);
        string[] moved = [.. asked.Where((_, i) => !newest[i].IsNull && !(OffsetOf(newest[i]) < from))];

        var (whole, kept) = await ReadAsync(
            database, keys, moved,
            transaction => Task.WhenAll(moved.Select(symbol => KeptTrades.ReadAsync(transaction, keys, symbol, timeframes)).ToArray()));
        for (int i = 0; i < kept.Length; i++)
            kept[i].Check(keys, whole.CountsOf(i), timeframes);
        if (!kept.All(trades => trades.ReachBack(from)))
            return null;

        var (_, changed) = await ReadAsync(
            database, keys, [],
            transaction =>
                Task.WhenAll(kept.Select(trades => SinceAsync(transaction, keys, trades, from, reached.Offset, timeframes)).ToArray()));
        return new Change(from, reached, [.. changed.Where(symbol => symbol.Trades.Count > 0)]);
    }

    private static async Task<ChangedSymbol> SinceAsync(
        IDatabaseAsync transaction, RedisKeys keys, KeptTrades kept, long? from, long to, IReadOnlyList<Timeframe> timeframes)
    {
        List<ReadOnlyMemory<byte>> trades = [.. kept.Trades.Where(trade => !(OffsetOf(trade) < from) && OffsetOf(trade) < to)];
        var wanted = timeframes.SelectMany(
            timeframe => trades.Select(trade => (Timeframe: timeframe, OpenTime: OpenTime(timeframe, trade))).Distinct()).ToList();
        var latest = transaction.HashGetAsync(keys.Latest, kept.Symbol);
        var now = transaction.ListRangeAsync(keys.Trades(kept.Symbol));
        var bars = wanted.Select(
            bar => transaction.SortedSetRangeByScoreAsync(keys.Bars(bar.Timeframe, kept.Symbol), bar.OpenTime, bar.OpenTime)).ToList();

        // Everything is queued before anything is awaited: the caller executes the transaction now.
        ReadOnlyMemory<byte> newest = await latest;
        StateChecks.Latest(keys, kept.Symbol, newest);
        StateChecks.Trades(keys, kept.Symbol, counts: null, await now);
        var later = (await now).Select(trade => (ReadOnlyMemory<byte>)trade).Where(trade => OffsetOf(trade) >= to).ToList();
        var changed = new List<ChangedBar>();
        for (int i = 0; i < bars.Count; i++)
        {
            var (timeframe, openTime) = wanted[i];
            StateChecks.Bars(keys, timeframe, kept.Symbol, await bars[i]);
            if (await bars[i] is [var bar] && !later.Exists(trade => OpenTime(timeframe, trade) == openTime))
                changed.Add(new ChangedBar(timeframe, openTime, bar));
        }

        changed.Sort(static (left, right) => (left.Timeframe.Index, left.OpenTime).CompareTo((right.Timeframe.Index, right.OpenTime)));
        bool isLatestChanged = !(OffsetOf(newest) < from) && OffsetOf(newest) < to;
        return new ChangedSymbol(kept.Symbol, isLatestChanged ? newest : default, default, trades, changed);
    }

    private static long OffsetOf(ReadOnlyMemory<byte> record) => StoredRecord.Order(record.Span).Offset;

    private static long OpenTime(Timeframe timeframe, ReadOnlyMemory<byte> trade) =>
        timeframe.OpenTime(StoredRecord.Order(trade.Span).TimestampMs);

    /// <summary>The trades that are kept of a symbol, with its daily bars, and how many bars of the timeframes that are wanted.</summary>
    private sealed record KeptTrades(string Symbol, IReadOnlyList<ReadOnlyMemory<byte>> Trades, RedisValue[] Days, long[] Stored)
    {
        public static async Task<KeptTrades> ReadAsync(
            IDatabaseAsync transaction, RedisKeys keys, string symbol, IReadOnlyList<Timeframe> timeframes)
        {
            var trades = transaction.ListRangeAsync(keys.Trades(symbol));
            var stored = Task.WhenAll(
                timeframes.Select(timeframe => transaction.SortedSetLengthAsync(keys.Bars(timeframe, symbol))).ToArray());
            var days = transaction.SortedSetRangeByRankAsync(keys.Bars(Timeframe.Day, symbol));
            return new KeptTrades(symbol, [.. (await trades).Select(trade => (ReadOnlyMemory<byte>)trade)], await days, await stored);
        }

        public void Check(RedisKeys keys, SymbolCounts? counts, IReadOnlyList<Timeframe> timeframes)
        {
            for (int i = 0; i < timeframes.Count; i++)
                StateChecks.BarCount(keys, timeframes[i], Symbol, counts, Stored[i]);
            StateChecks.Trades(keys, Symbol, counts, [.. Trades.Select(static trade => (RedisValue)trade)]);
            StateChecks.BarCount(keys, Timeframe.Day, Symbol, counts, Days.Length);
            StateChecks.Bars(keys, Timeframe.Day, Symbol, Days);
        }

        /// <summary>Every trade from there on is kept: the first that is kept is no later, or none was ever dropped.</summary>
        public bool ReachBack(long? from) => Trades.Count == 0 || OffsetOf(Trades[0]) <= from || NoneWasDropped();

        /// <summary>
        /// Each daily bar has all of its trades here, and each trade its daily bar. Where old daily bars are gone that is unknown, and
        /// the answer is no.
        /// </summary>
        private bool NoneWasDropped()
        {
            var kept = Trades.CountBy(trade => OpenTime(Timeframe.Day, trade)).ToDictionary();
            return kept.Count == Days.Length && Days.All(day =>
            {
                Bar bar = StoredRecord.ReadBar(((ReadOnlyMemory<byte>)day).Span);
                return kept.GetValueOrDefault(bar.OpenTime) == bar.Count;
            });
        }
    }
}
