using Radar.Market;

namespace Radar.Producer.Synthetic;

/// <summary>
/// A market that never was: activity falls with a symbol's rank as Zipf has it, prices walk in whole ticks, sizes have a long tail.
/// Integers all through, so that a seed gives one sequence everywhere.
/// </summary>
internal sealed class SyntheticMarket
{
    /// <summary>Venue of its ticks.</summary>
    public const string Venue = "synthetic";

    private readonly Walk[] _walks;
    private readonly AliasTable _activity;
    private SplitMix64 _random;

    public SyntheticMarket(int seed, SyntheticSymbol[] symbols)
    {
        _random = new SplitMix64((ulong)(uint)seed);
        _walks = [.. symbols.Select(symbol => new Walk(symbol))];
        _activity = new AliasTable(symbols.Length);
    }

    public int SymbolCount => _walks.Length;

    /// <summary>Each symbol has this many trades already; ids go on behind them.</summary>
    public void BeginAfter(int trades)
    {
        foreach (var walk in _walks)
            walk.Count = trades;
    }

    /// <summary>Makes the next ticks, all with one time.</summary>
    /// <param name="ticks">Filled to its end.</param>
    /// <param name="timestampMs">Unix ms.</param>
    public void Make(Span<Tick> ticks, long timestampMs)
    {
        foreach (ref var tick in ticks)
            tick = _walks[_activity.Draw(ref _random)].Next(_random.Next(), timestampMs);
    }

    /// <summary>One symbol's price and count.</summary>
    private sealed class Walk(SyntheticSymbol symbol)
    {
        private readonly uint _stepMax = (uint)symbol.StepMax;
        private long _price = symbol.PriceTicks;

        /// <summary>Id of the last trade.</summary>
        public long Count { get; set; }

        public Tick Next(ulong random, long timestampMs)
        {
            bool buys = (random & 1) != 0;

            // Half of all trades keep the price; the others move it the way the aggressor pushes.
            if ((random & 2) != 0)
            {
                long step = 1 + (long)((((random >> 8) & 0xFFFF) * _stepMax) >> 16);
                _price += buys ? step : -step;
                if (_price < symbol.PriceMin || _price > symbol.PriceMax)
                    _price = Math.Clamp(_price, symbol.PriceMin, symbol.PriceMax);
            }

            // Each doubling is half as likely as the one before, up to 2^12.
            int doublings = System.Numerics.BitOperations.TrailingZeroCount((random >> 24) | (1 << 12));
            long part = 1 + (long)((random >> 40) % (ulong)symbol.TypicalLots);
            return new Tick(
                symbol.Name,
                DecimalText.FromDigits(_price, symbol.PriceScale),
                timestampMs,
                DecimalText.FromDigits(part << doublings, symbol.SizeScale),
                new TradeId(++Count),
                buys ? Side.Buy : Side.Sell,
                Venue);
        }
    }

    /// <summary>Vose's alias table: draws from n Zipf weights (1, 1/2, 1/3 …) in constant time.</summary>
    private sealed class AliasTable
    {
        private readonly int[] _alias;
        private readonly uint[] _keep;

        public AliasTable(int count)
        {
            _alias = new int[count];
            _keep = new uint[count];
            double sum = 0;
            for (int i = 0; i < count; i++)
                sum += 1.0 / (i + 1);

            var share = new double[count];
            var small = new Stack<int>();
            var large = new Stack<int>();
            for (int i = 0; i < count; i++)
            {
                share[i] = count / (sum * (i + 1));
                (share[i] < 1 ? small : large).Push(i);
            }

            while (small.Count > 0 && large.Count > 0)
            {
                int less = small.Pop(), more = large.Pop();
                _keep[less] = (uint)(share[less] * uint.MaxValue);
                _alias[less] = more;
                share[more] -= 1 - share[less];
                (share[more] < 1 ? small : large).Push(more);
            }

            foreach (int whole in small.Concat(large))
                (_keep[whole], _alias[whole]) = (uint.MaxValue, whole);
        }

        public int Draw(ref SplitMix64 random)
        {
            ulong bits = random.Next();
            int slot = (int)(((bits >> 32) * (uint)_alias.Length) >> 32);
            return (uint)bits <= _keep[slot] ? slot : _alias[slot];
        }
    }
}
