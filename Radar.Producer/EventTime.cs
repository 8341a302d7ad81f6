using System.Buffers.Text;
using Radar.Market;

namespace Radar.Producer;

/// <summary>How a source writes times.</summary>
public enum TimeUnit
{
    /// <summary>ISO 8601, or the Unix unit in which the number falls into the years 1973 to 2286.</summary>
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
}

/// <summary>Reads the times that sources write, as Unix milliseconds. What is finer than a millisecond is cut off.</summary>
internal static class EventTime
{
    // A number is the unit in which it falls into the years 1973 to 2286. What falls into none, such as 20240808, 093000 or the seconds
    // since midnight, is a date or a time of day and no Unix time.
    private const decimal SecondsMin = 100_000_000m; // 10^8
    private const decimal SecondsMax = 10_000_000_000m; // 10^10

    /// <summary>Reads ISO 8601, or Unix seconds, ms, µs or ns, distinguished by magnitude; a fraction is allowed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out long unixMs)
    {
        if (utf8.Length >= 8 && utf8[4] == '-')
            return TryParseIso(utf8, out unixMs);
        unixMs = -1;
        if (!DecimalText.TryParse(utf8, out decimal number))
            return false;
        unixMs = number switch
        {
            >= SecondsMin and < SecondsMax => (long)(number * 1000),
            >= SecondsMin * 1000 and < SecondsMax * 1000 => (long)number,
            >= SecondsMin * 1_000_000 and < SecondsMax * 1_000_000 => (long)(number / 1000),
            >= SecondsMin * 1_000_000_000 and < SecondsMax * 1_000_000_000 => (long)(number / 1_000_000),
            _ => -1,
        };
        return unixMs >= 0;
    }

    /// <summary>Reads a time of a stated unit; a number may have a fraction or an exponent.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, TimeUnit unit, out long unixMs)
    {
        if (unit == TimeUnit.Auto)
            return TryParse(utf8, out unixMs);
        if (unit == TimeUnit.Iso8601)
            return TryParseIso(utf8, out unixMs);
        unixMs = -1;
        decimal perMs = unit switch { TimeUnit.S => 0.001m, TimeUnit.Us => 1_000, TimeUnit.Ns => 1_000_000, _ => 1 };
        if (!DecimalText.TryParse(utf8, out decimal number) || number < 0 || number >= (Rfc3339.UnixMsMax + 1) * perMs)
            return false;
        unixMs = (long)(number / perMs);
        return true;
    }

    /// <summary>
    /// Reads <c>2024-08-08T23:54:15.342119Z</c>: a blank for the T, fewer parts of the time, any fraction, an offset or none (UTC).
    /// </summary>
    public static bool TryParseIso(ReadOnlySpan<byte> utf8, out long unixMs)
    {
        unixMs = -1;
        if (!TryDigits(ref utf8, 4, out int year) || !Skip(ref utf8, '-') || !TryDigits(ref utf8, 2, out int month)
            || !Skip(ref utf8, '-') || !TryDigits(ref utf8, 2, out int day)
            || year is < 1970 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;

        long ms = new DateTime(year, month, day).Subtract(DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
        if (!utf8.IsEmpty)
        {
            if ((!Skip(ref utf8, 'T') && !Skip(ref utf8, 't') && !Skip(ref utf8, ' ')) || !TryTimeOfDay(ref utf8, out long timeOfDay)
                || !TryOffset(utf8, out long offset))
                return false;
            ms += timeOfDay - offset;
        }

        unixMs = ms;
        return ms >= 0;
    }

    /// <summary>Reads the day of <c>20240808</c>, <c>2024-08-08</c> or <c>2024/08/08</c>, as Unix ms of its beginning in UTC.</summary>
    public static bool TryParseDate(ReadOnlySpan<byte> utf8, out long unixMs)
    {
        unixMs = -1;
        Span<byte> iso = stackalloc byte[10];
        if (utf8.Length == 8)
        {
            utf8[..4].CopyTo(iso);
            utf8[4..6].CopyTo(iso[5..]);
            utf8[6..].CopyTo(iso[8..]);
        }
        else if (utf8.Length == 10 && utf8[4] == utf8[7] && utf8[4] is (byte)'-' or (byte)'/')
        {
            utf8.CopyTo(iso);
        }
        else
        {
            return false;
        }

        iso[4] = iso[7] = (byte)'-';
        return TryParseIso(iso, out unixMs);
    }

    /// <summary>Reads <c>9:30:00.017862</c>: any fraction, an offset or none (UTC), as ms since midnight in UTC.</summary>
    public static bool TryParseTimeOfDay(ReadOnlySpan<byte> utf8, out long ms)
    {
        Span<byte> padded = stackalloc byte[40];
        ms = 0;
        if (utf8.Length is < 4 or >= 40)
            return false;
        scoped var rest = utf8;
        if (utf8[1] == ':')
        {
            padded[0] = (byte)'0';
            utf8.CopyTo(padded[1..]);
            rest = padded[..(utf8.Length + 1)];
        }

        if (!TryTimeOfDay(ref rest, out ms) || !TryOffset(rest, out long offset))
            return false;
        ms -= offset;
        return true;
    }

    private static bool TryTimeOfDay(ref ReadOnlySpan<byte> utf8, out long ms)
    {
        ms = 0;
        int second = 0;
        if (!TryDigits(ref utf8, 2, out int hour) || !Skip(ref utf8, ':') || !TryDigits(ref utf8, 2, out int minute)
            || (Skip(ref utf8, ':') && !TryDigits(ref utf8, 2, out second)) || hour > 23 || minute > 59 || second > 60)
            return false;
        ms = (((hour * 60L) + minute) * 60 + second) * 1000;
        if (!Skip(ref utf8, '.') && !Skip(ref utf8, ','))
            return true;

        int digits = 0;
        for (int worth = 100; !utf8.IsEmpty && utf8[0] is >= (byte)'0' and <= (byte)'9'; worth /= 10, digits++)
        {
            ms += worth * (utf8[0] - '0');
            utf8 = utf8[1..];
        }

        return digits > 0;
    }

    private static bool TryOffset(ReadOnlySpan<byte> utf8, out long ms)
    {
        ms = 0;
        Skip(ref utf8, ' ');
        if (utf8.IsEmpty || utf8 is [(byte)'Z' or (byte)'z'] || utf8.SequenceEqual("UTC"u8))
            return true;
        int sign = utf8[0] == '-' ? -1 : 1;
        if (!Skip(ref utf8, '+') && !Skip(ref utf8, '-'))
            return false;
        int minute = 0;
        if (!TryDigits(ref utf8, 2, out int hour) || ((Skip(ref utf8, ':') || !utf8.IsEmpty) && !TryDigits(ref utf8, 2, out minute)))
            return false;
        ms = sign * ((hour * 60L) + minute) * 60_000;
        return utf8.IsEmpty && hour <= 14 && minute <= 59;
    }

    private static bool Skip(ref ReadOnlySpan<byte> utf8, char expected)
    {
        if (utf8.IsEmpty || utf8[0] != expected)
            return false;
        utf8 = utf8[1..];
        return true;
    }

    private static bool TryDigits(ref ReadOnlySpan<byte> utf8, int count, out int value)
    {
        value = 0;
        if (utf8.Length < count || !Utf8Parser.TryParse(utf8[..count], out uint digits, out int used) || used != count)
            return false;
        value = (int)digits;
        utf8 = utf8[count..];
        return true;
    }
}
