using System.Runtime.CompilerServices;

namespace Radar.Market;

/// <summary>Decimals as text, without a double in between and without trailing zeros, so that equal values have equal bytes.</summary>
public static class DecimalText
{
    /// <summary>Longest text that is read, in bytes.</summary>
    public const int LengthMax = TickCodec.TextLengthMax;

    internal const int FastDigitsMax = 18; // 10^18 - 1 fits a long

    /// <summary>
    /// Reads an optional minus, digits, an optional fraction and exponent. It takes all JSON numbers, and what some files have beside
    /// them: <c>007</c> and <c>1.</c>. Digits past the 28th or 29th are rounded; what is too large for a <see cref="decimal"/> is refused.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out decimal value)
    {
        // The common case: up to 18 digits with one optional point.
        long digits = 0;
        int scale = -1;
        int i = 0;
        if ((uint)(utf8.Length - 1) <= FastDigitsMax)
        {
            for (; i < utf8.Length; i++)
            {
                uint digit = (uint)(utf8[i] - '0');
                if (digit <= 9)
                {
                    digits = (digits * 10) + digit;
                    scale += scale >= 0 ? 1 : 0;
                }
                else if (utf8[i] == '.' && scale < 0 && i > 0)
                {
                    scale = 0;
                }
                else
                {
                    break;
                }
            }

            if (i == utf8.Length && scale != 0 && (scale > 0 || utf8.Length <= FastDigitsMax))
            {
                value = FromDigits(digits, Math.Max(scale, 0));
                return true;
            }
        }

        return TryParseSlow(utf8, out value);
    }

    /// <summary>Whether the text is a number by RFC 8259, and nothing else.</summary>
    public static bool IsJsonNumber(ReadOnlySpan<byte> utf8)
    {
        if (utf8 is [(byte)'-', ..])
            utf8 = utf8[1..];
        if (utf8 is [(byte)'0', >= (byte)'0' and <= (byte)'9', ..] || !TrySkipDigits(ref utf8))
            return false;
        if (utf8 is [(byte)'.', ..])
        {
            utf8 = utf8[1..];
            if (!TrySkipDigits(ref utf8))
                return false;
        }

        if (utf8 is [(byte)'e' or (byte)'E', ..])
        {
            utf8 = utf8 is [_, (byte)'+' or (byte)'-', ..] ? utf8[2..] : utf8[1..];
            if (!TrySkipDigits(ref utf8))
                return false;
        }

        return utf8.IsEmpty;
    }

    /// <summary>The same value without trailing zeros in its scale: 1.500 becomes 1.5.</summary>
    public static decimal Normalize(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        int scale = (bits[3] >> 16) & 0xFF;
        if (scale == 0)
            return value;
        if (bits[1] == 0 && bits[2] == 0)
        {
            decimal plain = FromDigits((uint)bits[0], scale);
            return bits[3] < 0 ? -plain : plain;
        }

        // Dividing by one with 28 decimals drops trailing zeros.
        return value / 1.0000000000000000000000000000m;
    }

    /// <summary><paramref name="digits"/> ÷ 10^<paramref name="scale"/>, exactly and without trailing zeros.</summary>
    /// <param name="digits">At least 0.</param>
    /// <param name="scale">0 to 28.</param>
    public static decimal FromDigits(long digits, int scale)
    {
        while (scale > 0)
        {
            long tenth = digits / 10;
            if (tenth * 10 != digits)
                break;
            digits = tenth;
            scale--;
        }

        return new decimal((int)digits, (int)(digits >> 32), 0, false, (byte)scale);
    }

    private static bool TrySkipDigits(ref ReadOnlySpan<byte> utf8)
    {
        int end = utf8.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        int digits = end < 0 ? utf8.Length : end;
        utf8 = utf8[digits..];
        return digits > 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryParseSlow(ReadOnlySpan<byte> utf8, out decimal value)
    {
        value = 0;
        if (utf8.Length is 0 or > LengthMax || utf8[0] is not ((byte)'-' or (>= (byte)'0' and <= (byte)'9')) || utf8[^1] == 0)
            return false; // .NET takes zero bytes behind a number for the end of a text
        if (!decimal.TryParse(utf8, System.Globalization.NumberStyles.Float & ~System.Globalization.NumberStyles.AllowLeadingWhite
            & ~System.Globalization.NumberStyles.AllowTrailingWhite, System.Globalization.CultureInfo.InvariantCulture, out value))
            return false;
        value = Normalize(value);
        return true;
    }
}
