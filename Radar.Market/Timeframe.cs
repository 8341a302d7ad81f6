using System.Diagnostics.CodeAnalysis;

namespace Radar.Market;

/// <summary>A length of bars. Bars are labelled by their open time, closed on the left and open on the right, in UTC.</summary>
public sealed class Timeframe
{
    private Timeframe(int index, string name, string alias, long minutes)
    {
        Index = index;
        Name = name;
        Alias = alias;
        LengthMs = minutes * 60_000;
    }

    /// <summary>Every timeframe, shortest first; <see cref="Index"/> is the place in this list.</summary>
    public static IReadOnlyList<Timeframe> All => Frames;

    private static readonly Timeframe[] Frames =
    [
        new(0, "1Min", "1m", 1), new(1, "5Min", "5m", 5), new(2, "15Min", "15m", 15), new(3, "1Hour", "1h", 60), new(4, "1Day", "1d", 1440),
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

    /// <summary>Short name in requests: <c>1m</c>.</summary>
    public string Alias { get; }

    /// <summary>Length in milliseconds.</summary>
    public long LengthMs { get; }

    /// <summary>Open time of the bar that holds <paramref name="unixMs"/>, Unix ms.</summary>
    public long OpenTime(long unixMs) => unixMs - (unixMs % LengthMs);

    /// <summary>Reads a name or an alias, in any case.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Timeframe? timeframe)
    {
        timeframe = Array.Find(Frames, frame => string.Equals(frame.Name, text, StringComparison.OrdinalIgnoreCase)
            || string.Equals(frame.Alias, text, StringComparison.OrdinalIgnoreCase));
        return timeframe is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
