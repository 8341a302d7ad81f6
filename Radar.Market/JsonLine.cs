using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Radar.Market;

/// <summary>
/// Writes one small JSON item into a span that the caller has made large enough: members are literals, values are decimals, integers
/// and times. Only texts of others (venue, trade identity) are escaped.
/// </summary>
internal ref struct JsonLine(Span<byte> span)
{
    private readonly Span<byte> _span = span;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public readonly ReadOnlySpan<byte> Written => _span[..Length];

    public void Raw(scoped ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(_span[Length..]);
        Length += utf8.Length;
    }

    public void Ascii(string text) => Length += Encoding.ASCII.GetBytes(text, _span[Length..]);

    /// <summary>A symbol, of which JSON escapes nothing.</summary>
    public void Symbol(string symbol) => Length += Encoding.UTF8.GetBytes(symbol, _span[Length..]);

    public void Integer(long value)
    {
        Utf8Formatter.TryFormat(value, _span[Length..], out int written);
        Length += written;
    }

    public void Decimal(decimal value)
    {
        value.TryFormat(_span[Length..], out int written, default, System.Globalization.CultureInfo.InvariantCulture);
        Length += written;
    }

    public void NullableDecimal(decimal? value)
    {
        if (value is { } known)
            Decimal(known);
        else
            Raw("null"u8);
    }

    public void Text(string? text)
    {
        if (text is null)
        {
            Raw("null"u8);
            return;
        }

        Raw("\""u8);
        Raw(JsonEncodedText.Encode(text).EncodedUtf8Bytes);
        Raw("\""u8);
    }

    public void TradeId(in TradeId id)
    {
        if (id.Number is { } number)
            Integer(number);
        else
            Text(id.Text);
    }

    public void Side(Side side) => Raw(side switch
    {
        Market.Side.Buy => "\"buy\""u8,
        Market.Side.Sell => "\"sell\""u8,
        _ => "null"u8,
    });

    /// <summary>A time in RFC 3339 with milliseconds, in quotes: <c>"2024-08-08T23:54:15.342Z"</c>.</summary>
    public void Time(long unixMs)
    {
        Raw("\""u8);
        Length += Rfc3339.Format(unixMs, _span[Length..]);
        Raw("\""u8);
    }
}
