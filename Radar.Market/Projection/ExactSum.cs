using System.Globalization;
using System.Numerics;

namespace Radar.Market.Projection;

/// <summary>
/// A sum of decimals that never rounds, so that it does not depend on the order in which its parts were added up: an integer of 256 bits,
/// two's complement, in units of 10^-28. That is the finest unit of a <see cref="decimal"/>; with amounts of at most 10^20 (160 bits)
/// there is room for 2^95 trades.
/// </summary>
/// <remarks>A decimal's own sum keeps 96 bits: 1000 + 3 × 4e-26 differs by whether the three are added up first.</remarks>
internal readonly struct ExactSum : IEquatable<ExactSum>
{
    private const int Scale = 28;
    private static readonly BigInteger One = BigInteger.Pow(10, Scale);
    private static readonly UInt128[] PowersOf10 =
        [.. Enumerable.Range(0, Scale + 1).Select(exponent => (UInt128)BigInteger.Pow(10, exponent))];

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    private ExactSum(UInt128 high, UInt128 low) => (_high, _low) = (high, low);

    public bool IsZero => _low == 0 && _high == 0;

    private bool IsNegative => _high >> 127 != 0;

    /// <summary>Exactly <paramref name="value"/>.</summary>
    public static ExactSum Of(decimal value) => value < 0 ? -OfMagnitude(value) : OfMagnitude(value);

    public static ExactSum operator -(ExactSum sum) =>
        new(~sum._high + (sum._low == 0 ? UInt128.One : UInt128.Zero), ~sum._low + UInt128.One);

    private static ExactSum OfMagnitude(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        ulong low = ((ulong)(uint)bits[1] << 32) | (uint)bits[0];
        uint high = (uint)bits[2];
        UInt128 unit = PowersOf10[Scale - ((bits[3] >> 16) & 0xFF)];
        ulong unitLow = (ulong)unit, unitHigh = (ulong)(unit >> 64);

        // (high × 2^64 + low) × (unitHigh × 2^64 + unitLow), at most 96 + 94 bits.
        UInt128 product = BigMul(low, unitLow);
        UInt128 middle = BigMul(low, unitHigh) + (product >> 64);
        if (high == 0)
            return new ExactSum(middle >> 64, (middle << 64) | (ulong)product);
        UInt128 other = BigMul(high, unitLow);
        UInt128 carried = middle + other; // 64 + 30 and 32 + 64 bits
        return new ExactSum((carried >> 64) + BigMul(high, unitHigh), (carried << 64) | (ulong)product);
    }

    /// <summary>Reads what <see cref="ToString"/>, or a decimal, wrote.</summary>
    /// <exception cref="FormatException">It is not such a number.</exception>
    public static ExactSum Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8 is [(byte)'-', not (byte)'-', ..])
            return -Parse(utf8[1..]);
        // What has up to 28 digits is a decimal's own.
        if (utf8.Length <= Scale && DecimalText.TryParse(utf8, out decimal value) && value >= 0)
            return Of(value);
        int point = utf8.IndexOf((byte)'.');
        int fraction = point < 0 ? 0 : utf8.Length - point - 1;
        Span<char> digits = stackalloc char[Scale + DecimalText.LengthMax];
        if (utf8.IsEmpty || utf8.Length > DecimalText.LengthMax || fraction > Scale)
            throw NoSum();
        int length = 0;
        foreach (byte digit in utf8)
        {
            if (digit != (byte)'.')
                digits[length++] = (char)digit;
        }

        digits.Slice(length, Scale - fraction).Fill('0');
        if (!BigInteger.TryParse(
            digits[..(length + Scale - fraction)], NumberStyles.None, CultureInfo.InvariantCulture, out BigInteger units)
            || units.GetBitLength() > 255)
            throw NoSum();
        return new ExactSum((UInt128)(units >> 128), (UInt128)(units & UInt128.MaxValue));
    }

    public static ExactSum operator +(ExactSum left, ExactSum right)
    {
        UInt128 low = left._low + right._low;
        return new ExactSum(left._high + right._high + (low < left._low ? UInt128.One : UInt128.Zero), low);
    }

    /// <summary>The nearest decimal without trailing zeros; the largest or smallest where the sum is beyond.</summary>
    public decimal ToDecimal()
    {
        if (IsNegative)
            return -(-this).ToDecimal();
        if (_high != 0)
            return LargeToDecimal();
        var (whole, units) = UInt128.DivRem(_low, PowersOf10[Scale]);
        return DecimalText.Normalize((decimal)(ulong)whole + Fraction(units)); // whole < 2^128 ÷ 10^28
    }

    /// <summary>Every digit, without trailing zeros.</summary>
    public override string ToString()
    {
        if (IsNegative)
            return "-" + (-this).ToString();
        var (whole, units) = BigInteger.DivRem(Units(), One);
        string text = whole.ToString(CultureInfo.InvariantCulture);
        return units.IsZero ? text : text + "." + units.ToString("D28", CultureInfo.InvariantCulture).TrimEnd('0');
    }

    public bool Equals(ExactSum other) => _low == other._low && _high == other._high;

    public override bool Equals(object? obj) => obj is ExactSum other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_high, _low);

    private static UInt128 BigMul(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return new UInt128(high, low);
    }

    /// <summary>Less than one: <paramref name="units"/> ÷ 10^28.</summary>
    private static decimal Fraction(UInt128 units) => DecimalText.Normalize(
        new decimal((int)(uint)units, (int)(uint)(units >> 32), (int)(uint)(units >> 64), false, Scale));

    private static FormatException NoSum() => new("A stored record has no sum where one belongs: another program wrote to Radar's keys.");

    private decimal LargeToDecimal()
    {
        var (whole, units) = BigInteger.DivRem(Units(), One);
        return whole < (BigInteger)decimal.MaxValue ? DecimalText.Normalize((decimal)whole + Fraction((UInt128)units)) : decimal.MaxValue;
    }

    private BigInteger Units() => ((BigInteger)_high << 128) | _low;
}
