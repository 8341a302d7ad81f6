using System.Numerics;
using System.Text;
using CsCheck;
using Radar.Market.Projection;

namespace Radar.Tests.Market.Projection;

public sealed class ExactSumTests
{
    private static readonly BigInteger One = BigInteger.Pow(10, 28);

    /// <summary>Decimals of every scale, length and sign.</summary>
    private static readonly Gen<decimal> Amounts =
        from low in Gen.Int
        from middle in Gen.OneOf(Gen.Const(0), Gen.Int)
        from high in Gen.OneOf(Gen.Const(0), Gen.Int)
        from scale in Gen.Byte[0, 28]
        from isNegative in Gen.Bool
        select new decimal(low, middle, high, isNegative, scale);

    [Fact]
    public void Sum_is_that_of_integers_in_any_order() => Amounts.Array[0, 40].Sample(amounts =>
    {
        BigInteger expected = amounts.Aggregate(BigInteger.Zero, (sum, amount) => sum + Units(amount));

        Assert.Equal(expected, Units(Sum(amounts)));
        Assert.Equal(Sum(amounts), Sum(amounts.Reverse()));
        Assert.Equal(Sum(amounts).GetHashCode(), Sum(amounts.Reverse()).GetHashCode());
    });

    [Fact]
    public void What_a_decimal_would_round_away_is_kept()
    {
        const decimal Tiny = 4e-26m;
        decimal oneByOne = 1000m + Tiny + Tiny + Tiny, together = 1000m + (3 * Tiny);

        Assert.NotEqual(oneByOne, together); // otherwise the sum would not be needed
        Assert.Equal("1000.00000000000000000000000012", Sum([1000m, Tiny, Tiny, Tiny]).ToString());
    }

    [Fact]
    public void Carry_reaches_the_upper_half()
    {
        decimal[] amounts = [.. Enumerable.Repeat(decimal.MaxValue, 1_000)];

        Assert.Equal((new BigInteger(decimal.MaxValue) * 1_000).ToString(), Sum(amounts).ToString());
        Assert.Equal(decimal.MaxValue, Sum(amounts).ToDecimal());
    }

    [Fact]
    public void Text_is_read_back_to_an_equal_sum() => Amounts.Array[0, 20].Sample(amounts =>
    {
        ExactSum sum = Sum(amounts);
        Assert.Equal(sum, ExactSum.Parse(Encoding.ASCII.GetBytes(sum.ToString())));
    });

    [Theory]
    [InlineData("0", "0")]
    [InlineData("1.500", "1.5")]
    [InlineData("100", "100")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    [InlineData("79228162514264337593543950336.5", "79228162514264337593543950335")] // more than a decimal holds
    public void Nearest_decimal_has_no_trailing_zeros(string sum, string expected) =>
        Assert.Equal(
            expected, ExactSum.Parse(Encoding.ASCII.GetBytes(sum)).ToDecimal().ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("-0.0000000000000000000000000001", "-0.0000000000000000000000000001")]
    [InlineData("-79228162514264337593543950336.5", "-79228162514264337593543950335")]
    public void Negative_sum_is_read_and_rounded_as_a_positive_one(string sum, string expected)
    {
        ExactSum read = ExactSum.Parse(Encoding.ASCII.GetBytes(sum));

        Assert.Equal(expected, read.ToDecimal().ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(sum, read.ToString());
        Assert.True((read + -read).IsZero);
    }

    [Fact]
    public void Only_zero_is_zero()
    {
        Assert.True(ExactSum.Of(-0.0m).IsZero);
        Assert.True(Sum([-1.5m, decimal.MaxValue, 1.5m, -decimal.MaxValue]).IsZero);
        Assert.True(default(ExactSum).IsZero);
        Assert.True(ExactSum.Of(0.000m).IsZero);
        Assert.False(ExactSum.Of(0.0000000000000000000000000001m).IsZero);
        Assert.False(Sum([decimal.MaxValue, decimal.MaxValue]).IsZero);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("--1")]
    [InlineData("abc")]
    [InlineData("0.00000000000000000000000000001")] // 29 decimals
    public void What_is_no_sum_is_refused(string text) =>
        Assert.Throws<FormatException>(() => ExactSum.Parse(Encoding.ASCII.GetBytes(text)));

    private static ExactSum Sum(IEnumerable<decimal> amounts) =>
        amounts.Aggregate(default(ExactSum), (sum, amount) => sum + ExactSum.Of(amount));

    private static BigInteger Units(decimal amount)
    {
        int[] bits = decimal.GetBits(amount);
        BigInteger digits = ((BigInteger)(uint)bits[2] << 64) | ((BigInteger)(uint)bits[1] << 32) | (uint)bits[0];
        return digits * One / BigInteger.Pow(10, (bits[3] >> 16) & 0xFF) * (amount < 0 ? -1 : 1);
    }

    private static BigInteger Units(ExactSum sum) => ReferenceFold.Exact(sum.ToString());
}
