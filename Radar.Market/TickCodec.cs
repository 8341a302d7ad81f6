using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Radar.Market;

/// <summary>
/// The event on the wire: UTF-8 JSON
/// <code>
/// {"symbol":"BTCUSDT","price":61837.63,"timestamp":1723161255342,"size":0.02,"trade_id":3735683259,"side":"sell","venue":"binance"}
/// </code>
/// <c>symbol</c>, <c>price</c> and <c>timestamp</c> are required; price and size may be strings; unknown members are ignored. Decimals
/// never pass through a double.
/// </summary>
public static partial class TickCodec
{
    /// <summary>Largest value that is read: 64 KiB, in bytes.</summary>
    public const int ValueBytesMax = 64 * 1024;

    /// <summary>
    /// Largest price, size and price × size, without sign: 10^20. A decimal holds 7.9 × 10^28, so a bar has room for 7.9 × 10^8 trades of
    /// that size.
    /// </summary>
    public const decimal AmountMax = 100_000_000_000_000_000_000m;

    /// <summary>Longest textual trade identity, venue name, or number: bytes of UTF-8, without JSON's escapes.</summary>
    public const int TextLengthMax = 128;

    /// <summary>The same as it stands in JSON: an escape takes six bytes (<c>\u0041</c>) for one.</summary>
    private const int EscapedLengthMax = 6 * TextLengthMax;

    /// <summary>Reads one event. <paramref name="names"/> shares the strings of symbols and venues.</summary>
    /// <param name="utf8">The record's value.</param>
    /// <param name="names">Owned by the caller's thread.</param>
    /// <param name="tick">The event, where the result is <see cref="TickRefusal.None"/>.</param>
    /// <param name="anyPrice">Whether a price may be 0 or less: <see cref="RadarOptions.AllowNonPositivePrices"/>.</param>
    /// <returns>Why the value is refused, or <see cref="TickRefusal.None"/>. Never throws on bad input.</returns>
    public static TickRefusal TryRead(ReadOnlySpan<byte> utf8, NameTable names, out Tick tick, bool anyPrice = false)
    {
        tick = default;
        if (utf8.Length > ValueBytesMax)
            return TickRefusal.TooLarge;
        if (TryReadPlain(utf8, names, out tick))
            return Check(tick);
        if (!Utf8.IsValid(utf8))
            return TickRefusal.BadJson; // the library's reader looks only at the texts that it is asked for
        try
        {
            return Read(utf8, names, anyPrice, out tick);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Utf8JsonReader throws InvalidOperationException for a string with half of a surrogate pair.
            tick = default;
            return TickRefusal.BadJson;
        }
    }

    private static TickRefusal Read(ReadOnlySpan<byte> utf8, NameTable names, bool anyPrice, out Tick tick)
    {
        tick = default;
        var reader = new Utf8JsonReader(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return TickRefusal.BadJson;

        string? symbol = null, venue = null;
        decimal? price = null;
        decimal size = 0;
        long timestampMs = -1;
        TradeId tradeId = default;
        Side side = Side.Unknown;
        var refusal = TickRefusal.None;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = TickRefusal.None;
            if (reader.ValueTextEquals("symbol"u8))
            {
                reader.Read();
                found = ReadSymbol(ref reader, names, out symbol) ? TickRefusal.None : TickRefusal.BadSymbol;
            }
            else if (reader.ValueTextEquals("price"u8))
            {
                reader.Read();
                bool isPrice = TryReadDecimal(ref reader, out decimal number) && (number > 0 || anyPrice);
                price = isPrice ? number : price;
                found = isPrice ? TickRefusal.None : TickRefusal.BadPrice;
            }
            else if (reader.ValueTextEquals("timestamp"u8))
            {
                reader.Read();
                found = TryReadTimestamp(ref reader, out timestampMs) ? TickRefusal.None : TickRefusal.BadTimestamp;
            }
            else if (reader.ValueTextEquals("size"u8))
            {
                reader.Read();
                found = IsNull(reader) || (TryReadDecimal(ref reader, out size) && size >= 0) ? TickRefusal.None : TickRefusal.BadSize;
            }
            else if (reader.ValueTextEquals("trade_id"u8))
            {
                reader.Read();
                found = IsNull(reader) || TryReadTradeId(ref reader, out tradeId) ? TickRefusal.None : TickRefusal.BadTradeId;
            }
            else if (reader.ValueTextEquals("side"u8))
            {
                reader.Read();
                found = IsNull(reader) || TryReadSide(ref reader, out side) ? TickRefusal.None : TickRefusal.BadSide;
            }
            else if (reader.ValueTextEquals("venue"u8))
            {
                reader.Read();
                found = IsNull(reader) || TryReadVenue(ref reader, names, out venue) ? TickRefusal.None : TickRefusal.BadVenue;
            }
            else
            {
                reader.Skip();
                continue;
            }

            if (found == TickRefusal.None)
                continue;
            if (refusal == TickRefusal.None)
                refusal = found;
            reader.Skip();
        }

        if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
            return TickRefusal.BadJson;
        if (refusal != TickRefusal.None)
            return refusal;
        if (symbol is null)
            return TickRefusal.MissingSymbol;
        if (price is not { } paid)
            return TickRefusal.MissingPrice;
        if (timestampMs < 0)
            return TickRefusal.MissingTimestamp;

        tick = new Tick(symbol, paid, timestampMs, size, tradeId, side, venue);
        return Check(tick);
    }

    /// <summary>Ranges that concern more than one member, or that the calendar sets.</summary>
    /// <param name="tick">
    /// Each of its members is in its own range: <c>price</c> &gt; 0 unless any is allowed, <c>size</c> ≥ 0, a time of at least 0.
    /// </param>
    /// <returns>Why <see cref="TryRead"/> would refuse it, or <see cref="TickRefusal.None"/>.</returns>
    public static TickRefusal Check(in Tick tick)
    {
        decimal price = Math.Abs(tick.Price);
        if (price > AmountMax || tick.Size > AmountMax || (tick.Size > 1 && price > AmountMax / tick.Size))
            return TickRefusal.OutOfRange;
        return tick.TimestampMs > Rfc3339.UnixMsMax ? TickRefusal.BadTimestamp : TickRefusal.None;
    }

    /// <summary>Writes one event. The result is what <see cref="TryRead"/> reads back to an equal <see cref="Tick"/>.</summary>
    public static void Write(IBufferWriter<byte> output, in Tick tick)
    {
        var json = new JsonLine(output.GetSpan(512 + (6 * (tick.TradeId.Text?.Length ?? 0)) + (6 * (tick.Venue?.Length ?? 0))));
        json.Raw("{\"symbol\":\""u8);
        json.Symbol(tick.Symbol);
        json.Raw("\",\"price\":"u8);
        json.Decimal(tick.Price);
        json.Raw(",\"timestamp\":"u8);
        json.Integer(tick.TimestampMs);
        if (tick.Size != 0)
        {
            json.Raw(",\"size\":"u8);
            json.Decimal(tick.Size);
        }

        if (!tick.TradeId.IsEmpty)
        {
            json.Raw(",\"trade_id\":"u8);
            json.TradeId(tick.TradeId);
        }

        if (tick.Side != Side.Unknown)
            json.Raw(tick.Side == Side.Buy ? ",\"side\":\"buy\""u8 : ",\"side\":\"sell\""u8);
        if (tick.Venue is not null)
        {
            json.Raw(",\"venue\":"u8);
            json.Text(tick.Venue);
        }

        json.Raw("}"u8);
        output.Advance(json.Length);
    }

    private static bool IsNull(in Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null;

    private static bool ReadSymbol(ref Utf8JsonReader reader, NameTable names, out string? symbol)
    {
        symbol = null;
        if (reader.TokenType != JsonTokenType.String)
            return false;
        symbol = TryText(reader, out var text) ? names.Symbol(text) : null;
        return symbol is not null;
    }

    private static bool TryReadVenue(ref Utf8JsonReader reader, NameTable names, out string? venue)
    {
        venue = null;
        if (reader.TokenType != JsonTokenType.String)
            return false;
        if (!TryText(reader, out var text) || text.IsEmpty)
            return false;
        venue = names.Text(text);
        return true;
    }

    private static bool TryReadSide(ref Utf8JsonReader reader, out Side side)
    {
        side = Side.Unknown;
        if (reader.TokenType != JsonTokenType.String)
            return false;
        if (reader.ValueTextEquals("buy"u8))
            side = Side.Buy;
        else if (reader.ValueTextEquals("sell"u8))
            side = Side.Sell;
        return side != Side.Unknown;
    }

    private static bool TryReadTradeId(ref Utf8JsonReader reader, out TradeId id)
    {
        id = default;
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number))
        {
            id = new TradeId(number);
            return true;
        }

        if (reader.TokenType != JsonTokenType.String || !TryText(reader, out var text) || text.IsEmpty)
            return false;
        id = new TradeId(Encoding.UTF8.GetString(text));
        return true;
    }

    private static bool TryReadTimestamp(ref Utf8JsonReader reader, out long timestampMs)
    {
        timestampMs = -1;
        if (reader.TokenType != JsonTokenType.Number)
            return false;
        if (Utf8Parser.TryParse(reader.ValueSpan, out timestampMs, out int used) && used == reader.ValueSpan.Length)
            return timestampMs >= 0;

        // 1.723161255342e12 is an integer too, and Python's json writes some that way.
        bool whole = DecimalText.TryParse(reader.ValueSpan, out decimal value)
            && value is >= 0 and <= long.MaxValue && decimal.IsInteger(value);
        timestampMs = whole ? (long)value : -1;
        return whole;
    }

    private static bool TryReadDecimal(ref Utf8JsonReader reader, out decimal value)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return DecimalText.TryParse(reader.ValueSpan, out value);
        value = 0;
        if (reader.TokenType != JsonTokenType.String)
            return false;
        return TryText(reader, out var text) && DecimalText.IsJsonNumber(text) && DecimalText.TryParse(text, out value);
    }

    /// <summary>A string of at most <see cref="TextLengthMax"/> bytes, without escapes.</summary>
    private static bool TryText(in Utf8JsonReader reader, out ReadOnlySpan<byte> text)
    {
        text = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
            return text.Length <= TextLengthMax;
        if (text.Length > EscapedLengthMax)
            return false;
        byte[] unescaped = new byte[text.Length];
        text = unescaped.AsSpan(0, reader.CopyString(unescaped));
        return text.Length <= TextLengthMax;
    }
}
