using System.Globalization;
using System.Text;
using Radar.Market;

namespace Radar.Producer.Mapping;

/// <summary>How times are written.</summary>
/// <param name="Unit">What a number counts.</param>
/// <param name="Format">
/// A .NET format that texts have to have, or null for the usual ones. What is finer than its seven digits of a fraction is cut off.
/// </param>
/// <param name="Order">Of day and month, where the year comes last.</param>
/// <param name="Zone">Of times without an offset; null is UTC.</param>
internal sealed record TimeText(TimeUnit Unit, string? Format = null, DateOrder Order = DateOrder.Auto, TimeZoneInfo? Zone = null)
{
    private const long DayMs = 86_400_000;
    private const int LengthMax = 100;
    private const int FractionDigitsMax = 7; // of .NET

    /// <summary>Reads a whole time, or a time of day beside its date.</summary>
    /// <param name="date">The day, where there is such a field; missing otherwise.</param>
    /// <param name="time">A whole time, or with a date also a time of day.</param>
    /// <param name="unixMs">The time, Unix ms.</param>
    public bool TryRead(Scalar date, Scalar time, out long unixMs)
    {
        unixMs = time.UnixMs;
        if (time.Kind == ScalarKind.UnixMs)
            return true;
        unixMs = -1;
        if (!time.IsTextOrNumber)
            return false;
        var utf8 = time.Utf8;
        long dayMs = -1;
        bool hasDate = date.IsTextOrNumber && CalendarTime.TryParseDate(date.Utf8, Order, out dayMs);
        if (Format is not null)
            return TryExact(utf8, hasDate ? dayMs : null, out unixMs);

        if (utf8 is [_, (byte)':', ..] or [_, _, (byte)':', ..])
        {
            if (!hasDate || !EventTime.TryParseTimeOfDay(utf8, out long sinceMidnight, out bool hasOffset))
                return false;
            unixMs = hasOffset ? dayMs + sinceMidnight : ToUtc(dayMs + sinceMidnight);
            return true;
        }

        bool isAbsolute = true;
        bool read = Unit is TimeUnit.Auto ? EventTime.TryParse(utf8, Order, out unixMs, out isAbsolute)
            : Unit is TimeUnit.Iso8601 ? CalendarTime.TryParse(utf8, Order, out unixMs, out isAbsolute)
            : EventTime.TryParse(utf8, Unit, out unixMs);
        if (!read)
            return false;
        if (!isAbsolute)
            unixMs = ToUtc(unixMs);
        if (!hasDate || utf8 is [_, _, _, _, (byte)'-' or (byte)'/', ..] || !isAbsolute)
            return true;
        if (Unit != TimeUnit.Auto && unixMs < DayMs)
            unixMs = ToUtc(unixMs + dayMs);

        // Ticks since midnight in µs or ns may look like Unix time, of another day.
        return Math.Abs(unixMs - dayMs) <= 2 * DayMs;
    }

    /// <summary>Why <paramref name="format"/> cannot be one, or null.</summary>
    public static string? FaultOf(string format)
    {
        format = format[..^TooFine(format)];
        try
        {
            string sample = DateTime.UnixEpoch.ToString(format, CultureInfo.InvariantCulture);
            return DateTime.TryParseExact(sample, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
                ? null
                : "what it writes cannot be read again";
        }
        catch (FormatException)
        {
            return "it is no format of .NET, such as dd.MM.yyyy HH:mm:ss.fff";
        }
    }

    private bool TryExact(ReadOnlySpan<byte> utf8, long? dayMs, out long unixMs)
    {
        unixMs = -1;
        Span<char> chars = stackalloc char[LengthMax];
        int tooFine = TooFine(Format!);
        if (utf8.Length > LengthMax || !Encoding.UTF8.TryGetChars(utf8, chars, out int length) || length < tooFine
            || chars[(length - tooFine)..length].ContainsAnyExceptInRange('0', '9')
            || !DateTime.TryParseExact(
                chars[..(length - tooFine)], Format.AsSpan()[..^tooFine], CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces
                    | DateTimeStyles.NoCurrentDateDefault,
                out DateTime time))
            return false;

        // Without NoCurrentDateDefault a format that has no date would mean today.
        bool isTimeOfDay = time.Ticks < TimeSpan.TicksPerDay;
        if (isTimeOfDay && dayMs is null)
            return false;
        unixMs = (time - (isTimeOfDay ? DateTime.MinValue : DateTime.UnixEpoch)).Ticks / TimeSpan.TicksPerMillisecond;
        unixMs += isTimeOfDay ? dayMs!.Value : 0;
        bool hasOffset = Format!.Contains('z', StringComparison.Ordinal) || Format.Contains('K', StringComparison.Ordinal);
        unixMs = hasOffset ? unixMs : ToUtc(unixMs);
        return unixMs >= 0;
    }

    /// <summary>Digits of the fraction at the end of a format that .NET does not have: <c>HHmmssfffffffff</c> has nanoseconds.</summary>
    private static int TooFine(string format) => Math.Max(0, format.Length - format.TrimEnd('f').Length - FractionDigitsMax);

    private long ToUtc(long local)
    {
        if (Zone is null || local is < 0 or > Rfc3339.UnixMsMax)
            return local;
        var clock = DateTime.SpecifyKind(DateTime.UnixEpoch.AddMilliseconds(local), DateTimeKind.Unspecified);
        return local - (Zone.GetUtcOffset(clock).Ticks / TimeSpan.TicksPerMillisecond);
    }
}
