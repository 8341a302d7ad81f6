using System.Globalization;
using System.Text;

namespace Radar.ServiceDefaults;

/// <summary>Text from venues, files and servers as a log shows it: what could break or turn a line is escaped, and it is cut.</summary>
public static class LogText
{
    private const int CharactersMax = 200;
    private const int LineCharactersMax = 4_000;

    /// <summary>The beginning of UTF-8, escaped.</summary>
    public static string Of(ReadOnlySpan<byte> utf8) =>
        Escaped(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, CharactersMax)]), utf8.Length > CharactersMax);

    /// <summary>The beginning of a text, escaped.</summary>
    public static string Of(string text) => Escaped(text[..Math.Min(text.Length, CharactersMax)], text.Length > CharactersMax);

    /// <summary>A sentence that has such text in it, escaped.</summary>
    public static string Line(string text) => Escaped(text[..Math.Min(text.Length, LineCharactersMax)], text.Length > LineCharactersMax);

    private static string Escaped(string text, bool isCut)
    {
        var shown = new StringBuilder(text.Length);
        foreach (char character in text)
        {
            if (IsPlain(character))
                shown.Append(character);
            else
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        }

        return isCut ? shown.Append('…').ToString() : shown.ToString();
    }

    /// <summary>Not what ends a line, moves the cursor, turns the direction of writing, or is half a character.</summary>
    private static bool IsPlain(char character) => char.GetUnicodeCategory(character) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
