using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// Checks what was read of a partition against its checksums, and against the counts that were read with it. Null counts are those of a
/// state that an older Radar wrote: they are not checked.
/// </summary>
/// <exception cref="DamagedStateException">From every method: it is not as it was written, or a part is missing.</exception>
internal static class StateChecks
{
    /// <summary>Whether there is a symbol, by its latest record, which is checked.</summary>
    /// <returns>False where the partition does not have the symbol.</returns>
    public static bool HasSymbol(PartitionHead head, RedisKeys keys, string symbol, SymbolCounts? counts, RedisValue latest)
    {
        if (latest.IsNull)
            return counts is null ? false : throw LacksLatest(keys, symbol);
        if (head.Position is null)
            throw LacksPosition(keys);
        Latest(keys, symbol, latest);
        return true;
    }

    /// <summary>A symbol's latest record, where there is one.</summary>
    public static void Latest(RedisKeys keys, string symbol, RedisValue latest) => Record(keys.Latest, symbol, RecordKind.Latest, latest);

    /// <summary>A symbol's day record.</summary>
    public static void Day(RedisKeys keys, string symbol, RedisValue day)
    {
        if (day.IsNull)
            throw new DamagedStateException(keys.Days, $"lacks {symbol}, of which other parts are there");
        Record(keys.Days, symbol, RecordKind.Day, day);
    }

    /// <summary>Trades of a symbol.</summary>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="symbol">Normalized.</param>
    /// <param name="counts">Of the symbol.</param>
    /// <param name="trades">Read from either end of the list.</param>
    /// <param name="askedFor">At most so many; null is all.</param>
    public static void Trades(RedisKeys keys, string symbol, SymbolCounts? counts, RedisValue[] trades, int? askedFor = null)
    {
        if (counts is { } known && trades.Length != Math.Min(known.Trades, askedFor ?? long.MaxValue))
            throw Count(keys.Trades(symbol), trades.Length, Math.Min(known.Trades, askedFor ?? long.MaxValue));
        foreach (RedisValue trade in trades)
        {
            if (!StoredRecord.IsIntact(Bytes(trade), RecordKind.Trade))
                throw Checksum(keys.Trades(symbol), symbol);
        }
    }

    /// <summary>Bars of a symbol.</summary>
    public static void Bars(RedisKeys keys, Timeframe timeframe, string symbol, RedisValue[] bars)
    {
        foreach (RedisValue bar in bars)
        {
            if (!StoredRecord.IsIntact(Bytes(bar), RecordKind.Bar))
                throw Checksum(keys.Bars(timeframe, symbol), symbol);
        }
    }

    /// <summary>How many bars of a timeframe there are.</summary>
    public static void BarCount(RedisKeys keys, Timeframe timeframe, string symbol, SymbolCounts? counts, long stored)
    {
        // A symbol has at least the bar that its newest trade is in.
        if (counts is { } known ? stored != known.Bars[timeframe.Index] : stored == 0)
            throw Count(keys.Bars(timeframe, symbol), stored, counts?.Bars[timeframe.Index] ?? 1);
    }

    /// <summary>The newest bars of a timeframe.</summary>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="timeframe">Their length.</param>
    /// <param name="symbol">Normalized.</param>
    /// <param name="counts">Of the symbol.</param>
    /// <param name="newest">Read from the end.</param>
    /// <param name="askedFor">At most so many.</param>
    public static void NewestBars(
        RedisKeys keys, Timeframe timeframe, string symbol, SymbolCounts? counts, RedisValue[] newest, int askedFor)
    {
        if (newest.Length == 0 || (counts is { } known && newest.Length != Math.Min(askedFor, known.Bars[timeframe.Index])))
            throw Count(keys.Bars(timeframe, symbol), newest.Length, counts?.Bars[timeframe.Index] ?? 1);
        Bars(keys, timeframe, symbol, newest);
    }

    /// <summary>How many symbols a partition has.</summary>
    /// <param name="head">Read with them.</param>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="latest">Number of latest records.</param>
    /// <param name="days">Number of day records.</param>
    public static void SymbolCount(PartitionHead head, RedisKeys keys, long latest, long days)
    {
        if (head.Position is null && latest + days > 0)
            throw LacksPosition(keys);
        long symbols = head.Symbols ?? Math.Max(latest, days);
        if (latest != symbols)
            throw Count(keys.Latest, latest, symbols);
        if (days != symbols)
            throw Count(keys.Days, days, symbols);
    }

    public static DamagedStateException LacksLatest(RedisKeys keys, string symbol) =>
        new(keys.Latest, $"lacks {symbol}, of which other parts are there");

    public static DamagedStateException LacksPosition(RedisKeys keys) =>
        new(keys.Position, "is missing, but other keys of this state are there");

    private static void Record(RedisKey key, string symbol, RecordKind kind, RedisValue record)
    {
        if (!StoredRecord.IsIntact(Bytes(record), kind))
            throw Checksum(key, symbol);
    }

    private static DamagedStateException Checksum(RedisKey key, string symbol) => new(key, $"has a damaged record of {symbol}");

    private static DamagedStateException Count(RedisKey key, long stored, long expected) =>
        new(key, stored == 0 ? $"is missing, where {expected} values belong" : $"has {stored} values where {expected} belong");

    private static ReadOnlySpan<byte> Bytes(RedisValue record) => ((ReadOnlyMemory<byte>)record).Span;
}
