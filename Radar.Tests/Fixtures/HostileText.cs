namespace Radar.Tests.Fixtures;

/// <summary>Text that breaks a line, forges another, colours the terminal and turns the direction of writing.</summary>
internal static class HostileText
{
    public const string Text = "bad\r\nwarn: forged\u001b[31mred\u001b[0m\u202egnp.exe\u2028\u0007end";

    /// <summary>The same in a string of JSON.</summary>
    public const string Json = """bad\r\nwarn: forged\u001b[31mred\u001b[0m\u202egnp.exe\u2028\u0007end""";

    /// <summary>The same where a line cannot end.</summary>
    public const string OfOneLine = "bad\u001b[31mred\u001b[0m\u202egnp.exe\u0007end";

    /// <summary>Nothing of a text can act on what shows it.</summary>
    public static void AssertHarmless(string line) => Assert.All(
        line, character => Assert.False(char.IsControl(character) || character is '\u202e' or '\u2028', $"{line} has {(int)character:x4}"));
}
