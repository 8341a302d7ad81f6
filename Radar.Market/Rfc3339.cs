using System.Globalization;

namespace Radar.Market;

/// <summary>Times in RFC 3339, UTC, milliseconds: <c>2024-08-08T23:54:15.342Z</c>.</summary>
public static class Rfc3339
{
    /// <summary>Length of a formatted time, in bytes.</summary>
    public const int Length = 24;

    private const int DateLength = 10;

    /// <summary>Last time that can be written, Unix ms: the end of the year 9999.</summary>
    public const long UnixMsMax = 253_402_300_799_999;

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    /// <param name="unixMs">Unix ms from 0 to <see cref="UnixMsMax"/>.</param>
    /// <param name="utf8">At least <see cref="Length"/> bytes.</param>
    /// <returns><see cref="Length"/>.</returns>
    public static int Format(long unixMs, Span<byte> utf8)
    {
        DateTime time = DateTime.UnixEpoch.AddTicks(unixMs * TimeSpan.TicksPerMillisecond);
        var (year, month, day) = DateOnly.FromDateTime(time);
        int ms = (int)(unixMs % 86_400_000);
        utf8 = utf8[..Length];
        Digits(utf8, 0, year / 100);
        Digits(utf8, 2, year % 100);
        utf8[4] = (byte)'-';
        Digits(utf8, 5, month);
        utf8[7] = (byte)'-';
        Digits(utf8, 8, day);
        utf8[10] = (byte)'T';
        Digits(utf8, 11, ms / 3_600_000);
        utf8[13] = (byte)':';
        Digits(utf8, 14, ms / 60_000 % 60);
        utf8[16] = (byte)':';
        Digits(utf8, 17, ms / 1000 % 60);
        utf8[19] = (byte)'.';
        utf8[20] = (byte)('0' + (ms / 100 % 10));
        Digits(utf8, 21, ms % 100);
        utf8[23] = (byte)'Z';
        return Length;
    }

    /// <summary>The same as a string.</summary>
    public static string Format(long unixMs)
    {
        Span<byte> utf8 = stackalloc byte[Length];
        Format(unixMs, utf8);
        return System.Text.Encoding.ASCII.GetString(utf8);
    }

    /// <summary>
    /// Reads an RFC 3339 time, or Unix seconds (from 1973 on), ms, µs (from 1978 on) or ns, distinguished by magnitude.
    /// A date alone is its midnight, a time without an offset is UTC.
    /// </summary>
    public static bool TryParse(string text, out long unixMs)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            unixMs = number switch
            {
                >= 100_000_000 and < 10_000_000_000 => number * 1000,
                >= 100_000_000_000_000_000 => number / 1_000_000,
                > UnixMsMax => number / 1000,
                _ => number,
            };
            return unixMs <= UnixMsMax;
        }

        // .NET alone would also read 1-2-3, in an order of its own.
        DateTimeOffset time = default;
        bool known = text.Length >= DateLength && text[4] == '-' && text[7] == '-'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
        unixMs = known ? time.ToUnixTimeMilliseconds() : 0;
        return known && unixMs >= 0;
    }

    private static void Digits(Span<byte> utf8, int at, int value)
    {
        utf8[at] = (byte)('0' + (value / 10));
        utf8[at + 1] = (byte)('0' + (value % 10));
    }
}
