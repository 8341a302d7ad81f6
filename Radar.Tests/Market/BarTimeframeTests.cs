using System.Globalization;
using Radar.Market;

namespace Radar.Tests.Market;

/// <summary>Where bars of lengths that are not stored begin and end.</summary>
public sealed class BarTimeframeTests
{
    [Theory]
    [InlineData("3m", "2024-08-09T12:04:59.999Z", "2024-08-09T12:03:00Z", "2024-08-09T12:06:00Z")]
    [InlineData("30m", "2024-08-09T12:30:00Z", "2024-08-09T12:30:00Z", "2024-08-09T13:00:00Z")]
    [InlineData("2h", "2024-08-09T13:59:59Z", "2024-08-09T12:00:00Z", "2024-08-09T14:00:00Z")]
    [InlineData("4h", "2024-08-09T23:59:59Z", "2024-08-09T20:00:00Z", "2024-08-10T00:00:00Z")]
    [InlineData("1w", "2024-08-11T23:59:59.999Z", "2024-08-05T00:00:00Z", "2024-08-12T00:00:00Z")] // Sunday
    [InlineData("1w", "2024-08-12T00:00:00Z", "2024-08-12T00:00:00Z", "2024-08-19T00:00:00Z")] // Monday
    [InlineData("1w", "1970-01-05T00:00:00Z", "1970-01-05T00:00:00Z", "1970-01-12T00:00:00Z")]
    [InlineData("1w", "1970-01-01T00:00:00Z", "1969-12-29T00:00:00Z", "1970-01-05T00:00:00Z")]
    [InlineData("1M", "2024-02-29T23:59:59Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z")]
    [InlineData("1M", "2023-12-31T23:59:59Z", "2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z")]
    [InlineData("1m", "2024-08-09T12:04:59.999Z", "2024-08-09T12:04:00Z", "2024-08-09T12:05:00Z")]
    public void Bar_of_a_time_begins_and_ends(string alias, string time, string open, string next)
    {
        Assert.True(BarTimeframe.TryParse(alias, out var timeframe));

        Assert.Equal(Ms(open), timeframe.OpenTime(Ms(time)));
        Assert.Equal(Ms(next), timeframe.Next(Ms(open)));
    }

    [Fact]
    public void Stored_bars_never_lie_in_two_longer_ones()
    {
        foreach (BarTimeframe timeframe in BarTimeframe.All)
        {
            for (long openTime = Ms("2023-01-30T00:00:00Z"); openTime < Ms("2023-04-05T00:00:00Z"); openTime += timeframe.Stored.LengthMs)
                Assert.Equal(timeframe.OpenTime(openTime), timeframe.OpenTime(openTime + timeframe.Stored.LengthMs - 1));
        }
    }

    [Fact]
    public void No_two_lengths_share_a_name()
    {
        string[] names = [.. BarTimeframe.All.SelectMany(timeframe => (string[])[timeframe.Name, .. timeframe.Aliases])];

        Assert.Equal(names.Distinct(StringComparer.Ordinal), names);
        Assert.Equal("1Month", Named("1M"));
        Assert.Equal("1Min", Named("1m"));
        Assert.Equal("1Month", Named("1MONTH"));
        Assert.Equal("1Day", Named("1D"));
        Assert.False(BarTimeframe.TryParse("5M", out _));
        Assert.False(Timeframe.TryParse("1M", out _));
    }

    [Fact]
    public void Last_month_of_time_has_an_end()
    {
        Assert.True(BarTimeframe.TryParse("1Month", out var month));
        Assert.True(month.Next(month.OpenTime(Rfc3339.UnixMsMax)) > Rfc3339.UnixMsMax);
    }

    private static string? Named(string text) => BarTimeframe.TryParse(text, out var timeframe) ? timeframe.Name : null;

    private static long Ms(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
}
