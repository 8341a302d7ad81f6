using System.Buffers.Text;
using System.Text;

namespace Radar.Producer;

/// <summary>Which of the first two parts of a date with the year last is the day, such as 03/04/2024.</summary>
public enum DateOrder
{
    /// <summary>Known where a part is greater than 12, or where points separate the parts (the day first); otherwise refused.</summary>
    Auto,

    /// <summary>The day comes first.</summary>
    DayFirst,

    /// <summary>The month comes first.</summary>
    MonthFirst,
}

/// <summary>
/// Reads dates with a time of day, as venues, spreadsheets and databases write them, as Unix milliseconds. What is finer than a
/// millisecond is cut off. The year has four digits and is at least 1970.
/// <code>
/// 2024-03-01T00:00:03.136Z   2024-03-01D00:00:03.136000000   2024/3/1 0:00:03   2024.03.01 00:00:00.605
/// 20240301 000003660         20240301-00:00:03.136           20240301000003660  01.03.2024 00:00:00.605 GMT+0100
/// 13/04/2024 9:30:00 AM      01-Mar-2024 00:00:03            Mar 1, 2024 00:00:03
/// </code>
/// </summary>
internal static class CalendarTime
{
    private const int Unknown = -1;
    private const int CompactYearMax = 2199; // digits alone are a count rather than a date of a far year

    private static readonly string[] MonthNames =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    /// <summary>Reads a date, or a date with a time of day.</summary>
    /// <param name="utf8">Without blanks around it.</param>
    /// <param name="order">Of dates with the year last.</param>
    /// <param name="unixMs">In UTC, or in the source's time zone where <paramref name="hasOffset"/> is false.</param>
    /// <param name="hasOffset">Whether the text says how far its clock is from UTC.</param>
    public static bool TryParse(ReadOnlySpan<byte> utf8, DateOrder order, out long unixMs, out bool hasOffset)
    {
        hasOffset = false;
        if (!TryReadDate(ref utf8, order, out unixMs, out bool isCompact))
            return false;
        if (utf8.IsEmpty)
            return !isCompact; // eight digits alone may be anything, such as a number of seconds
        if (!TrySkipSeparator(ref utf8, isCompact) || !TimeOfDay.TryRead(ref utf8, isCompact, out long ms)
            || !TimeOfDay.TryReadOffset(utf8, out long offset, out hasOffset))
            return false;
        unixMs += ms - offset;
        return unixMs >= 0;
    }

    /// <summary>Reads a date alone, as Unix ms of its beginning; eight digits are one, too.</summary>
    public static bool TryParseDate(ReadOnlySpan<byte> utf8, DateOrder order, out long unixMs) =>
        TryReadDate(ref utf8, order, out unixMs, out _) && utf8.IsEmpty;

    private static bool TryReadDate(ref ReadOnlySpan<byte> utf8, DateOrder order, out long unixMs, out bool isCompact)
    {
        unixMs = Unknown;
        isCompact = false;
        int digits = utf8.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? utf8.Length : digits;
        int year, month, day;
        bool read;
        switch (digits)
        {
            case 8 or 14 or 17:
                isCompact = true;
                read = TryDigits(ref utf8, 4, out year) & TryDigits(ref utf8, 2, out month) & TryDigits(ref utf8, 2, out day);
                break;
            case 4:
                read = TryYearFirst(ref utf8, out year, out month, out day);
                break;
            case 1 or 2:
                read = TryYearLast(ref utf8, order, out year, out month, out day);
                break;
            default:
                read = TryMonthName(ref utf8, out year, out month, out day);
                break;
        }

        if (!read || year < 1970 || year > (isCompact ? CompactYearMax : 9999) || month is < 1 or > 12 || day < 1
            || day > DateTime.DaysInMonth(year, month))
            return false;
        unixMs = new DateTime(year, month, day).Subtract(DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
        return true;
    }

    private static bool TryYearFirst(ref ReadOnlySpan<byte> utf8, out int year, out int month, out int day)
    {
        month = day = Unknown;
        if (!TryDigits(ref utf8, 4, out year) || utf8.IsEmpty || utf8[0] is not ((byte)'-' or (byte)'/' or (byte)'.'))
            return false;
        byte separator = utf8[0];
        utf8 = utf8[1..];
        return TryNumber(ref utf8, 2, out month) && TrySkip(ref utf8, separator) && TryNumber(ref utf8, 2, out day);
    }

    private static bool TryYearLast(ref ReadOnlySpan<byte> utf8, DateOrder order, out int year, out int month, out int day)
    {
        year = month = Unknown;
        if (!TryNumber(ref utf8, 2, out day) || utf8.IsEmpty)
            return false;
        byte separator = utf8[0];
        utf8 = utf8[1..];
        if (!utf8.IsEmpty && char.IsAsciiLetter((char)utf8[0]))
            return separator is (byte)'-' or (byte)' ' or (byte)'/' && TryMonth(ref utf8, out month) && TrySkip(ref utf8, separator)
                && TryDigits(ref utf8, 4, out year);
        if (separator is not ((byte)'/' or (byte)'-' or (byte)'.') || !TryNumber(ref utf8, 2, out int second)
            || !TrySkip(ref utf8, separator) || !TryDigits(ref utf8, 4, out year))
            return false;
        if (order == DateOrder.Auto)
        {
            order = separator == '.' || (day > 12 && second <= 12) ? DateOrder.DayFirst
                : second > 12 && day <= 12 ? DateOrder.MonthFirst
                : DateOrder.Auto;
        }

        (day, month) = order == DateOrder.MonthFirst ? (second, day) : (day, second);
        return order != DateOrder.Auto;
    }

    /// <summary><c>Mar 1, 2024</c>, and <c>Fri, 01 Mar 2024</c> as mail and HTTP have it.</summary>
    private static bool TryMonthName(ref ReadOnlySpan<byte> utf8, out int year, out int month, out int day)
    {
        year = month = day = Unknown;
        if (utf8 is [_, _, _, (byte)',', (byte)' ', >= (byte)'0' and <= (byte)'9', ..])
        {
            utf8 = utf8[5..];
            return TryNumber(ref utf8, 2, out day) && TrySkip(ref utf8, (byte)' ') && TryMonth(ref utf8, out month)
                && TrySkip(ref utf8, (byte)' ') && TryDigits(ref utf8, 4, out year);
        }

        return TryMonth(ref utf8, out month) && TrySkip(ref utf8, (byte)' ') && TryNumber(ref utf8, 2, out day)
            && TrySkip(ref utf8, (byte)',') && TrySkip(ref utf8, (byte)' ') && TryDigits(ref utf8, 4, out year);
    }

    private static bool TryMonth(ref ReadOnlySpan<byte> utf8, out int month)
    {
        month = Unknown;
        if (utf8.Length < 3)
            return false;
        for (int i = 0; i < MonthNames.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(utf8[..3], MonthNames[i]))
                month = i + 1;
        }

        utf8 = utf8[3..];
        return month > 0;
    }

    private static bool TrySkipSeparator(ref ReadOnlySpan<byte> utf8, bool isCompact)
    {
        if (isCompact && utf8[0] is >= (byte)'0' and <= (byte)'9')
            return true; // all digits in one
        if (utf8 is [(byte)',', (byte)' ', ..])
            utf8 = utf8[1..];
        else if (utf8[0] is not ((byte)'T' or (byte)'t' or (byte)' ' or (byte)'D' or (byte)'_') && !(isCompact && utf8[0] == '-'))
            return false;
        utf8 = utf8[1..];
        return true;
    }

    internal static bool TrySkip(ref ReadOnlySpan<byte> utf8, byte expected)
    {
        if (utf8.IsEmpty || utf8[0] != expected)
            return false;
        utf8 = utf8[1..];
        return true;
    }

    /// <summary>One digit up to <paramref name="max"/>.</summary>
    internal static bool TryNumber(ref ReadOnlySpan<byte> utf8, int max, out int value)
    {
        int count = 0;
        while (count < max && count < utf8.Length && utf8[count] is >= (byte)'0' and <= (byte)'9')
            count++;
        value = Unknown;
        return count > 0 && TryDigits(ref utf8, count, out value);
    }

    /// <summary>Exactly <paramref name="count"/> digits.</summary>
    internal static bool TryDigits(ref ReadOnlySpan<byte> utf8, int count, out int value)
    {
        value = Unknown;
        if (utf8.Length < count || !Utf8Parser.TryParse(utf8[..count], out uint digits, out int used) || used != count)
            return false;
        value = (int)digits;
        utf8 = utf8[count..];
        return true;
    }
}
