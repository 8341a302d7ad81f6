using System.Text;

namespace Radar.Producer.Mapping;

/// <summary>Where in a record a value is; docs/sources.md has the syntax.</summary>
internal sealed record FieldPath(FieldPathKind Kind, JsonPointer? Pointer, string Text)
{
    private const string ValuePrefix = "value:";
    private const string KeyPrefix = "key:";
    private const string HeaderPrefix = "header:";
    private const string ConstantPrefix = "constant:";

    /// <summary>No place at all.</summary>
    public static FieldPath Nowhere { get; } = new(FieldPathKind.Nowhere, null, "");

    /// <summary>The text of a constant.</summary>
    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(Text);

    /// <summary>As it is written in the settings.</summary>
    public string Written { get; private init; } = "";

    /// <summary>Reads a path.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryParse(string text, out FieldPath path)
    {
        path = Nowhere;
        string? fault = null;
        if (text.StartsWith(ConstantPrefix, StringComparison.Ordinal))
            path = new FieldPath(FieldPathKind.Constant, null, text[ConstantPrefix.Length..]);
        else if (text.StartsWith('/'))
            fault = TryPointer(FieldPathKind.Item, text, out path);
        else if (text.StartsWith(ValuePrefix, StringComparison.Ordinal))
            fault = TryPointer(FieldPathKind.Value, text[ValuePrefix.Length..], out path);
        else if (text.StartsWith(KeyPrefix, StringComparison.Ordinal))
            fault = TryPointer(FieldPathKind.KeyJson, text[KeyPrefix.Length..], out path);
        else if (text.StartsWith(HeaderPrefix, StringComparison.Ordinal) && text.Length > HeaderPrefix.Length)
            path = new FieldPath(FieldPathKind.Header, null, text[HeaderPrefix.Length..]);
        else if (text == "key")
            path = new FieldPath(FieldPathKind.Key, null, "");
        else if (text == "timestamp")
            path = new FieldPath(FieldPathKind.RecordTime, null, "");
        else if (text.Length > 0)
            fault = "write /member (a JSON pointer), value:/member, key, key:/member, header:name, constant:text or, for the time"
                + ", timestamp";
        path = path with { Written = text };
        return fault;
    }

    private static string? TryPointer(FieldPathKind kind, string text, out FieldPath path)
    {
        string? fault = JsonPointer.TryParse(text, out JsonPointer pointer);
        path = new FieldPath(kind, pointer, "");
        return fault;
    }
}

/// <summary>Kinds of <see cref="FieldPath"/>.</summary>
internal enum FieldPathKind
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
