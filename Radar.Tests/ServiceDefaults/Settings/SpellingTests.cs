using Radar.ServiceDefaults.Settings;

namespace Radar.Tests.ServiceDefaults.Settings;

public sealed class SpellingTests
{
    private static readonly string[] Known = ["--source", "--symbols", "--symbol-count", "--speed", "--path", "--rate", "--redis"];

    [Theory]
    [InlineData("--sorce", " Did you mean --source?")] // one is missing
    [InlineData("--ssource", " Did you mean --source?")] // one too many
    [InlineData("--souice", " Did you mean --source?")] // another
    [InlineData("--soucre", " Did you mean --source?")] // two are swapped
    [InlineData("--SOURCE", " Did you mean --source?")]
    [InlineData("--symbol", " Did you mean --symbols?")]
    [InlineData("--nonsense", "")]
    [InlineData("-", "")]
    [InlineData("", "")]
    public void Nearest_name_is_suggested_and_none_where_all_are_far(string given, string hint) =>
        Assert.Equal(hint, Spelling.Hint(given, Known));

    [Fact]
    public void Names_of_one_distance_are_all_suggested_up_to_three() =>
        Assert.Equal(" Did you mean ab1 or ab2 or ab3?", Spelling.Hint("ab", ["ab1", "xy", "ab2", "ab3", "ab4"]));

    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("ab", "ba", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ca", "abc", 3)] // optimal string alignment edits no part twice
    public void Distance_is_that_of_optimal_string_alignment(string one, string other, int distance)
    {
        Assert.Equal(distance, Spelling.Distance(one, other));
        Assert.Equal(distance, Spelling.Distance(other, one));
    }
}
