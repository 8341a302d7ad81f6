using CsCheck;
using Radar.Api.Board;
using Radar.Market.Store;

namespace Radar.Tests.Api.Board;

/// <summary>The version of many partitions in text, which comes back from anybody.</summary>
public sealed class BoardVersionTests
{
    private static readonly MarketLayout Layout = new("1", new TopicIdentity("market-ticks", "id", 3));

    [Fact]
    public void Version_is_read_as_it_was_written()
    {
        var text = BoardVersion.Of(Layout).With(0, 4711).With(2, long.MaxValue).ToString();

        Assert.Matches("^1-[0-9a-f]{8}-4711-n-9223372036854775807$", text);
        Assert.True(BoardVersion.TryParse(text, out var version));
        Assert.Equal(new long?[] { 4711, null, long.MaxValue }, version.Positions.AsEnumerable());
        Assert.True(BoardVersion.TryParse(BoardVersion.Empty.ToString(), out version));
        Assert.Equal(BoardVersion.Empty, version);
    }

    [Fact]
    public void Whatever_is_read_is_what_Radar_would_have_written() =>
        Gen.OneOf(Gen.String[Gen.Char["0123456789n-abf +"], 0, 40],
            Gen.String[Gen.Char["09n-"], 0, 12].Select(tail => "1-0123abcd-" + tail)).Sample(
            text => !BoardVersion.TryParse(text, out var version) || version.ToString() == text, iter: 100_000);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1-")]
    [InlineData("-0123abcd-1")]
    [InlineData("1-123-1")]
    [InlineData("1-0123abcd-")]
    [InlineData("1-0123abcd--1")]
    [InlineData("1-0123abcd-+1")]
    [InlineData("1-0123abcd-01")]
    [InlineData("1-0123abcd-1.0")]
    [InlineData("1-0123abcd-N")]
    [InlineData("1-0123abcd-9223372036854775808")]
    [InlineData("12345678901234567-0123abcd-1")]
    public void Text_that_Radar_would_not_write_is_refused(string? text) => Assert.False(BoardVersion.TryParse(text, out _));

    [Fact]
    public void Versions_of_other_epochs_topics_and_partition_counts_are_not_comparable()
    {
        var version = BoardVersion.Of(Layout);

        Assert.True(version.IsComparableTo(version.With(1, 5)));
        Assert.False(version.IsComparableTo(BoardVersion.Of(Layout with { Epoch = "2" })));
        Assert.False(version.IsComparableTo(BoardVersion.Of(Layout with { Identity = Layout.Identity with { Id = "other" } })));
        Assert.False(version.IsComparableTo(BoardVersion.Of(Layout with { Identity = Layout.Identity with { Partitions = 4 } })));
    }

    [Fact]
    public void Version_covers_what_is_behind_it_in_every_partition()
    {
        var version = BoardVersion.Of(Layout).With(0, 5).With(1, 5);

        Assert.True(version.Covers(version));
        Assert.True(version.Covers(version.With(0, 4).With(1, null)));
        Assert.False(version.Covers(version.With(0, 4).With(1, 6)));
        Assert.False(version.Covers(version.With(2, 0))); // a state that begins is more than none
    }
}
