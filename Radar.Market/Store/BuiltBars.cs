using System.Buffers;
using System.Globalization;
using Radar.Market.Projection;

namespace Radar.Market.Store;

/// <summary>Bars of lengths that are not stored, made of stored ones.</summary>
public static class BuiltBars
{
    /// <summary>Merges stored bars into longer ones.</summary>
    /// <param name="timeframe">The length that is wanted.</param>
    /// <param name="stored">Bar records of <see cref="BarTimeframe.Stored"/>, in either order of time.</param>
    /// <returns>Bar records in the same order.</returns>
    public static List<ReadOnlyMemory<byte>> Of(BarTimeframe timeframe, IEnumerable<ReadOnlyMemory<byte>> stored)
    {
        var built = new List<ReadOnlyMemory<byte>>();
        Bar? bar = null;
        foreach (ReadOnlyMemory<byte> record in stored)
        {
            Bar part = StoredRecord.ReadBar(record.Span);
            long openTime = timeframe.OpenTime(part.OpenTime);
            if (bar is not null && bar.OpenTime != openTime)
            {
                built.Add(Write(bar));
                bar = null;
            }

            bar ??= new Bar(openTime);
            bar.Merge(part);
        }

        if (bar is not null)
            built.Add(Write(bar));
        return built;
    }

    /// <summary>
    /// Open time from which on all stored bars of a symbol are kept, Unix ms: a longer bar that begins before may lack some. Null where
    /// the state does not have its retention.
    /// </summary>
    /// <param name="timeframe">The length that is stored.</param>
    /// <param name="location">The symbol, as it was read with the bars.</param>
    public static long? KeptFromMs(Timeframe timeframe, SymbolLocation location) =>
        RetentionDays(location.Position.Settings, timeframe) is { } days
            ? timeframe.OpenTime(location.TimestampMs) - (days * Timeframe.Day.LengthMs)
            : null;

    /// <summary>Reads what <see cref="ProjectionOptions.ToString"/> wrote.</summary>
    private static long? RetentionDays(string? settings, Timeframe timeframe)
    {
        const string Days = "days=";
        string? list = settings?.Split(' ').FirstOrDefault(part => part.StartsWith(Days, StringComparison.Ordinal));
        return list?[Days.Length..].Split(',') is { } days && days.Length == Timeframe.Count
            && long.TryParse(days[timeframe.Index], NumberStyles.None, CultureInfo.InvariantCulture, out long kept)
                ? kept
                : null;
    }

    private static ReadOnlyMemory<byte> Write(Bar bar)
    {
        var record = new ArrayBufferWriter<byte>(512);
        StoredRecord.WriteBar(record, bar);
        return record.WrittenMemory;
    }
}
