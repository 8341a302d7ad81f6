using System.Globalization;
using Radar.Market;

namespace Radar.Producer.Synthetic;

/// <summary>What a made-up symbol is like at its beginning.</summary>
/// <param name="Name">The symbol.</param>
/// <param name="PriceTicks">First price in price ticks.</param>
/// <param name="PriceScale">Decimals of a price: a price tick is 10^-scale.</param>
/// <param name="TypicalLots">Size of a small trade, in lots.</param>
/// <param name="SizeScale">Decimals of a size: a lot is 10^-scale.</param>
internal readonly record struct SyntheticSymbol(string Name, long PriceTicks, int PriceScale, long TypicalLots, int SizeScale)
{
    /// <summary>Lowest price, in price ticks.</summary>
    public long PriceMin => Math.Max(1, PriceTicks / 4);

    /// <summary>Highest price, in price ticks.</summary>
    public long PriceMax => PriceTicks * 4;

    /// <summary>Half of a hundredth of a percent is what a busy market moves from trade to trade, in price ticks.</summary>
    public long StepMax => Math.Max(1, PriceTicks / 20_000);

    /// <summary>About what these coins cost in August 2024, in the steps in which an exchange trades them.</summary>
    private static readonly SyntheticSymbol[] Known =
    [
        new("BTCUSDT", 61_800_00, 2, 100, 5),
        new("ETHUSDT", 2_680_00, 2, 20, 4),
        new("SOLUSDT", 155_00, 2, 300, 3),
        new("BNBUSDT", 515_0, 1, 100, 3),
        new("XRPUSDT", 6_000, 4, 80, 0),
        new("ADAUSDT", 3_500, 4, 1_500, 1),
    ];

    /// <summary>The symbols that <paramref name="options"/> ask for, the most active first.</summary>
    public static SyntheticSymbol[] All(SyntheticOptions options)
    {
        if (options.SymbolCount > 0)
        {
            return
            [
                .. Enumerable.Range(1, options.SymbolCount)
                    .Select(number => MadeUp("SYM" + number.ToString("00000", CultureInfo.InvariantCulture), options.Seed, number)),
            ];
        }

        return options.Symbols.Count == 0
            ? Known
            : [.. options.Symbols.Select((text, index) => Named(text, options, index))];
    }

    private static SyntheticSymbol Named(string text, SyntheticOptions options, int index)
    {
        options.SymbolRule.TryNormalize(text, out string name); // checked at start
        int known = Array.FindIndex(Known, symbol => symbol.Name == name);
        return known >= 0 ? Known[known] : MadeUp(name, options.Seed, index);
    }

    /// <summary>Prices from 1.00 to 999.99, so that a small trade is worth a few hundred.</summary>
    private static SyntheticSymbol MadeUp(string name, int seed, int number)
    {
        var random = new SplitMix64(((ulong)(uint)seed << 32) | (uint)number);
        long priceTicks = random.Below(10) switch
        {
            < 2 => 100 + random.Below(900),
            < 7 => 1_000 + random.Below(9_000),
            _ => 10_000 + random.Below(90_000),
        };
        return new SyntheticSymbol(name, priceTicks, 2, Math.Max(1, 2_000_000 / priceTicks), 2);
    }
}
