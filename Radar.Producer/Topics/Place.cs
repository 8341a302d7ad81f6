using System.Text;

namespace Radar.Producer.Topics;

/// <summary>Where in a record a value is; <see cref="TopicOptions"/> tells how places are written.</summary>
internal sealed record Place(PlaceKind Kind, JsonPointer? Pointer, string Text)
{
    private const string ValuePrefix = "value:";
    private const string KeyPrefix = "key:";
    private const string HeaderPrefix = "header:";
    private const string ConstantPrefix = "constant:";

    /// <summary>The text of a constant.</summary>
    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(Text);

    /// <summary>Reads a place.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryParse(string text, out Place place)
    {
        place = new Place(PlaceKind.Nowhere, null, "");
        string? fault = null;
        if (text.StartsWith(ConstantPrefix, StringComparison.Ordinal))
            place = new Place(PlaceKind.Constant, null, text[ConstantPrefix.Length..]);
        else if (text.StartsWith('/'))
            fault = TryPointer(PlaceKind.Item, text, out place);
        else if (text.StartsWith(ValuePrefix, StringComparison.Ordinal))
            fault = TryPointer(PlaceKind.Value, text[ValuePrefix.Length..], out place);
        else if (text.StartsWith(KeyPrefix, StringComparison.Ordinal))
            fault = TryPointer(PlaceKind.KeyJson, text[KeyPrefix.Length..], out place);
        else if (text.StartsWith(HeaderPrefix, StringComparison.Ordinal) && text.Length > HeaderPrefix.Length)
            place = new Place(PlaceKind.Header, null, text[HeaderPrefix.Length..]);
        else if (text == "key")
            place = new Place(PlaceKind.Key, null, "");
        else if (text == "timestamp")
            place = new Place(PlaceKind.RecordTime, null, "");
        else if (text.Length > 0)
            fault = "write /member (a JSON pointer), value:/member, key, key:/member, header:name, constant:text or, for the time, timestamp";
        return fault;
    }

    private static string? TryPointer(PlaceKind kind, string text, out Place place)
    {
        string? fault = JsonPointer.TryParse(text, out JsonPointer pointer);
        place = new Place(kind, pointer, "");
        return fault;
    }
}

/// <summary>Kinds of <see cref="Place"/>.</summary>
internal enum PlaceKind
{
    /// <summary>Not in the record.</summary>
    Nowhere,

    /// <summary>In the trade.</summary>
    Item,

    /// <summary>In the whole value.</summary>
    Value,

    /// <summary>The key is it.</summary>
    Key,

    /// <summary>In the key, which is JSON.</summary>
    KeyJson,

    /// <summary>The last header of a name.</summary>
    Header,

    /// <summary>The same for all.</summary>
    Constant,

    /// <summary>Kafka's timestamp of the record.</summary>
    RecordTime,
}
