using CsCheck;
using Radar.Market.Projection;

namespace Radar.Tests.Market.Projection;

public sealed class BarTests
{
    private static readonly Gen<(int Price, int Size, long Ms)[]> Trades =
        (from price in Gen.Int[1, 9]
         from size in Gen.Int[0, 3]
         from ms in Gen.Long[0, 5]
         select (price, size, ms)).Array[1, 20];

    [Fact]
    public void First_and_last_are_decided_by_time_then_offset_whatever_the_order_of_arrival() => Trades.Sample(trades =>
    {
        var numbered = trades.Select((trade, offset) => (trade.Price, trade.Ms, Offset: (long)offset)).ToList();
        var inOrder = numbered.OrderBy(trade => trade.Ms).ThenBy(trade => trade.Offset).ToList();
        Bar forwards = Fold(trades, offsets: Enumerable.Range(0, trades.Length)), backwards = Fold(
            trades, Enumerable.Range(0, trades.Length).Reverse());

        Assert.Equal((decimal)inOrder[0].Price, forwards.Open);
        Assert.Equal((decimal)inOrder[^1].Price, forwards.Close);
        AssertEqual(forwards, backwards);
    });

    [Fact]
    public void Merging_bars_of_parts_is_the_bar_of_all_trades() =>
        (from trades in Trades from cut in Gen.Int[0, 20] select (trades, cut)).Sample(sample =>
        {
            int[] offsets = [.. Enumerable.Range(0, sample.trades.Length)];
            int cut = Math.Min(sample.cut, offsets.Length - 1); // the merged one holds at least one trade
            Bar merged = Fold(sample.trades, offsets[..cut]);
            merged.Merge(Fold(sample.trades, offsets[cut..]));

            AssertEqual(Fold(sample.trades, offsets), merged);
        });

    [Fact]
    public void Trade_without_a_size_sets_prices_and_counts_and_adds_no_volume()
    {
        var bar = new Bar(0);
        bar.Add(5, 0, new EventOrder(1, 1));

        Assert.Equal((5, 5, 5, 5, 1), (bar.Open, bar.High, bar.Low, bar.Close, bar.Count));
        Assert.True(bar.Volume.IsZero);
        Assert.Null(bar.VolumeWeightedPrice());
    }

    [Fact]
    public void Volume_and_notional_are_exact_for_sizes_that_a_sum_of_decimals_rounds()
    {
        var bar = new Bar(0);
        bar.Add(2, 1000, new EventOrder(1, 1));
        for (int i = 0; i < 3; i++)
            bar.Add(1, 4e-26m, new EventOrder(1, 2 + i));

        Assert.Equal("1000.00000000000000000000000012", bar.Volume.ToString());
        Assert.Equal("2000.00000000000000000000000012", bar.Notional.ToString());
    }

    [Theory]
    [InlineData("10 1 20 3", "17.5")]
    [InlineData("1 1 2 2", "1.666666666666667")] // 16 significant digits
    [InlineData("0.0001 1 0.0002 2", "0.0001666666666666667")]
    [InlineData("100000 1 200000 2", "166666.6666666667")]
    [InlineData("7 0 9 2", "9")]
    public void Average_price_is_weighted_by_size(string trades, string expected)
    {
        decimal[] numbers = [.. trades.Split(' ').Select(text => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        var bar = new Bar(0);
        for (int i = 0; i < numbers.Length; i += 2)
            bar.Add(numbers[i], numbers[i + 1], new EventOrder(1, i));

        Assert.Equal(expected, bar.VolumeWeightedPrice()?.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Reset_leaves_nothing_of_the_trades_before()
    {
        Bar bar = Fold([(9, 3, 1), (1, 3, 2)], [0, 1]);
        bar.Reset(60_000);
        bar.Add(5, 1, new EventOrder(60_001, 7));

        var expected = new Bar(60_000);
        expected.Add(5, 1, new EventOrder(60_001, 7));
        Assert.Equal(60_000, bar.OpenTime);
        AssertEqual(expected, bar);
    }

    private static Bar Fold((int Price, int Size, long Ms)[] trades, IEnumerable<int> offsets)
    {
        var bar = new Bar(0);
        foreach (int offset in offsets)
            bar.Add(trades[offset].Price, trades[offset].Size, new EventOrder(trades[offset].Ms, offset));
        return bar;
    }

    private static void AssertEqual(Bar expected, Bar actual)
    {
        Assert.Equal((expected.Open, expected.High, expected.Low, expected.Close), (actual.Open, actual.High, actual.Low, actual.Close));
        Assert.Equal((expected.Opened, expected.Closed, expected.Count), (actual.Opened, actual.Closed, actual.Count));
        Assert.Equal((expected.Volume, expected.Notional), (actual.Volume, actual.Notional));
    }
}
