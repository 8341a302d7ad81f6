using System.Globalization;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// The position of a partition with what it counts of the parts of its state, as one HMGET reads them. <c>apply.lua</c> writes them:
/// <code>
/// counted     offset of the position, number of symbols, such as "1200 8"
/// n:SYMBOL    length of its trades, and of its bars of the five timeframes, such as "1000 40 9 3 1 1"
/// </code>
/// An older Radar writes none, and moves the position without them; then they do not count.
/// </summary>
internal sealed class PartitionHead
{
    private const string CountsPrefix = "n:";

    private readonly SymbolCounts?[] _counts;

    private PartitionHead(PartitionPosition? position, long? symbols, SymbolCounts?[] counts) =>
        (Position, Symbols, _counts) = (position, symbols, counts);

    /// <summary>Null where nothing is stored.</summary>
    public PartitionPosition? Position { get; }

    /// <summary>How many symbols the partition has; null where they are not counted.</summary>
    public long? Symbols { get; }

    /// <summary>Counts of the symbol that was asked for as number <paramref name="symbol"/>; null where there are none.</summary>
    public SymbolCounts? CountsOf(int symbol) => _counts[symbol];

    /// <summary>The fields to read.</summary>
    public static RedisValue[] Fields(IReadOnlyList<string> symbols)
    {
        int own = PartitionPosition.Fields.Length;
        var fields = new RedisValue[own + 1 + symbols.Count];
        PartitionPosition.Fields.CopyTo(fields, 0);
        fields[own] = "counted";
        for (int i = 0; i < symbols.Count; i++)
            fields[own + 1 + i] = CountsPrefix + symbols[i];
        return fields;
    }

    /// <summary>Whether a field of the position has the counts of a symbol.</summary>
    public static bool IsCounts(string field) => field.StartsWith(CountsPrefix, StringComparison.Ordinal);

    /// <summary>The symbol of such a field.</summary>
    public static string SymbolOfCounts(string field) => field[CountsPrefix.Length..];

    /// <summary>Reads them.</summary>
    /// <exception cref="DamagedStateException">They are not what Radar writes.</exception>
    public static PartitionHead Parse(RedisKeys keys, IReadOnlyList<string> symbols, RedisValue[] values)
    {
        int own = PartitionPosition.Fields.Length;
        var position = PartitionPosition.Parse(keys.Position, values)?.AsServed();
        long? count = null;
        if (!values[own].IsNull)
        {
            if (values[own].ToString().Split(' ') is not [var offset, var number]
                || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long read))
                throw new DamagedStateException(keys.Position, "has a field 'counted' that cannot be read");
            count = offset == position?.ToString() ? read : null;
        }

        var counts = new SymbolCounts?[symbols.Count];
        for (int i = 0; count is not null && i < counts.Length; i++)
        {
            if (values[own + 1 + i] is { IsNull: false } text)
            {
                counts[i] = SymbolCounts.TryParse(text)
                    ?? throw new DamagedStateException(keys.Position, $"has counts of {symbols[i]} that cannot be read");
            }
        }

        return new PartitionHead(position, count, counts);
    }
}

/// <summary>How many values the parts of one symbol have.</summary>
/// <param name="Trades">Of its list of trades.</param>
/// <param name="Bars">Of its bars, by <see cref="Timeframe.Index"/>.</param>
internal readonly record struct SymbolCounts(long Trades, long[] Bars)
{
    public static SymbolCounts? TryParse(RedisValue text)
    {
        string[] parts = text.ToString().Split(' ');
        var numbers = new long[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return null;
        }

        return numbers.Length == 1 + Timeframe.Count ? new SymbolCounts(numbers[0], numbers[1..]) : null;
    }
}
