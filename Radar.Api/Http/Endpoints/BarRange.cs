using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>Which stored bars make up the bars that a request asks for.</summary>
/// <param name="Timeframe">What is asked for.</param>
/// <param name="StartMs">First open time of a stored bar, Unix ms.</param>
/// <param name="EndMs">Last open time of a stored bar, Unix ms.</param>
internal readonly record struct BarRange(BarTimeframe Timeframe, long StartMs, long EndMs)
{
    /// <param name="timeframe">What is asked for.</param>
    /// <param name="startMs">First open time that is asked for, Unix ms.</param>
    /// <param name="endMs">Last open time that is asked for, Unix ms.</param>
    /// <param name="symbol">Whose bars. Those of which stored parts may be gone are left out.</param>
    public static BarRange Of(BarTimeframe timeframe, long startMs, long endMs, SymbolLocation symbol)
    {
        if (timeframe.IsStored)
            return new BarRange(timeframe, startMs, endMs);
        if (BuiltBars.KeptFromMs(timeframe.Stored, symbol) is not { } keptFromMs)
            return new BarRange(timeframe, 1, 0); // how far they reach is unknown, so none is exact
        return new BarRange(timeframe, FirstFrom(timeframe, Math.Max(startMs, keptFromMs)), timeframe.Next(timeframe.OpenTime(endMs)) - 1);
    }

    /// <summary>How many stored bars to read for so many bars.</summary>
    public int StoredFor(int bars) => bars * Timeframe.PartsMax;

    /// <summary>The bars, in the order of the stored ones.</summary>
    public List<ReadOnlyMemory<byte>> Bars(IEnumerable<ReadOnlyMemory<byte>> stored) =>
        Timeframe.IsStored ? [.. stored] : BuiltBars.Of(Timeframe, stored);

    private static long FirstFrom(BarTimeframe timeframe, long fromMs)
    {
        long openTime = timeframe.OpenTime(fromMs);
        return openTime == fromMs ? openTime : timeframe.Next(openTime);
    }
}
