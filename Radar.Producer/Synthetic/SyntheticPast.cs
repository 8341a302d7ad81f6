using Radar.Market;

namespace Radar.Producer.Synthetic;

/// <summary>
/// Trades from before the start, so that charts and day figures are there at once: a few a minute for each symbol, evenly spaced, from
/// the oldest to the present. Prices and sizes depend on the seed alone, times on the present.
/// </summary>
/// <remarks>
/// Each symbol's prices are walked backwards from its first live price. Spaced by at most a minute, trades fall into every minute.
/// </remarks>
internal sealed class SyntheticPast
{
    private const int MinuteMs = 60_000;

    /// <summary>Trades of a symbol in a minute, at most.</summary>
    private const int PerMinuteMax = 4;

    /// <summary>Trades of all symbols: some seconds of work, a day of up to 138 symbols.</summary>
    private const int TicksMax = 200_000;

    /// <summary>A live price makes many steps in the time in which this makes one; so a day moves by a few percent.</summary>
    private const long StepFactor = 13;

    /// <summary>Sizes stand for all that is traded in their part of a minute; beyond this they would look odd.</summary>
    private const long SizeFactorMax = 100_000;

    private readonly IReadOnlyList<SyntheticSymbol> _symbols;
    private readonly long[][] _prices;
    private readonly SplitMix64[] _random;
    private readonly long[] _sizeFactors;
    private readonly long _spacingMs;
    private readonly long _nowMs;
    private int _next;

    /// <param name="symbols">The most active first.</param>
    /// <param name="options">Seed and rate; the rate decides the sizes.</param>
    /// <param name="minutes">How far back, in minutes.</param>
    /// <param name="nowMs">The present, Unix ms.</param>
    public SyntheticPast(IReadOnlyList<SyntheticSymbol> symbols, SyntheticOptions options, int minutes, long nowMs)
    {
        Minutes = Math.Clamp((TicksMax / symbols.Count) - 1, 0, minutes);
        int perMinute = Minutes == 0 ? 0 : Math.Clamp(TicksMax / ((Minutes + 1) * symbols.Count), 1, PerMinuteMax);
        (_symbols, _nowMs, _spacingMs) = (symbols, nowMs, MinuteMs / Math.Max(1, perMinute));
        TicksPerSymbol = (Minutes + 1) * perMinute; // the minute that is not over, too
        _prices = [.. symbols.Select((symbol, index) => Prices(symbol, options.Seed, index))];
        _random = [.. symbols.Select((_, index) => Random(options.Seed, index, forSizes: true))];
        double sum = Enumerable.Range(1, symbols.Count).Sum(rank => 1.0 / rank);
        _sizeFactors = [.. Enumerable.Range(1, symbols.Count).Select(rank => (long)Math.Clamp(
            options.Rate * MinuteMs / 1000 / (rank * sum) / Math.Max(1, perMinute), 1, SizeFactorMax))];
    }

    /// <summary>How far it reaches back, in minutes: less than asked for where there are many symbols.</summary>
    public int Minutes { get; }

    /// <summary>Trades of each symbol.</summary>
    public int TicksPerSymbol { get; }

    /// <summary>Trades that were read.</summary>
    public int Read => _next;

    /// <summary>Fills <paramref name="ticks"/> with the next trades, in the order of their times; returns how many they are.</summary>
    public int ReadNext(Span<Tick> ticks)
    {
        int count = Math.Min(ticks.Length, (TicksPerSymbol * _symbols.Count) - _next);
        for (int i = 0; i < count; i++, _next++)
            ticks[i] = Make(_next % _symbols.Count, _next / _symbols.Count);
        return count;
    }

    private Tick Make(int index, int number)
    {
        var symbol = _symbols[index];
        ulong random = _random[index].Next();
        long price = _prices[index][number];
        long before = number == 0 ? price : _prices[index][number - 1];
        bool buys = price == before ? (random & 1) != 0 : price > before;
        int left = TicksPerSymbol - 1 - number;
        long agoMs = 1 + (left * _spacingMs) + (_spacingMs * (_symbols.Count - 1 - index) / _symbols.Count);
        return new Tick(
            symbol.Name,
            DecimalText.FromDigits(price, symbol.PriceScale),
            _nowMs - agoMs,
            DecimalText.FromDigits((1 + (long)((random >> 8) % (ulong)(symbol.TypicalLots * 3))) * _sizeFactors[index], symbol.SizeScale),
            new TradeId(number + 1),
            buys ? Side.Buy : Side.Sell,
            SyntheticMarket.Venue);
    }

    /// <summary>From the oldest to the present one, which is the first of the live walk.</summary>
    private long[] Prices(SyntheticSymbol symbol, int seed, int index)
    {
        var random = Random(seed, index, forSizes: false);
        long stepMax = symbol.StepMax * StepFactor;
        var prices = new long[TicksPerSymbol];
        long price = symbol.PriceTicks;
        for (int i = TicksPerSymbol - 1; i >= 0; i--)
        {
            prices[i] = price;
            ulong bits = random.Next();
            long step = (long)(((bits >> 8) & 0xFFFF) * (ulong)stepMax) >> 16;
            price = Math.Clamp(price + ((bits & 1) != 0 ? step : -step), symbol.PriceMin, symbol.PriceMax);
        }

        return prices;
    }

    /// <summary>Sequences of their own, so that the live one of a seed is the same with a past and without.</summary>
    private static SplitMix64 Random(int seed, int index, bool forSizes) =>
        new(((ulong)(uint)seed << 32) ^ ((ulong)(uint)index << 1) ^ (forSizes ? 0x5A5A_0000_0000_0001UL : 0x5A5A_0000_0000_0000UL));
}
