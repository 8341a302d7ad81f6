using System.Buffers;
using Radar.Market;

namespace Radar.Producer;

/// <summary>How a source writes times.</summary>
public enum TimeUnit
{
    /// <summary>
    /// A date with a time of day, or a number, by its magnitude: Unix s, ms or µs of the years 1973 to 2286, Unix ns from 1993 on, .NET's
    /// ticks or Windows' file times since 1970.
    /// </summary>
    Auto,

    /// <summary>ISO 8601: <c>2024-08-08T23:54:15.342119Z</c>; without an offset it is UTC.</summary>
    Iso8601,

    /// <summary>Unix seconds.</summary>
    S,

    /// <summary>Unix milliseconds.</summary>
    Ms,

    /// <summary>Unix microseconds.</summary>
    Us,

    /// <summary>Unix nanoseconds.</summary>
    Ns,

    /// <summary>Units of 100 ns since the year 1, as <see cref="DateTime.Ticks"/>.</summary>
    Ticks,

    /// <summary>Units of 100 ns since the year 1601, as <see cref="DateTime.ToFileTimeUtc"/>.</summary>
    FileTime,
}

/// <summary>Reads the times that sources write, as Unix milliseconds. What is finer than a millisecond is cut off.</summary>
internal static class EventTime
{
    // A number is the unit in which it falls into the years 1973 to 2286. What falls into none, such as 20240808, 093000 or the seconds
    // since midnight, is a date or a time of day and no Unix time. Ticks and file times of our years would be nanoseconds before 1993,
    // of which there are no records.
    private const decimal SecondsMin = 100_000_000m; // 10^8
    private const decimal SecondsMax = 10_000_000_000m; // 10^10
    private const decimal NanosecondsMin = 725_846_400_000_000_000m; // 1993
    private const decimal FileTimeMin = 116_444_736_000_000_000m; // 1970, in units of 100 ns since 1601
    private const decimal FileTimeMax = 160_000_000_000_000_000m; // 2108
    private const decimal TicksMin = 621_355_968_000_000_000m; // 1970, in units of 100 ns since the year 1
    private const decimal TicksMax = 700_000_000_000_000_000m; // 2219
    private const decimal TicksPerMs = TimeSpan.TicksPerMillisecond;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789."u8);

    /// <summary>
    /// Reads a date with a time of day (<see cref="CalendarTime"/>), <c>/Date(1723109400123)/</c>, or a number, its unit distinguished by
    /// magnitude as <see cref="TimeUnit.Auto"/> says; a fraction is allowed. What has no offset is UTC.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out long unixMs) => TryParse(utf8, DateOrder.Auto, out unixMs, out _);

    /// <summary>The same, with the order of day and month.</summary>
    /// <param name="utf8">Without blanks around it.</param>
    /// <param name="order">Of dates with the year last.</param>
    /// <param name="unixMs">In UTC, or in the source's time zone where <paramref name="isAbsolute"/> is false.</param>
    /// <param name="isAbsolute">A number, or a text with an offset.</param>
    public static bool TryParse(ReadOnlySpan<byte> utf8, DateOrder order, out long unixMs, out bool isAbsolute)
    {
        isAbsolute = true;
        if (utf8.Length >= 8 && utf8[4] is (byte)'-' or (byte)'/')
            return CalendarTime.TryParse(utf8, order, out unixMs, out isAbsolute);
        unixMs = -1;
        if (IsRounded(utf8))
            return false;
        if (utf8.StartsWith("/Date("u8) && utf8.EndsWith(")/"u8)) // as .NET's older serializers write it; an offset is for display only
        {
            utf8 = utf8["/Date(".Length..^")/".Length];
            int offset = utf8.LastIndexOfAny("+-"u8);
            return TryParse(offset > 0 ? utf8[..offset] : utf8, TimeUnit.Ms, out unixMs);
        }

        if (!DecimalText.TryParse(utf8, out decimal number))
            return CalendarTime.TryParse(utf8, order, out unixMs, out isAbsolute);
        unixMs = number switch
        {
            >= SecondsMin and < SecondsMax => (long)(number * 1000),
            >= SecondsMin * 1000 and < SecondsMax * 1000 => (long)number,
            >= SecondsMin * 1_000_000 and < SecondsMax * 1_000_000 => (long)(number / 1000),
            >= NanosecondsMin and < SecondsMax * 1_000_000_000 => (long)(number / 1_000_000),
            >= TicksMin and < TicksMax => (long)((number - TicksMin) / TicksPerMs),
            >= FileTimeMin and < FileTimeMax => (long)((number - FileTimeMin) / TicksPerMs),
            _ => -1,
        };

        // 20240301000003 and 20240301000003660 are no Unix time of these years in any unit.
        return unixMs >= 0 || (utf8.Length is 14 or 17 && CalendarTime.TryParse(utf8, order, out unixMs, out isAbsolute));
    }

    /// <summary>
    /// Whether a number in scientific notation has no more than the six digits that a spreadsheet shows and saves: 1.70925E+12 is off by
    /// up to 17 minutes.
    /// </summary>
    public static bool IsRounded(ReadOnlySpan<byte> utf8)
    {
        int exponent = utf8.IndexOf("E+"u8);
        var mantissa = exponent < 0 ? default : utf8[..exponent];
        return exponent > 0 && !mantissa.ContainsAnyExcept(Digits) && exponent - mantissa.Count((byte)'.') <= 6;
    }

    /// <summary>Reads a time of a stated unit; a number may have a fraction or an exponent.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, TimeUnit unit, out long unixMs)
    {
        if (unit == TimeUnit.Auto)
            return TryParse(utf8, out unixMs);
        if (unit == TimeUnit.Iso8601)
            return CalendarTime.TryParse(utf8, DateOrder.Auto, out unixMs, out _);
        unixMs = -1;
        decimal start = unit switch { TimeUnit.Ticks => TicksMin, TimeUnit.FileTime => FileTimeMin, _ => 0 };
        decimal perMs = unit switch
        {
            TimeUnit.S => 0.001m,
            TimeUnit.Us => 1_000,
            TimeUnit.Ns => 1_000_000,
            TimeUnit.Ticks or TimeUnit.FileTime => TicksPerMs,
            _ => 1,
        };
        if (!DecimalText.TryParse(utf8, out decimal number) || number < start || number - start >= (Rfc3339.UnixMsMax + 1) * perMs)
            return false;
        unixMs = (long)((number - start) / perMs);
        return true;
    }

    /// <summary>Reads the day of <c>20240808</c>, <c>2024-08-08</c> or <c>2024/8/8</c>, as Unix ms of its beginning in UTC.</summary>
    public static bool TryParseDate(ReadOnlySpan<byte> utf8, out long unixMs) =>
        CalendarTime.TryParseDate(utf8, DateOrder.Auto, out unixMs);

    /// <summary>Reads <c>9:30:00.017862</c>: any fraction, an offset or none (UTC), as ms since midnight in UTC.</summary>
    public static bool TryParseTimeOfDay(ReadOnlySpan<byte> utf8, out long ms) => TryParseTimeOfDay(utf8, out ms, out _);

    /// <summary>The same, and whether the text has an offset.</summary>
    public static bool TryParseTimeOfDay(ReadOnlySpan<byte> utf8, out long ms, out bool hasOffset)
    {
        hasOffset = false;
        if (!TimeOfDay.TryRead(ref utf8, isCompact: false, out ms) || !TimeOfDay.TryReadOffset(utf8, out long offset, out hasOffset))
            return false;
        ms -= offset;
        return true;
    }
}
