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

    /// <summary>Where the value is in records that have none here, or null.</summary>
    public FieldPath? Else { get; private init; }

    /// <summary>This path, and those behind it.</summary>
    public IEnumerable<FieldPath> Alternatives
    {
        get
        {
            for (var path = this; path is not null; path = path.Else)
                yield return path;
        }
    }

    /// <summary>The value at the first of the alternatives where the record has one.</summary>
    public Scalar Find<TRecord>(scoped in TRecord record)
        where TRecord : IPathValues, allows ref struct
    {
        var value = record.At(this);
        for (var other = Else; value.IsMissing && other is not null; other = other.Else)
            value = record.At(other);
        return value;
    }

    /// <summary>Reads a path, or several: <c>/p|/price</c>. A bar inside a name is no separator.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryParse(string text, out FieldPath path)
    {
        string[] texts = text.StartsWith(ConstantPrefix, StringComparison.Ordinal) ? [text] : [.. Split(text)];
        string? fault = TryParseOne(texts[^1], out path);
        for (int i = texts.Length - 2; i >= 0; i--)
        {
            fault = TryParseOne(texts[i], out FieldPath before) ?? fault;
            path = before with { Else = path };
        }

        path = path with { Written = text };
        return fault;
    }

    /// <summary>The paths of a text, between bars that another path follows.</summary>
    public static IEnumerable<string> Split(string text)
    {
        int start = 0;
        for (int bar = text.IndexOf('|', StringComparison.Ordinal); bar >= 0; bar = text.IndexOf('|', bar + 1))
        {
            var rest = text.AsSpan(bar + 1);
            if (!rest.StartsWith("/") && !rest.StartsWith(ValuePrefix))
                continue;
            yield return text[start..bar];
            start = bar + 1;
        }

        yield return text[start..];
    }

    private static string? TryParseOne(string text, out FieldPath path)
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
