using System.Text.RegularExpressions;

namespace Radar.Tests.Fixtures;

/// <summary>What no HTTP answer shows, whatever is wrong: names of keys in Redis, types of exceptions, lines of a stack trace.</summary>
internal static partial class PublicText
{
    public static void AssertHasNoInternals(string? text) =>
        Assert.False(Internal().IsMatch(text ?? ""), $"An answer shows '{Internal().Match(text ?? "").Value}': {text}");

    [GeneratedRegex(@"radar(-[\w-]+)?:[{a-z][\w{.*-]*|\w+Exception\b|\n\s+at \w+|WRONGTYPE|NOPERM|\bERR |@user_script")]
    private static partial Regex Internal();
}
