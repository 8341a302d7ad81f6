using CsCheck;
using Radar.Market;
using Radar.Market.Projection;

namespace Radar.Tests.Market.Projection;

/// <summary>The fold of a whole log compared with a textbook fold, over day boundaries, with late and too late ticks.</summary>
public sealed class SymbolFoldTests
{
    private const long Start = 1_700_006_400_000; // 2023-11-15T00:00:00Z
    private static readonly ProjectionOptions Options = new()
    {
        TradesRetained = 7, Days1Min = 1, Days5Min = 1, Days15Min = 2, Days1Hour = 2, Days1Day = 3,
    };

    private static readonly Gen<Tick[]> Logs =
        (from price in Gen.Int[1, 999]
         from size in Gen.OneOf(Gen.Const(0m), Gen.Const(1_000m), Gen.Const(4e-26m), Gen.Int[1, 99].Select(hundredths => hundredths / 100m))
         from ms in Gen.OneOf(
             Gen.Long[0, 5 * 86_400_000L], Gen.Int[0, 20].Select(quarters => quarters * 900_000L), Gen.Int[0, 20].Select(
                 quarters => (quarters * 900_000L) - 1))
         select new Tick("S", price / 100m, Start + ms, size)).Array[1, 80];

    [Fact]
    public void Fold_is_that_of_a_textbook() => Logs.Sample(log =>
    {
        var fold = new SymbolFold("S", Options);
        var reference = new ReferenceFold(Options);
        for (int i = 0; i < log.Length; i++)
        {
            fold.Add(log[i], i);
            reference.Add(log[i], i);
        }

        var latest = reference.Latest("S");
        Assert.Equal((latest.Tick, latest.Offset), (fold.Latest!.TickRef, fold.Latest.Offset));
        Assert.Equal(reference.Trades("S"), fold.Trades);
        foreach (Timeframe timeframe in Timeframe.All)
        {
            var bars = fold.Bars(timeframe);
            Assert.Equal(
                reference.Bars("S", timeframe).Select(
                    bar => ((decimal)bar["o"]!, (decimal)bar["h"]!, (decimal)bar["l"]!, (decimal)bar["c"]!, (long)(decimal)bar["n"]!)),
                bars.Select(bar => (bar.Open, bar.High, bar.Low, bar.Close, bar.Count)));
            Assert.Equal(
                reference.Sums("S", timeframe),
                bars.Select(bar => (ReferenceFold.Exact(bar.Volume.ToString()), ReferenceFold.Exact(bar.Notional.ToString()))));
        }
    });

    [Fact]
    public void Newest_trades_are_kept_in_offset_order_whatever_their_times()
    {
        var fold = new SymbolFold("S", Options);
        for (int i = 0; i < 10; i++)
            fold.Add(new Tick("S", i + 1, Start - i), i);

        Assert.Equal([3, 4, 5, 6, 7, 8, 9], fold.Trades.Select(trade => (int)trade.Offset));
        Assert.Equal(10, fold.Ticks);
        Assert.Equal(0, fold.Latest!.Offset);
    }

    [Fact]
    public void Symbol_without_ticks_has_neither_latest_nor_bars()
    {
        var fold = new SymbolFold("S", Options);

        Assert.Null(fold.Latest);
        Assert.Empty(fold.Bars(Timeframe.Minute));
    }
}
