using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using Radar.Market;

namespace Radar.Producer.Mapping;

/// <summary>
/// Reads a tick's members as others write them. What is not required is absent where nothing, null or an empty text is. Whatever is read
/// here, <see cref="TickCodec.TryRead"/> reads again from our topic.
/// </summary>
internal static class TickMembers
{
    public static TickRefusal Symbol(Scalar value, NameTable names, out string symbol)
    {
        symbol = value.IsTextOrNumber && names.Symbol(value.Utf8) is { } name ? name : "";
        return symbol.Length > 0 ? TickRefusal.None : value.IsMissing ? TickRefusal.MissingSymbol : TickRefusal.BadSymbol;
    }

    public static TickRefusal Price(Scalar value, MappingRules rules, out decimal price)
    {
        price = 0;
        if (value.IsMissing)
            return TickRefusal.MissingPrice;
        decimal scale = rules.ScalesWholePricesOnly && value.Utf8.Contains((byte)'.') ? 1 : rules.PriceScale;
        return TryNumber(value, rules.Numbers, scale, out price) && (price > 0 || rules.AnyPrice)
            ? TickRefusal.None : TickRefusal.BadPrice;
    }

    public static TickRefusal Time(Scalar date, Scalar value, TimeText text, out long timestampMs)
    {
        timestampMs = -1;
        if (value.IsMissing)
            return TickRefusal.MissingTimestamp;
        return text.TryRead(date, value, out timestampMs) ? TickRefusal.None : TickRefusal.BadTimestamp;
    }

    /// <summary>The traded units; their sign is <paramref name="side"/> where the rules say so, and otherwise no sign is allowed.</summary>
    public static TickRefusal Size(Scalar value, MappingRules rules, ref Side side, out decimal size)
    {
        size = 0;
        if (IsAbsent(value))
            return TickRefusal.None;
        if (!TryNumber(value, rules.Numbers, rules.SizeScale, out size))
            return TickRefusal.BadSize;
        if (!rules.SideFromSize)
            return size >= 0 ? TickRefusal.None : TickRefusal.BadSize;
        side = size < 0 ? Market.Side.Sell : size > 0 ? Market.Side.Buy : Market.Side.Unknown;
        size = Math.Abs(size);
        return TickRefusal.None;
    }

    /// <summary>A whole number that no int64 holds is kept as a text.</summary>
    /// <param name="value">The field.</param>
    /// <param name="isUntyped">A text of digits is a number.</param>
    /// <param name="id">The identity; empty where the field is.</param>
    public static TickRefusal TradeId(Scalar value, bool isUntyped, out TradeId id)
    {
        id = default;
        if (IsAbsent(value))
            return TickRefusal.None;
        bool isNumber = value.Kind == ScalarKind.Number || (isUntyped && value.Utf8 is [(byte)'0'] or [not (byte)'0', ..]); // 007 is no 7
        if (isNumber && Utf8Parser.TryParse(value.Utf8, out long number, out int used) && used == value.Utf8.Length)
            id = new TradeId(number);
        else if (TryText(value, out string? text) && (value.Kind == ScalarKind.Text || text.All(char.IsAsciiDigit)))
            id = new TradeId(text);
        return id.IsEmpty ? TickRefusal.BadTradeId : TickRefusal.None;
    }

    public static TickRefusal Side(Scalar value, SideNames names, out Side side)
    {
        side = Market.Side.Unknown;
        return IsAbsent(value) || (value.Kind != ScalarKind.Structure && names.TryFind(value.Utf8, out side))
            ? TickRefusal.None
            : TickRefusal.BadSide;
    }

    public static TickRefusal Venue(Scalar value, NameTable names, out string? venue)
    {
        venue = null;
        if (IsAbsent(value))
            return TickRefusal.None;
        venue = TryText(value, out _) ? names.Text(value.Utf8) : null;
        return venue is null ? TickRefusal.BadVenue : TickRefusal.None;
    }

    /// <summary>Whether there is nothing where nothing is required.</summary>
    public static bool IsAbsent(Scalar value) => value.IsMissing || (value.Kind == ScalarKind.Text && value.Utf8.IsEmpty);

    /// <summary>A number, or a text that is one: by JSON's rules, or by <paramref name="style"/>.</summary>
    private static bool TryNumber(Scalar value, NumberStyle? style, decimal scale, out decimal number)
    {
        number = 0;
        bool read = value.Kind == ScalarKind.Number ? DecimalText.TryParse(value.Utf8, out number)
            : value.Kind == ScalarKind.Text && (style is { } known
                ? NumberText.TryParse(value.Utf8, known, out number)
                : DecimalText.IsJsonNumber(value.Utf8) && DecimalText.TryParse(value.Utf8, out number));
        if (!read || scale == 1)
            return read;
        try
        {
            number = DecimalText.Normalize(number * scale);
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    /// <summary>A text or a number's digits, of a length that our own event may have.</summary>
    private static bool TryText(Scalar value, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? text)
    {
        bool fits = value.IsTextOrNumber && value.Utf8.Length <= TickCodec.TextLengthMax && Utf8.IsValid(value.Utf8);
        text = fits ? Encoding.UTF8.GetString(value.Utf8) : null;
        return text is not null;
    }
}
