using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using Radar.Market;

namespace Radar.Producer.Topics;

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

    public static TickRefusal Price(Scalar value, out decimal price)
    {
        price = 0;
        if (value.IsMissing)
            return TickRefusal.MissingPrice;
        return IsNumber(value) && DecimalText.TryParse(value.Utf8, out price) && price > 0 ? TickRefusal.None : TickRefusal.BadPrice;
    }

    public static TickRefusal Time(Scalar value, TimeUnit unit, out long timestampMs)
    {
        timestampMs = -1;
        if (value.IsMissing)
            return TickRefusal.MissingTimestamp;
        return value.IsTextOrNumber && EventTime.TryParse(value.Utf8, unit, out timestampMs) ? TickRefusal.None : TickRefusal.BadTimestamp;
    }

    public static TickRefusal Size(Scalar value, out decimal size)
    {
        size = 0;
        if (IsAbsent(value))
            return TickRefusal.None;
        return IsNumber(value) && DecimalText.TryParse(value.Utf8, out size) && size >= 0 ? TickRefusal.None : TickRefusal.BadSize;
    }

    /// <summary>A whole number that no int64 holds is kept as a text.</summary>
    public static TickRefusal TradeId(Scalar value, out TradeId id)
    {
        id = default;
        if (IsAbsent(value))
            return TickRefusal.None;
        if (value.Kind == ScalarKind.Number && Utf8Parser.TryParse(value.Utf8, out long number, out int used) && used == value.Utf8.Length)
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

    /// <summary>A number, or a text that is one by JSON's rules.</summary>
    private static bool IsNumber(Scalar value) =>
        value.Kind == ScalarKind.Number || (value.Kind == ScalarKind.Text && DecimalText.IsJsonNumber(value.Utf8));

    private static bool IsAbsent(Scalar value) => value.IsMissing || (value.Kind == ScalarKind.Text && value.Utf8.IsEmpty);

    /// <summary>A text or a number's digits, of a length that our own event may have.</summary>
    private static bool TryText(Scalar value, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? text)
    {
        bool fits = value.IsTextOrNumber && value.Utf8.Length <= TickCodec.TextLengthMax && Utf8.IsValid(value.Utf8);
        text = fits ? Encoding.UTF8.GetString(value.Utf8) : null;
        return text is not null;
    }
}
