namespace Radar.Client;

/// <summary>What a stream delivers of its symbols.</summary>
[Flags]
public enum StreamChannels
{
    /// <summary>Nothing, which no stream can deliver.</summary>
    None = 0,

    /// <summary>The newest trade of each symbol, whenever it is another one.</summary>
    Tickers = 1,

    /// <summary>Every trade.</summary>
    Trades = 1 << 1,

    /// <summary>The newest bar of one minute whenever it changes, and corrections of older ones.</summary>
    MinuteBars = 1 << 2,

    /// <summary>The same of five minutes.</summary>
    FiveMinuteBars = 1 << 3,

    /// <summary>The same of fifteen minutes.</summary>
    FifteenMinuteBars = 1 << 4,

    /// <summary>The same of one hour.</summary>
    HourBars = 1 << 5,

    /// <summary>The same of one day.</summary>
    DayBars = 1 << 6,
}

internal static class StreamChannelNames
{
    private const int BarsShift = 2;

    /// <summary>The channel that delivers bars of <paramref name="timeframe"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such timeframe, or its bars are not streamed.</exception>
    public static StreamChannels Of(Timeframe timeframe)
    {
        string name = Timeframes.NameOf(timeframe);
        if (!Timeframes.IsStreamed(timeframe))
            throw new ArgumentOutOfRangeException(nameof(timeframe), timeframe, $"Bars of {name} are read, not streamed.");
        return (StreamChannels)(1 << (BarsShift + (int)timeframe));
    }

    /// <summary>As the API calls them: <c>tickers,bars.1Min</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are none, or some that do not exist.</exception>
    public static string Text(StreamChannels channels)
    {
        var names = new List<string>();
        var known = StreamChannels.Tickers | StreamChannels.Trades;
        if (channels.HasFlag(StreamChannels.Tickers))
            names.Add("tickers");
        if (channels.HasFlag(StreamChannels.Trades))
            names.Add("trades");
        foreach (Timeframe timeframe in Enum.GetValues<Timeframe>().Where(Timeframes.IsStreamed))
        {
            known |= Of(timeframe);
            if (channels.HasFlag(Of(timeframe)))
                names.Add("bars." + Timeframes.NameOf(timeframe));
        }

        if (names.Count == 0 || (channels & ~known) != 0)
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "At least one channel, and only such as exist.");
        return string.Join(',', names);
    }
}
