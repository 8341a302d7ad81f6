using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Radar.Market;

namespace Radar.Producer.Venues.Protocol;

/// <summary>Reads the value at which a reader stands, without a string or a double in between. A wrong value is null or negative.</summary>
internal static class JsonMembers
{
    /// <summary>In the place of a decimal that is none.</summary>
    public const decimal NoDecimal = -1;

    /// <summary>A decimal in a string or a number; <see cref="NoDecimal"/> where there is none.</summary>
    public static decimal Decimal(this in Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.String or JsonTokenType.Number && DecimalText.TryParse(reader.ValueSpan, out decimal value)
            ? value
            : NoDecimal;

    /// <summary>A trade's id: a number, or a text of a length that the topic takes; empty where it is none.</summary>
    public static TradeId Id(this in Utf8JsonReader reader)
    {
        if (reader.Integer() is >= 0 and var number)
            return new TradeId(number);
        bool isText = reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length is > 0 and <= TickCodec.TextLengthMax;
        return isText ? new TradeId(reader.GetString()!) : default;
    }

    /// <summary>An integer of at least 0 in a string or a number; -1 where there is none.</summary>
    public static long Integer(this in Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.String or JsonTokenType.Number
            && Utf8Parser.TryParse(reader.ValueSpan, out long value, out int used) && used == reader.ValueSpan.Length
                ? value
                : -1;

    /// <summary>A symbol; null where it is none.</summary>
    public static string? Symbol(this in Utf8JsonReader reader, NameTable names)
    {
        if (reader.TokenType != JsonTokenType.String)
            return null;
        if (!reader.ValueIsEscaped)
            return names.Symbol(reader.ValueSpan);
        return names.Symbol(Encoding.UTF8.GetBytes(reader.GetString()!)); // "XBT\/USD"
    }

    /// <summary>A time in ISO 8601 or Unix time, as Unix ms; -1 where it is none.</summary>
    public static long Time(this in Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.String or JsonTokenType.Number && EventTime.TryParse(reader.ValueSpan, out long ms) ? ms : -1;

    /// <summary>Moves past the value of the member at whose name the reader stands.</summary>
    public static void SkipValue(this ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>Moves from a member's name to its value.</summary>
    public static void ToValue(this ref Utf8JsonReader reader) => reader.Read();

    /// <summary>Moves to the next member's name; false at the object's end.</summary>
    public static bool NextMember(this ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Reads what is left of the message, so that one that is cut off is noticed.</summary>
    public static void ToEnd(this ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
        }
    }
}
