using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Radar.Market;

/// <summary>
/// The spelling of a symbol: 1–64 bytes of UTF-8, which are letters and digits of any script and <c>. _ - : / = ^ &amp; + #</c>.
/// <see cref="SymbolRule"/> reads them: it keeps their case, or upper-cases them by Unicode's own mapping of single characters.
/// </summary>
/// <remarks>
/// Unicode can write some letters in more than one way; of those only the composed one (NFC) is a symbol, so that two spellings that
/// look alike are never two symbols.
/// </remarks>
public static partial class SymbolName
{
    /// <summary>Longest symbol, in bytes of UTF-8.</summary>
    public const int BytesMax = 64;

    /// <summary>What a symbol is, for messages: "'x' is not a symbol: " goes before it.</summary>
    public const string Rule = "1–64 bytes of letters, digits and . _ - : / = ^ & + #";

    /// <summary>What is allowed beside letters and digits.</summary>
    public const string Punctuation = "._-:/=^&+#";

    private static readonly SearchValues<byte> AllowedAscii = SearchValues.Create(
        Encoding.ASCII.GetBytes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + Punctuation));

    /// <summary>True where <paramref name="utf8"/> is a symbol in any case.</summary>
    public static bool IsValid(ReadOnlySpan<byte> utf8) => TryRead(utf8, keepsCase: false, out _);

    /// <summary>Reads a symbol in any case; <paramref name="symbol"/> is empty where it is none.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> utf8, bool keepsCase, out string symbol)
    {
        symbol = "";
        if (utf8.Length is 0 or > BytesMax)
            return false;
        if (!utf8.ContainsAnyExcept(AllowedAscii))
            symbol = keepsCase ? Encoding.ASCII.GetString(utf8) : Encoding.ASCII.GetString(utf8).ToUpperInvariant();
        else if (!Ascii.IsValid(utf8) && Utf8.IsValid(utf8))
            return TryReadRunes(Encoding.UTF8.GetString(utf8), keepsCase, out symbol);
        return symbol.Length > 0;
    }

    /// <inheritdoc cref="TryRead(ReadOnlySpan{byte}, bool, out string)"/>
    internal static bool TryRead(string? text, bool keepsCase, out string symbol)
    {
        symbol = "";
        if (text is null || text.Length is 0 or > BytesMax)
            return false;
        Span<byte> utf8 = stackalloc byte[BytesMax];
        return Utf8.FromUtf16(text, utf8, out _, out int length, replaceInvalidSequences: false) == OperationStatus.Done
            && TryRead(utf8[..length], keepsCase, out symbol);
    }

    private static bool TryReadRunes(string text, bool keepsCase, out string symbol)
    {
        symbol = "";
        string name = keepsCase ? text : text.ToUpperInvariant();
        if (Encoding.UTF8.GetByteCount(name) > BytesMax)
            return false; // the upper case of a few letters takes a byte more
        foreach (Rune rune in name.EnumerateRunes())
        {
            bool isAllowed = rune.IsAscii ? AllowedAscii.Contains((byte)rune.Value) : Rune.IsLetterOrDigit(rune) && IsComposed(rune.Value);
            if (!isAllowed)
                return false;
        }

        symbol = name;
        return true;
    }
}
