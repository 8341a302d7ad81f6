using System.Text;

namespace Radar.Producer;

/// <summary>Reads times of day and offsets from UTC, as milliseconds. What is finer than a millisecond is cut off.</summary>
internal static class TimeOfDay
{
    /// <summary>
    /// Reads <c>9:30</c>, <c>09:30:00.017862</c>, <c>9:30:00 AM</c> and, where <paramref name="isCompact"/> allows it, <c>093000</c> and
    /// <c>093000017</c>. What follows stays in <paramref name="utf8"/>.
    /// </summary>
    public static bool TryRead(ref ReadOnlySpan<byte> utf8, bool isCompact, out long ms)
    {
        ms = 0;
        int second = 0;
        int minute;
        bool hasSeconds;
        int hour;
        if (isCompact && utf8.Length >= 6 && utf8.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is < 0 or >= 6)
        {
            if (!(CalendarTime.TryDigits(ref utf8, 2, out hour) & CalendarTime.TryDigits(ref utf8, 2, out minute)
                & CalendarTime.TryDigits(ref utf8, 2, out second)))
                return false;
            hasSeconds = true;
            if (!utf8.IsEmpty && char.IsAsciiDigit((char)utf8[0]))
                return IsTime(hour, minute, second) && TryFraction(ref utf8, ref ms) && Add(hour, minute, second, ref ms);
        }
        else
        {
            if (!CalendarTime.TryNumber(ref utf8, 2, out hour) || !CalendarTime.TrySkip(ref utf8, (byte)':')
                || !CalendarTime.TryDigits(ref utf8, 2, out minute))
                return false;
            hasSeconds = CalendarTime.TrySkip(ref utf8, (byte)':');
            if (hasSeconds && !CalendarTime.TryDigits(ref utf8, 2, out second))
                return false;
        }

        if (!IsTime(hour, minute, second))
            return false;
        if (hasSeconds && utf8 is [(byte)'.' or (byte)',', ..])
        {
            utf8 = utf8[1..];
            if (!TryFraction(ref utf8, ref ms))
                return false;
        }

        return TryHalf(ref utf8, ref hour) && Add(hour, minute, second, ref ms);
    }

    /// <summary>
    /// Reads nothing, <c>Z</c>, <c>UTC</c>, <c>GMT</c>, <c>+02:00</c>, <c>-0530</c>, <c>+02</c> and <c>GMT+0100</c> to the end.
    /// </summary>
    public static bool TryReadOffset(ReadOnlySpan<byte> utf8, out long ms, out bool hasOffset)
    {
        ms = 0;
        CalendarTime.TrySkip(ref utf8, (byte)' ');
        hasOffset = !utf8.IsEmpty;
        if (utf8.IsEmpty || utf8 is [(byte)'Z' or (byte)'z'])
            return true;
        if (utf8.StartsWith("UTC"u8) || utf8.StartsWith("GMT"u8))
        {
            utf8 = utf8[3..];
            if (utf8.IsEmpty)
                return true;
        }

        if (utf8[0] is (byte)'+' or (byte)'-' && (utf8.EndsWith(" UTC"u8) || utf8.EndsWith(" GMT"u8)))
            utf8 = utf8[..^4]; // as Go writes it: +0000 UTC
        int sign = utf8[0] == '-' ? -1 : 1;
        if (!CalendarTime.TrySkip(ref utf8, (byte)'+') && !CalendarTime.TrySkip(ref utf8, (byte)'-'))
            return false;
        int minute = 0;
        if (!CalendarTime.TryDigits(ref utf8, 2, out int hour)
            || ((CalendarTime.TrySkip(ref utf8, (byte)':') || !utf8.IsEmpty) && !CalendarTime.TryDigits(ref utf8, 2, out minute)))
            return false;
        ms = sign * ((hour * 60L) + minute) * 60_000;
        return utf8.IsEmpty && hour <= 14 && minute <= 59;
    }

    private static bool IsTime(int hour, int minute, int second) => hour <= 23 && minute <= 59 && second <= 60;

    private static bool Add(int hour, int minute, int second, ref long ms)
    {
        ms += (((hour * 60L) + minute) * 60 + second) * 1000;
        return true;
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> utf8, ref long ms)
    {
        int digits = 0;
        for (int worth = 100; !utf8.IsEmpty && utf8[0] is >= (byte)'0' and <= (byte)'9'; worth /= 10, digits++)
        {
            ms += worth * (utf8[0] - '0');
            utf8 = utf8[1..];
        }

        return digits > 0;
    }

    /// <summary>Twelve hours of a half, where the text says which half.</summary>
    private static bool TryHalf(ref ReadOnlySpan<byte> utf8, ref int hour)
    {
        var rest = utf8 is [(byte)' ', ..] ? utf8[1..] : utf8;
        if (rest is not [(byte)'A' or (byte)'a' or (byte)'P' or (byte)'p', (byte)'M' or (byte)'m', ..])
            return true;
        if (hour is < 1 or > 12)
            return false;
        hour = (hour % 12) + (rest[0] is (byte)'P' or (byte)'p' ? 12 : 0);
        utf8 = rest[2..];
        return true;
    }
}
