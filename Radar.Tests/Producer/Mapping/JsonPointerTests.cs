using System.Text.Json;
using Radar.Producer.Mapping;

namespace Radar.Tests.Producer.Mapping;

public sealed class JsonPointerTests
{
    /// <summary>The document and the pointers of RFC 6901, section 5.</summary>
    private const string Document =
        """{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8,"~1":9,"01":10,"é":11}""";

    [Theory]
    [InlineData("/foo/0", "\"bar\"")]
    [InlineData("/foo/1", "\"baz\"")]
    [InlineData("/", "0")]
    [InlineData("/a~1b", "1")]
    [InlineData("/c%d", "2")]
    [InlineData("/e^f", "3")]
    [InlineData("/g|h", "4")]
    [InlineData("/i\\j", "5")]
    [InlineData("/k\"l", "6")]
    [InlineData("/ ", "7")]
    [InlineData("/m~0n", "8")]
    [InlineData("/~01", "9")]
    [InlineData("/01", "10")]
    [InlineData("/é", "11")]
    public void Pointer_finds_what_the_standard_defines(string path, string expected) => Assert.Equal(expected, Find(path));

    [Fact]
    public void Empty_pointer_is_the_whole_document() => Assert.Equal(Document, Find(""));

    [Theory]
    [InlineData("/bar")]
    [InlineData("/foo/2")]
    [InlineData("/foo/-")]
    [InlineData("/foo/00")]
    [InlineData("/foo/+1")]
    [InlineData("/foo/99999999999")]
    [InlineData("/foo/0/x")]
    [InlineData("/FOO")]
    public void Pointer_to_nothing_finds_nothing(string path) => Assert.Null(Find(path));

    [Theory]
    [InlineData("foo")]
    [InlineData("#/foo")]
    [InlineData("/a~b")]
    [InlineData("/a~")]
    [InlineData("/a~0~2")]
    public void What_is_no_pointer_is_reported(string text) => Assert.NotNull(JsonPointer.TryParse(text, out _));

    private static string? Find(string text)
    {
        Assert.Null(JsonPointer.TryParse(text, out JsonPointer pointer));
        using var document = JsonDocument.Parse(Document);
        return pointer.TryFind(document.RootElement, out JsonElement found) ? found.GetRawText() : null;
    }
}
