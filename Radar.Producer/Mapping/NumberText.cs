using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Radar.Market;

namespace Radar.Producer.Mapping;

/// <summary>What separates the fraction of a number, and so what separates its thousands.</summary>
public enum NumberStyle
{
    /// <summary>As the numbers of the file or record show it; a number that may mean two values, such as 1,234, is refused.</summary>
    Auto,

    /// <summary>A point before the fraction: <c>1,234.56</c>.</summary>
    Point,

    /// <summary>A comma before the fraction: <c>1.234,56</c>.</summary>
    Comma,
}

/// <summary>
/// Reads numbers as spreadsheets and databases write them: separated thousands, currency signs and codes, blanks, <c>.5</c> and
/// <c>+5</c>. Decimals, never doubles.
/// </summary>
internal static class NumberText
{
    private const int LengthMax = 128;

    /// <summary>Reads a number.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, NumberStyle style, out decimal value)
    {
        if ((style != NumberStyle.Comma || !utf8.Contains((byte)'.')) && DecimalText.TryParse(utf8, out value))
            return true;
        return TryParseSlow(utf8, style, out value);
    }

    /// <summary>What the separators of a number show; <c>Auto</c> where it has none or may be read in two ways.</summary>
    public static NumberStyle StyleShownBy(ReadOnlySpan<byte> utf8)
    {
        bool asPoint = TryParse(utf8, NumberStyle.Point, out decimal point);
        bool asComma = TryParse(utf8, NumberStyle.Comma, out decimal comma);
        bool isPlain = asPoint && asComma && point == comma && !utf8.ContainsAny((byte)'.', (byte)',');
        if (isPlain || (!asPoint && !asComma))
            return NumberStyle.Auto;
        if (asPoint != asComma)
            return asPoint ? NumberStyle.Point : NumberStyle.Comma;

        return NumberStyle.Auto; // 1.234 and 1,234
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryParseSlow(ReadOnlySpan<byte> utf8, NumberStyle style, out decimal value)
    {
        value = 0;
        if (utf8.Length is 0 or > LengthMax)
            return false;
        Span<char> buffer = stackalloc char[LengthMax];
        if (!Encoding.UTF8.TryGetChars(utf8, buffer, out int length))
            return false;
        ReadOnlySpan<char> text = WithoutCurrency(buffer[..length]);
        bool isNegative = text is ['-' or '\u2212', ..];
        if (isNegative || text is ['+', ..])
            text = WithoutCurrency(text[1..]);
        int exponent = text.IndexOfAny('e', 'E');
        var mantissa = exponent < 0 ? text : text[..exponent];
        if (!TrySeparators(mantissa, style, out char point, out char thousands))
            return false;

        Span<byte> plain = stackalloc byte[LengthMax + 2];
        int written = 0;
        if (isNegative)
            plain[written++] = (byte)'-';
        int end = mantissa.IndexOf(point);
        var whole = end < 0 ? mantissa : mantissa[..end];
        var fraction = end < 0 ? default : mantissa[(end + 1)..];
        if (!TryWhole(whole, thousands, plain, ref written) || !TryDigits(fraction, plain, ref written, '.')
            || (whole.IsEmpty && fraction.IsEmpty))
            return false;
        foreach (char of in exponent < 0 ? default : text[exponent..])
        {
            if (!char.IsAscii(of))
                return false;
            plain[written++] = (byte)of;
        }

        return DecimalText.TryParse(plain[..written], out value);
    }

    /// <summary>The separators of a number; false where they may be two pairs.</summary>
    private static bool TrySeparators(ReadOnlySpan<char> text, NumberStyle style, out char point, out char thousands)
    {
        int lastPoint = text.LastIndexOf('.');
        int lastComma = text.LastIndexOf(',');
        if (style == NumberStyle.Auto)
        {
            style = lastComma < 0 || (lastPoint > lastComma) || text.Count(',') > 1 ? NumberStyle.Point
                : lastPoint >= 0 || text.Length - lastComma != 4 || text.StartsWith("0,") || lastComma > 3 ? NumberStyle.Comma
                : NumberStyle.Auto;
        }

        (point, char other) = style == NumberStyle.Comma ? (',', '.') : ('.', ',');
        thousands = '\0';
        foreach (char of in text)
        {
            char separator = of is '\u00A0' or '\u202F' ? ' ' : of == '\u2019' ? '\'' : of;
            if (separator != other && separator is not (' ' or '\''))
                continue;
            if (thousands != '\0' && thousands != separator)
                return false;
            thousands = separator;
        }

        return style != NumberStyle.Auto;
    }

    /// <summary>Digits, in groups of two or three and at last of three where they are separated.</summary>
    private static bool TryWhole(ReadOnlySpan<char> whole, char thousands, Span<byte> plain, ref int written)
    {
        int group = 0;
        bool hasGroups = false;
        if (whole.IsEmpty)
            plain[written++] = (byte)'0';
        foreach (char of in whole)
        {
            if (char.IsAsciiDigit(of))
            {
                plain[written++] = (byte)of;
                group++;
                continue;
            }

            char separator = of is '\u00A0' or '\u202F' ? ' ' : of == '\u2019' ? '\'' : of;
            if (thousands == '\0' || separator != thousands || group is 0 or > 3 || (hasGroups && group < 2))
                return false;
            (hasGroups, group) = (true, 0);
        }

        return !hasGroups || group == 3;
    }

    private static bool TryDigits(ReadOnlySpan<char> digits, Span<byte> plain, ref int written, char before)
    {
        if (digits.IsEmpty)
            return true;
        plain[written++] = (byte)before;
        foreach (char of in digits)
        {
            if (!char.IsAsciiDigit(of))
                return false;
            plain[written++] = (byte)of;
        }

        return true;
    }

    /// <summary>Without blanks, a currency's sign (<c>$</c>, <c>€</c>) or its code (<c>USDT</c>, behind a blank) around it.</summary>
    private static ReadOnlySpan<char> WithoutCurrency(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.IsEmpty)
            return text;
        if (char.GetUnicodeCategory(text[0]) == UnicodeCategory.CurrencySymbol)
            text = text[1..].TrimStart();
        else if (text.IndexOf(' ') is >= 3 and <= 5 and var front && IsCode(text[..front]))
            text = text[front..].TrimStart();
        if (!text.IsEmpty && char.GetUnicodeCategory(text[^1]) == UnicodeCategory.CurrencySymbol)
            return text[..^1].TrimEnd();
        int blank = text.LastIndexOf(' ');
        return blank > 0 && text.Length - blank - 1 is >= 3 and <= 5 && IsCode(text[(blank + 1)..]) ? text[..blank].TrimEnd() : text;
    }

    private static bool IsCode(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('A', 'Z');
}
