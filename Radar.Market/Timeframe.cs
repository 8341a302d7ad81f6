using System.Diagnostics.CodeAnalysis;

namespace Radar.Market;

/// <summary>A length of bars. Bars are labelled by their open time, closed on the left and open on the right, in UTC.</summary>
public sealed class Timeframe
{
    private Timeframe(int index, string name, long minutes, params string[] aliases)
    {
        Index = index;
        Name = name;
        Aliases = aliases;
        LengthMs = minutes * 60_000;
    }

    /// <summary>Every timeframe, shortest first; <see cref="Index"/> is the place in this list.</summary>
    public static IReadOnlyList<Timeframe> All => Frames;

    private static readonly Timeframe[] Frames =
    [
        new(0, "1Min", 1, "1m"), new(1, "5Min", 5, "5m"), new(2, "15Min", 15, "15m"), new(3, "1Hour", 60, "1h", "1H"),
        new(4, "1Day", 1440, "1d", "1D"),
    ];

    /// <summary>The one-minute bars. Every longer timeframe begins on one of its boundaries.</summary>
    public static Timeframe Minute => Frames[0];

    /// <summary>The daily bars.</summary>
    public static Timeframe Day => Frames[4];

    /// <summary>How many timeframes there are.</summary>
    public const int Count = 5;

    /// <summary>Place in <see cref="All"/>.</summary>
    public int Index { get; }

    /// <summary>Name in requests and keys: <c>1Min</c>.</summary>
    public string Name { get; }

    /// <summary>Short names in requests: <c>1m</c>. Their case counts: elsewhere <c>1M</c> is a month.</summary>
    public IReadOnlyList<string> Aliases { get; }

    /// <summary>Length in milliseconds.</summary>
    public long LengthMs { get; }

    /// <summary>Open time of the bar that holds <paramref name="unixMs"/>, Unix ms.</summary>
    public long OpenTime(long unixMs) => unixMs - (unixMs % LengthMs);

    /// <summary>Reads a name in any case, or an alias.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Timeframe? timeframe)
    {
        timeframe = Array.Find(Frames, frame => string.Equals(frame.Name, text, StringComparison.OrdinalIgnoreCase)
            || frame.Aliases.Contains(text));
        return timeframe is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
