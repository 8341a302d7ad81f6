using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Radar.Market;

/// <summary>
/// The spelling of a symbol: 1–64 bytes of UTF-8, which are letters and digits of any script and <c>. _ - : / = ^ &amp; + #</c>. Lower
/// case is accepted everywhere and upper-cased on the way in, by Unicode's own mapping of single characters.
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
    public static bool IsValid(ReadOnlySpan<byte> utf8) => TryNormalize(utf8, out _);

    /// <summary>Reads a symbol in any case; <paramref name="symbol"/> is its upper-case form, empty where it is none.</summary>
    public static bool TryNormalize(ReadOnlySpan<byte> utf8, out string symbol)
    {
        symbol = "";
        if (utf8.Length is 0 or > BytesMax)
            return false;
        if (!utf8.ContainsAnyExcept(AllowedAscii))
            symbol = Encoding.ASCII.GetString(utf8).ToUpperInvariant();
        else if (!Ascii.IsValid(utf8) && Utf8.IsValid(utf8))
            return TryNormalizeRunes(Encoding.UTF8.GetString(utf8), out symbol);
        return symbol.Length > 0;
    }

    /// <inheritdoc cref="TryNormalize(ReadOnlySpan{byte}, out string)"/>
    public static bool TryNormalize(string? text, out string symbol)
    {
        symbol = "";
        if (text is null || text.Length is 0 or > BytesMax)
            return false;
        Span<byte> utf8 = stackalloc byte[BytesMax];
        return Utf8.FromUtf16(text, utf8, out _, out int length, replaceInvalidSequences: false) == OperationStatus.Done
            && TryNormalize(utf8[..length], out symbol);
    }

    private static bool TryNormalizeRunes(string text, out string symbol)
    {
        symbol = "";
        string upper = text.ToUpperInvariant();
        if (Encoding.UTF8.GetByteCount(upper) > BytesMax)
            return false; // the upper case of a few letters takes a byte more
        foreach (Rune rune in upper.EnumerateRunes())
        {
            bool isAllowed = rune.IsAscii ? AllowedAscii.Contains((byte)rune.Value) : Rune.IsLetterOrDigit(rune) && IsComposed(rune.Value);
            if (!isAllowed)
                return false;
        }

        symbol = upper;
        return true;
    }
}
