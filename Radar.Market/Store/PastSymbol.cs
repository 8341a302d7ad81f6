using System.Buffers;
using Radar.Market.Projection;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// One symbol at a time in the past: its events up to then, with what is known now. What is kept is the newest trades and bars, so an
/// answer is either exact or unknown; nothing is guessed.
/// </summary>
/// <remarks>
/// A bar is complete while it is kept, and contains how many trades it holds and the times of the first and the last. So it is known
/// whether the kept trades of a minute are all of them, and whether the kept minutes of an hour are.
/// </remarks>
public sealed class PastSymbol
{
    /// <summary>Trades that are read first; a busy symbol has as many in a second.</summary>
    internal const int TradesFirst = 64;

    private const int NewestBars = 3;

    private readonly long _atMs;
    private readonly RedisValue[] _trades;
    private readonly RedisValue _oldestTrade;
    private readonly bool _hasAllTrades;
    private readonly RedisValue[][] _newest;
    private readonly RedisValue[][] _parts;
    private readonly long[] _stored;
    private readonly int? _tradesMax;

    private PastSymbol(
        string symbol, long atMs, ReadOnlyMemory<byte> latest, RedisValue[] trades, RedisValue oldestTrade, int? tradesMax,
        RedisValue[][] newest, RedisValue[][] parts, long[] stored)
    {
        Symbol = symbol;
        Latest = latest;
        _atMs = atMs;
        (_trades, _oldestTrade, _hasAllTrades, _tradesMax) = (trades, oldestTrade, !(trades.Length >= tradesMax), tradesMax);
        _newest = newest;
        _parts = parts;
        _stored = stored;
    }

    /// <summary>Folded.</summary>
    public string Symbol { get; }

    /// <summary>The latest record of today; see <see cref="StoredRecord"/>.</summary>
    public ReadOnlyMemory<byte> Latest { get; }

    /// <summary>Event time of the first trade that is kept, Unix ms; null where none is.</summary>
    public long? KeptFromMs => _oldestTrade.IsNull ? null : StoredRecord.Order(Record(_oldestTrade).Span).TimestampMs;

    /// <summary>False where other trades than those that were read would give another answer.</summary>
    internal bool IsDecided
    {
        get
        {
            var minutes = _newest[Timeframe.Minute.Index];
            if (_hasAllTrades || minutes.Length == 0 || StoredRecord.Order(Latest.Span).TimestampMs <= _atMs)
                return true;
            Bar newest = ReadBar(minutes[0]);
            if (!HasBarOfTime(Timeframe.Minute) || newest.Closed.TimestampMs <= _atMs)
                return Kept(newest.Closed).Known;
            if (newest.Opened.TimestampMs <= _atMs)
                return _trades.Count(trade => MinuteOf(trade) == newest.OpenTime) == newest.Count;
            return minutes.Length == 1 || Kept(ReadBar(minutes[1]).Closed).Known;
        }
    }

    /// <summary>
    /// True where there is a bar that had begun by then; otherwise the time is before all that is kept, or before the symbol.
    /// </summary>
    public bool ReachesBack(Timeframe timeframe) => _newest[timeframe.Index].Length > 0;

    /// <summary>Queues the reads of one symbol. Null where the partition does not have it.</summary>
    /// <param name="transaction">Of the symbol's partition.</param>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="symbol">Folded.</param>
    /// <param name="atMs">The time, Unix ms.</param>
    /// <param name="longest">The longest timeframe that <see cref="Bar"/> will be asked for.</param>
    /// <param name="tradesMax">Newest trades to read; null is all. See <see cref="IsDecided"/>.</param>
    internal static async Task<PastSymbol?> ReadAsync(
        IDatabaseAsync transaction, RedisKeys keys, string symbol, long atMs, Timeframe longest, int? tradesMax)
    {
        var latest = transaction.HashGetAsync(keys.Latest, symbol);
        var trades = transaction.ListRangeAsync(keys.Trades(symbol), -tradesMax ?? 0);
        var oldest = transaction.ListGetByIndexAsync(keys.Trades(symbol), 0);
        var newest = new Task<RedisValue[]>[longest.Index + 1];
        var parts = new Task<RedisValue[]>[longest.Index];
        var stored = new Task<long>[longest.Index + 1];
        for (int i = 0; i <= longest.Index; i++)
        {
            RedisKey bars = keys.Bars(Timeframe.All[i], symbol);
            newest[i] = transaction.SortedSetRangeByScoreAsync(
                bars, double.NegativeInfinity, atMs, Exclude.None, Order.Descending, 0, NewestBars);
            stored[i] = transaction.SortedSetLengthAsync(bars);
            if (i == longest.Index)
                break;
            Timeframe whole = Timeframe.All[i + 1];
            long openTime = whole.OpenTime(atMs);
            parts[i] = transaction.SortedSetRangeByScoreAsync(bars, openTime, openTime + whole.LengthMs, Exclude.Stop);
        }

        // Everything above is queued before anything is awaited: the caller executes the transaction now.
        return await latest is { IsNull: false } known
            ? new PastSymbol(
                symbol, atMs, known, await trades, await oldest, tradesMax,
                await Task.WhenAll(newest), await Task.WhenAll(parts), await Task.WhenAll(stored))
            : null;
    }

    /// <summary>Checks what was read.</summary>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="counts">Read in the same transaction.</param>
    /// <exception cref="DamagedStateException">It is not as it was written, or a part is missing.</exception>
    internal void Check(RedisKeys keys, SymbolCounts? counts)
    {
        StateChecks.Trades(keys, Symbol, counts, _trades, _tradesMax);
        StateChecks.Trades(keys, Symbol, counts, _oldestTrade.IsNull ? [] : [_oldestTrade], askedFor: 1);
        for (int i = 0; i < _newest.Length; i++)
        {
            Timeframe timeframe = Timeframe.All[i];
            StateChecks.BarCount(keys, timeframe, Symbol, counts, _stored[i]);
            StateChecks.Bars(keys, timeframe, Symbol, _newest[i]);
            StateChecks.Bars(keys, timeframe, Symbol, i < _parts.Length ? _parts[i] : []);
        }
    }

    /// <summary>The newest trade: a latest or a trade record.</summary>
    public Past Trade()
    {
        if (StoredRecord.Order(Latest.Span).TimestampMs <= _atMs)
            return Past.Is(Latest);

        var minutes = _newest[Timeframe.Minute.Index];
        int before = 0;
        if (HasBarOfTime(Timeframe.Minute))
        {
            Bar bar = ReadBar(minutes[0]);
            if (bar.Closed.TimestampMs <= _atMs)
                return Kept(bar.Closed);
            if (bar.Opened.TimestampMs <= _atMs)
                return NewestOfMinute(bar);
            before = 1;
        }

        return before < minutes.Length ? Kept(ReadBar(minutes[before]).Closed) : Past.Unknown;
    }

    /// <summary>The bar that holds the time, as it was then: a bar record, or nothing where it had no trade yet.</summary>
    public Past Bar(Timeframe timeframe)
    {
        if (!ReachesBack(timeframe))
            return Past.Unknown;
        if (!HasBarOfTime(timeframe))
            return Past.Nothing;

        RedisValue stored = _newest[timeframe.Index][0];
        Bar whole = ReadBar(stored);
        if (whole.Closed.TimestampMs <= _atMs)
            return Past.Is(stored);
        var past = new Bar(whole.OpenTime);
        if (!TryAddUpTo(timeframe, whole, past))
            return Past.Unknown;
        return past.Count == 0 ? Past.Nothing : Past.Is(Write(past));
    }

    /// <summary>The bar that the newest trade was in, and the one before it (nothing where there is none).</summary>
    public (Past Newest, Past Before) Bars(Timeframe timeframe)
    {
        var stored = _newest[timeframe.Index];
        Past current = Bar(timeframe);
        int next = current.Known && HasBarOfTime(timeframe) ? 1 : 0;
        if (current.Known && current.Record.IsEmpty)
            current = next < stored.Length ? Past.Is(stored[next++]) : Past.Unknown;
        return (current, next < stored.Length ? Past.Is(stored[next]) : Past.Nothing);
    }

    /// <summary>Event time of the newest trade up to the time, according to the bars, Unix ms; null where they do not reach back.</summary>
    /// <param name="timeframe">One that was read.</param>
    public long? NewestMs(Timeframe timeframe) =>
        Bars(timeframe).Newest is { Record.IsEmpty: false } bar ? StoredRecord.ReadBar(bar.Record.Span).Closed.TimestampMs : null;

    /// <summary>Adds the part of <paramref name="whole"/> that had happened. False where what is kept does not decide it.</summary>
    private bool TryAddUpTo(Timeframe timeframe, Bar whole, Bar sum)
    {
        if (whole.Opened.TimestampMs > _atMs)
            return true;
        if (whole.Closed.TimestampMs <= _atMs)
        {
            sum.Merge(whole);
            return true;
        }

        if (timeframe == Timeframe.Minute)
            return TryAddTrades(whole, sum);

        Timeframe shorter = Timeframe.All[timeframe.Index - 1];
        Bar? current = null;
        long count = 0;
        foreach (RedisValue record in _parts[shorter.Index])
        {
            Bar part = ReadBar(record);
            count += part.Count;
            if (part.OpenTime == shorter.OpenTime(_atMs))
                current = part;
            else if (part.OpenTime < _atMs)
                sum.Merge(part);
        }

        return count == whole.Count && (current is null || TryAddUpTo(shorter, current, sum));
    }

    private bool TryAddTrades(Bar minute, Bar sum)
    {
        long count = 0;
        foreach (RedisValue record in _trades)
        {
            var trade = Record(record);
            var (timestampMs, offset) = StoredRecord.Order(trade.Span);
            if (Timeframe.Minute.OpenTime(timestampMs) != minute.OpenTime)
                continue;
            count++;
            if (timestampMs > _atMs)
                continue;
            var (price, size) = StoredRecord.ReadTrade(trade.Span);
            sum.Add(price, size, new EventOrder(timestampMs, offset));
        }

        return count == minute.Count;
    }

    private Past NewestOfMinute(Bar minute)
    {
        long count = 0;
        EventOrder newest = default;
        ReadOnlyMemory<byte> found = default;
        foreach (RedisValue record in _trades)
        {
            var trade = Record(record);
            var (timestampMs, offset) = StoredRecord.Order(trade.Span);
            if (Timeframe.Minute.OpenTime(timestampMs) != minute.OpenTime)
                continue;
            count++;
            var order = new EventOrder(timestampMs, offset);
            if (timestampMs <= _atMs && (found.IsEmpty || order > newest))
                (newest, found) = (order, trade);
        }

        return count == minute.Count ? Past.Is(found) : Past.Unknown;
    }

    private Past Kept(EventOrder order)
    {
        foreach (RedisValue record in _trades)
        {
            var trade = Record(record);
            if (StoredRecord.Order(trade.Span) == (order.TimestampMs, order.Offset))
                return Past.Is(trade);
        }

        return Past.Unknown;
    }

    private bool HasBarOfTime(Timeframe timeframe) =>
        _newest[timeframe.Index] is [var newest, ..] && StoredRecord.OpenTime(Record(newest).Span) == timeframe.OpenTime(_atMs);

    private static long MinuteOf(RedisValue trade) => Timeframe.Minute.OpenTime(StoredRecord.Order(Record(trade).Span).TimestampMs);

    private static ReadOnlyMemory<byte> Record(RedisValue value) => value;

    private static Bar ReadBar(RedisValue value) => StoredRecord.ReadBar(Record(value).Span);

    private static ReadOnlyMemory<byte> Write(Bar bar)
    {
        var record = new ArrayBufferWriter<byte>(512);
        StoredRecord.WriteBar(record, bar);
        return record.WrittenMemory;
    }
}

/// <summary>What is known of one thing in the past.</summary>
/// <param name="Known">False where what is kept does not decide it.</param>
/// <param name="Record">See <see cref="StoredRecord"/>; empty where there was nothing, or nothing is known.</param>
public readonly record struct Past(bool Known, ReadOnlyMemory<byte> Record)
{
    internal static readonly Past Unknown = new(false, default);

    internal static readonly Past Nothing = new(true, default);

    internal static Past Is(ReadOnlyMemory<byte> record) => new(true, record);
}
