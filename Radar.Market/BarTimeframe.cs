using System.Diagnostics.CodeAnalysis;

namespace Radar.Market;

/// <summary>
/// A length of bars that a reader may ask for: a <see cref="Timeframe"/>, or a longer one whose bars are built from stored ones, exactly.
/// Bars are labelled by their open time, closed on the left and open on the right, in UTC; weeks begin on Monday.
/// </summary>
public sealed class BarTimeframe
{
    private const long DayMs = 86_400_000;
    private const long MondayMs = 4 * DayMs; // 1970-01-05

    private readonly long _lengthMs;

    private BarTimeframe(Timeframe stored)
        : this(stored.Name, stored, parts: 1, stored.LengthMs, [.. stored.Aliases])
    {
    }

    private BarTimeframe(string name, Timeframe stored, int parts, long lengthMs, params string[] aliases)
    {
        (Name, Stored, PartsMax, _lengthMs, Aliases) = (name, stored, parts, lengthMs, aliases);
    }

    /// <summary>Every length, shortest first.</summary>
    public static IReadOnlyList<BarTimeframe> All { get; } =
    [
        Of(Timeframe.All[0]), Built("3Min", Timeframe.All[0], 3, "3m"), Of(Timeframe.All[1]), Of(Timeframe.All[2]),
        Built("30Min", Timeframe.All[2], 2, "30m"), Of(Timeframe.All[3]), Built("2Hour", Timeframe.All[3], 2, "2h", "2H"),
        Built("4Hour", Timeframe.All[3], 4, "4h", "4H"), Of(Timeframe.Day), Built("1Week", Timeframe.Day, 7, "1w", "1W"),
        new("1Month", Timeframe.Day, 31, lengthMs: 0, "1M"),
    ];

    /// <summary>Name in requests: <c>4Hour</c>.</summary>
    public string Name { get; }

    /// <summary>Short names in requests: <c>4h</c>. Their case counts: <c>1m</c> is a minute, <c>1M</c> a month.</summary>
    public IReadOnlyList<string> Aliases { get; }

    /// <summary>What is stored: the same length, or the one that bars are built from.</summary>
    public Timeframe Stored { get; }

    /// <summary>Most stored bars that make up one.</summary>
    public int PartsMax { get; }

    /// <summary>Whether its bars are stored as they are.</summary>
    public bool IsStored => PartsMax == 1;

    private bool IsMonth => _lengthMs == 0;

    private bool IsWeek => _lengthMs == 7 * DayMs;

    /// <summary>Open time of the bar that holds <paramref name="unixMs"/>, Unix ms; the first week's is before 1970.</summary>
    public long OpenTime(long unixMs)
    {
        if (IsMonth)
        {
            var time = DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
            return new DateTimeOffset(time.Year, time.Month, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        }

        long since = unixMs - (IsWeek ? MondayMs - (7 * DayMs) : 0);
        return unixMs - (since % _lengthMs);
    }

    /// <summary>Open time of the bar behind the one that opens at <paramref name="openTime"/>, Unix ms.</summary>
    public long Next(long openTime) => IsMonth
        ? openTime >= LastMonthMs ? long.MaxValue : DateTimeOffset.FromUnixTimeMilliseconds(openTime).AddMonths(1).ToUnixTimeMilliseconds()
        : openTime + _lengthMs;

    /// <summary>Reads a name in any case, or an alias.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out BarTimeframe? timeframe)
    {
        timeframe = All.FirstOrDefault(frame =>
            string.Equals(frame.Name, text, StringComparison.OrdinalIgnoreCase) || frame.Aliases.Contains(text));
        return timeframe is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static long LastMonthMs { get; } = new DateTimeOffset(9999, 12, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private static BarTimeframe Of(Timeframe stored) => new(stored);

    private static BarTimeframe Built(string name, Timeframe stored, int parts, params string[] aliases) =>
        new(name, stored, parts, parts * stored.LengthMs, aliases);
}
