using System.Buffers;
using System.Text;

namespace Radar.Market;

/// <summary>
/// The spelling of a symbol: 1–32 characters of <c>A-Z 0-9 . _ - : /</c>. Lower-case letters are accepted everywhere and
/// upper-cased on the way in.
/// </summary>
public static class SymbolName
{
    /// <summary>Longest symbol, in characters (all of them ASCII, so also in bytes).</summary>
    public const int LengthMax = 32;

    private static readonly SearchValues<byte> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:/"u8);

    /// <summary>True where <paramref name="utf8"/> is a symbol in any case.</summary>
    public static bool IsValid(ReadOnlySpan<byte> utf8) =>
        utf8.Length is > 0 and <= LengthMax && !utf8.ContainsAnyExcept(Allowed);

    /// <summary>Reads a symbol in any case; <paramref name="symbol"/> is its upper-case form.</summary>
    public static bool TryNormalize(string? text, out string symbol)
    {
        symbol = "";
        if (text is null || text.Length is 0 or > LengthMax || !Ascii.IsValid(text))
            return false;

        Span<byte> utf8 = stackalloc byte[LengthMax];
        int length = Encoding.ASCII.GetBytes(text, utf8);
        if (!IsValid(utf8[..length]))
            return false;

        symbol = text.ToUpperInvariant();
        return true;
    }
}
