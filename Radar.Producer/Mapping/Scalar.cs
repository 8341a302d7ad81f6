using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Radar.Producer.Mapping;

/// <summary>A value at a place, as the bytes that were sent: no number becomes a double on the way.</summary>
internal readonly ref struct Scalar(ScalarKind kind, ReadOnlySpan<byte> utf8)
{
    private Scalar(long unixMs)
        : this(ScalarKind.UnixMs, default) => UnixMs = unixMs;

    public ScalarKind Kind { get; } = kind;

    /// <summary>The time, of the kind <see cref="ScalarKind.UnixMs"/>.</summary>
    public long UnixMs { get; }

    /// <summary>The text, the digits, or <c>true</c> and <c>false</c>.</summary>
    public ReadOnlySpan<byte> Utf8 { get; } = utf8;

    /// <summary>Whether there is nothing: JSON's null is nothing too.</summary>
    public bool IsMissing => Kind == ScalarKind.Missing;

    /// <summary>A text or a number.</summary>
    public bool IsTextOrNumber => Kind is ScalarKind.Text or ScalarKind.Number;

    /// <summary>A text that may be absent.</summary>
    public static Scalar Of(byte[]? text) => text is null ? default : new Scalar(ScalarKind.Text, text);

    /// <summary>A text without a type, as CSV has it.</summary>
    public static Scalar OfText(ReadOnlySpan<byte> utf8) => new(ScalarKind.Text, utf8);

    /// <summary>A Unix time in ms that the record itself has, beside what is written in it.</summary>
    public static Scalar OfUnixMs(long unixMs) => new(unixMs);

    /// <summary>A JSON value.</summary>
    /// <exception cref="InvalidOperationException">A string that is not valid UTF-8 or UTF-16.</exception>
    public static Scalar Of(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                var text = JsonMarshal.GetRawUtf8Value(element)[1..^1];
                return new Scalar(ScalarKind.Text, text.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(element.GetString()!) : text);
            case JsonValueKind.Number:
                return new Scalar(ScalarKind.Number, JsonMarshal.GetRawUtf8Value(element));
            case JsonValueKind.True:
                return new Scalar(ScalarKind.Boolean, "true"u8);
            case JsonValueKind.False:
                return new Scalar(ScalarKind.Boolean, "false"u8);
            case JsonValueKind.Object or JsonValueKind.Array:
                return new Scalar(ScalarKind.Structure, default);
            default:
                return default;
        }
    }
}

/// <summary>Kinds of <see cref="Scalar"/>.</summary>
internal enum ScalarKind : byte
{
    /// <summary>Nothing is there, or null.</summary>
    Missing,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A JSON number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>An object or an array, which is no scalar.</summary>
    Structure,

    /// <summary>A Unix time in ms, in no need of reading.</summary>
    UnixMs,
}
