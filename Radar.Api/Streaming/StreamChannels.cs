using Radar.Market;

namespace Radar.Api.Streaming;

/// <summary>What a client subscribes to, of its symbols.</summary>
/// <param name="Mask">Bit 0 tickers, bit 1 trades, from bit 2 on bars by <see cref="Timeframe.Index"/>.</param>
internal readonly record struct StreamChannels(int Mask)
{
    /// <summary>Names in requests: <c>tickers</c>, <c>trades</c>, <c>bars.1Min</c> and so on.</summary>
    public static readonly string[] Names = ["tickers", "trades", .. Timeframe.All.Select(frame => "bars." + frame.Name)];

    public static readonly StreamChannels OnlyTickers = new(1);

    private const string BarsPrefix = "bars.";

    public bool Tickers => (Mask & 1) != 0;

    public bool Trades => (Mask & 2) != 0;

    public bool AnyBars => Mask >> 2 != 0;

    public bool Bars(Timeframe timeframe) => (Mask & (4 << timeframe.Index)) != 0;

    /// <summary>Reads <c>tickers,trades,bars.1Min</c>; timeframes may be aliases, whose case counts.</summary>
    /// <param name="text">A list of at least one.</param>
    /// <param name="channels">The channels in it.</param>
    /// <param name="wrong">The first name that is none.</param>
    public static bool TryParse(string text, out StreamChannels channels, out string wrong)
    {
        int mask = 0;
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int bit = BitOf(name);
            if (bit == 0)
            {
                (channels, wrong) = (default, name);
                return false;
            }

            mask |= bit;
        }

        (channels, wrong) = (new StreamChannels(mask), "");
        return true;
    }

    private static int BitOf(string name) => name switch
    {
        _ when name.Equals("tickers", StringComparison.OrdinalIgnoreCase) => 1,
        _ when name.Equals("trades", StringComparison.OrdinalIgnoreCase) => 2,
        _ when name.StartsWith(BarsPrefix, StringComparison.OrdinalIgnoreCase)
            && Timeframe.TryParse(name[BarsPrefix.Length..], out Timeframe? frame) => 4 << frame.Index,
        _ => 0,
    };
}
