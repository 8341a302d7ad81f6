namespace Radar.Market;

/// <summary>
/// The short way for the events that nearly everybody sends: one flat object of known members, numbers as plain digits, strings of
/// printable ASCII without escapes, spaces at most after <c>:</c> and <c>,</c>. Whatever else comes, and whatever is wrong, is left to the
/// library's reader, which decides and names the reason. Radar.Benchmarks measures both ways.
/// </summary>
public static partial class TickCodec
{
    private static bool TryReadPlain(ReadOnlySpan<byte> rest, NameTable names, out Tick tick)
    {
        tick = default;
        string? symbol = null, venue = null;
        decimal price = 0, size = 0;
        long timestampMs = -1;
        TradeId tradeId = default;
        Side side = Side.Unknown;

        if (!Take(ref rest, "{"u8))
            return false;
        do
        {
            SkipSpaces(ref rest);
            if (rest.Length < 8)
                return false;
            bool known = rest[1] switch
            {
                (byte)'s' when Take(ref rest, "\"symbol\":"u8) =>
                    TryString(ref rest, out var text) && (symbol = names.Symbol(text)) is not null,
                (byte)'p' when Take(ref rest, "\"price\":"u8) => TryAmount(ref rest, out price) && price > 0,
                (byte)'t' when Take(ref rest, "\"timestamp\":"u8) => TryWhole(ref rest, out timestampMs),
                (byte)'t' when Take(ref rest, "\"trade_id\":"u8) => TryTradeId(ref rest, out tradeId),
                (byte)'s' when Take(ref rest, "\"size\":"u8) => TryAmount(ref rest, out size),
                (byte)'s' when Take(ref rest, "\"side\":"u8) => TrySide(ref rest, out side),
                (byte)'v' when Take(ref rest, "\"venue\":"u8) => TryVenue(ref rest, names, out venue),
                _ => false,
            };
            if (!known)
                return false;
        }
        while (Take(ref rest, ","u8));

        if (!rest.SequenceEqual("}"u8) || symbol is null || price == 0 || timestampMs < 0)
            return false;
        tick = new Tick(symbol, price, timestampMs, size, tradeId, side, venue);
        return true;
    }

    private static bool Take(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> literal)
    {
        if (!rest.StartsWith(literal))
            return false;
        rest = rest[literal.Length..];
        return true;
    }

    private static void SkipSpaces(ref ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty && rest[0] == (byte)' ')
            rest = rest[1..];
    }

    /// <summary>What is between two quotes, unchecked: the caller compares it with what it knows.</summary>
    private static bool TryString(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> text)
    {
        text = default;
        SkipSpaces(ref rest);
        if (rest.IsEmpty || rest[0] != (byte)'"')
            return false;
        rest = rest[1..];
        int end = rest.IndexOf((byte)'"');
        if (end <= 0 || rest[end - 1] == (byte)'\\')
            return false;
        text = rest[..end];
        rest = rest[(end + 1)..];
        return true;
    }

    private static bool TrySide(ref ReadOnlySpan<byte> rest, out Side side)
    {
        side = TryString(ref rest, out var text)
            ? text.SequenceEqual("buy"u8) ? Side.Buy : text.SequenceEqual("sell"u8) ? Side.Sell : Side.Unknown
            : Side.Unknown;
        return side != Side.Unknown;
    }

    private static bool TryVenue(ref ReadOnlySpan<byte> rest, NameTable names, out string? venue)
    {
        venue = TryString(ref rest, out var text) && text.Length <= TextLengthMax ? names.PrintableText(text) : null;
        return venue is not null;
    }

    private static bool TryTradeId(ref ReadOnlySpan<byte> rest, out TradeId id)
    {
        bool whole = TryWhole(ref rest, out long number);
        id = new TradeId(number);
        return whole;
    }

    private static bool TryWhole(ref ReadOnlySpan<byte> rest, out long value) =>
        TryDigits(ref rest, out value, out int scale) && scale == 0;

    private static bool TryAmount(ref ReadOnlySpan<byte> rest, out decimal value)
    {
        bool read = TryDigits(ref rest, out long digits, out int scale);
        value = read ? DecimalText.FromDigits(digits, scale) : 0;
        return read;
    }

    /// <summary>A number of at most 18 digits with at most one point, spelt as JSON wants it.</summary>
    private static bool TryDigits(ref ReadOnlySpan<byte> rest, out long digits, out int scale)
    {
        SkipSpaces(ref rest);
        digits = 0;
        int point = -1, i = 0;
        for (; i < rest.Length && i <= DecimalText.FastDigitsMax; i++)
        {
            uint digit = (uint)(rest[i] - '0');
            if (digit <= 9)
                digits = (digits * 10) + digit;
            else if (rest[i] == (byte)'.' && point < 0)
                point = i;
            else
                break;
        }

        scale = point < 0 ? 0 : i - 1 - point;
        bool plain = i > 0 && i <= DecimalText.FastDigitsMax && point != 0 && point != i - 1
            && (rest[0] != (byte)'0' || i == 1 || point == 1) && i < rest.Length && rest[i] is (byte)',' or (byte)'}';
        rest = rest[i..];
        return plain;
    }
}
