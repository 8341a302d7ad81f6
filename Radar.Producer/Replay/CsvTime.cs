using System.Text;

namespace Radar.Producer.Replay;

/// <summary>Reads the time of a CSV row, from one column or from a date and a time of day.</summary>
internal static class CsvTime
{
    private const long DayMs = 86_400_000;
    private const int ShownMax = 40;

    /// <summary>Returns null, or what is wrong and how to mend it.</summary>
    /// <param name="date">The day, where <paramref name="hasDate"/>.</param>
    /// <param name="hasDate">Whether there is such a column.</param>
    /// <param name="time">A whole time, or with a date also a time of day.</param>
    /// <param name="unit">What a number counts.</param>
    /// <param name="unixMs">The time, where the result is null.</param>
    public static string? TryRead(ReadOnlySpan<byte> date, bool hasDate, ReadOnlySpan<byte> time, TimeUnit unit, out long unixMs)
    {
        unixMs = -1;
        long dayMs = -1;
        hasDate = hasDate && EventTime.TryParseDate(date, out dayMs);
        if (time is [_, (byte)':', ..] or [_, _, (byte)':', ..])
        {
            if (!hasDate || !EventTime.TryParseTimeOfDay(time, out long sinceMidnight))
                return Fault(date, time);
            unixMs = dayMs + sinceMidnight;
            return null;
        }

        if (!EventTime.TryParse(time, unit, out unixMs))
            return Fault(date, time);
        if (!hasDate || time is [_, _, _, _, (byte)'-', ..])
            return null;
        if (unit != TimeUnit.Auto && unixMs < DayMs)
            unixMs += dayMs;

        // Ticks since midnight in µs or ns may look like Unix time, of another day.
        return Math.Abs(unixMs - dayMs) <= 2 * DayMs ? null : Fault(date, time);
    }

    private static string Fault(ReadOnlySpan<byte> date, ReadOnlySpan<byte> time) =>
        $"no time that can be read in '{Shown(time)}'{(date.IsEmpty ? "" : $" with the date '{Shown(date)}'")}: it takes ISO 8601, or Unix "
        + "time from 1973 on, or a time such as 09:30:00.123 beside a column with the date (Producer:Replay:Columns:Date); what another "
        + "number counts is set by Producer:Replay:TimeUnit";

    private static string Shown(ReadOnlySpan<byte> text) =>
        string.Concat(Encoding.UTF8.GetString(text[..Math.Min(text.Length, ShownMax)]).Where(shown => !char.IsControl(shown)));
}
