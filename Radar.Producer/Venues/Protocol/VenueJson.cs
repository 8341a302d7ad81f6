using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Radar.Market;

namespace Radar.Producer.Venues.Protocol;

/// <summary>Reads the members of a venue's answers, decimals without a double in between.</summary>
internal static class VenueJson
{
    /// <summary>The text of a member, or null.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;

    /// <summary>A trade of <paramref name="symbol"/>, checked.</summary>
    /// <exception cref="InvalidDataException">Something is missing or wrong.</exception>
    public static Tick Trade(string symbol, string venue, JsonElement id, JsonElement price, JsonElement size, JsonElement time, Side side)
    {
        if (!System.Buffers.Text.Utf8Parser.TryParse(Bare(id), out long number, out int used) || used != Bare(id).Length || number < 0)
            throw new InvalidDataException("a trade without an id");
        return Trade(symbol, venue, new TradeId(number), price, size, time, side);
    }

    private static Tick Trade(string symbol, string venue, TradeId id, JsonElement price, JsonElement size, JsonElement time, Side side)
    {
        if (!DecimalText.TryParse(Bare(price), out decimal amount) || amount <= 0
            || !DecimalText.TryParse(Bare(size), out decimal units) || units < 0
            || !EventTime.TryParse(Bare(time), out long ms))
            throw new InvalidDataException("a trade without price, size or time");
        return new Tick(symbol, amount, ms, units, id, side, venue);
    }

    /// <summary>A trade whose id may be a text, checked.</summary>
    /// <exception cref="InvalidDataException">Something is missing or wrong.</exception>
    public static Tick NamedTrade(
        string symbol, string venue, JsonElement id, JsonElement price, JsonElement size, JsonElement time, Side side)
    {
        if (long.TryParse(id.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return Trade(symbol, venue, id, price, size, time, side);
        if (id.ValueKind != JsonValueKind.String || id.GetString() is not { Length: > 0 and <= TickCodec.TextLengthMax } name)
            throw new InvalidDataException("a trade without an id");
        return Trade(symbol, venue, new TradeId(name), price, size, time, side);
    }

    /// <summary>A member that must be there.</summary>
    /// <exception cref="InvalidDataException">It is not there.</exception>
    public static JsonElement Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member)
            ? member
            : throw new InvalidDataException($"no member {name}");

    /// <summary>The elements of a list.</summary>
    /// <exception cref="InvalidDataException">It is no list.</exception>
    public static JsonElement.ArrayEnumerator List(this JsonElement json) =>
        json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : throw new InvalidDataException("no list where one should be");

    /// <summary>The members of an object.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static JsonElement.ObjectEnumerator Members(this JsonElement json) =>
        json.ValueKind == JsonValueKind.Object ? json.EnumerateObject() : throw new InvalidDataException("no object with trades");

    /// <summary>A number as it is written, a text without its quotes.</summary>
    private static ReadOnlySpan<byte> Bare(JsonElement json) => JsonMarshal.GetRawUtf8Value(json).Trim((byte)'"');
}
