using System.Text;
using Radar.Producer;

namespace Radar.Tests.Producer;

public sealed class EventTimeTests
{
    [Theory]
    [InlineData("2024-08-08T23:54:15.342119Z", 1723161255342)]
    [InlineData("2024-08-08 23:54:15.3421191", 1723161255342)]
    [InlineData("2024-08-09T01:54:15.342+02:00", 1723161255342)]
    [InlineData("2024-08-08T18:24:15.342-0530", 1723161255342)]
    [InlineData("2024-08-08 23:54:15 UTC", 1723161255000)]
    [InlineData("2024-08-08T23:54Z", 1723161240000)]
    [InlineData("2024-08-08", 1723075200000)]
    [InlineData("1723161255", 1723161255000)]
    [InlineData("1723161255.342119", 1723161255342)]
    [InlineData("1723161255342", 1723161255342)]
    [InlineData("1723161255342119", 1723161255342)]
    [InlineData("1723161255342119000", 1723161255342)]
    [InlineData("1.723161255342e12", 1723161255342)]
    [InlineData("0", 0)]
    public void Time_is_read_to_the_millisecond(string text, long expected)
    {
        Assert.True(EventTime.TryParse(Encoding.UTF8.GetBytes(text), out long unixMs));
        Assert.Equal(expected, unixMs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("-1")]
    [InlineData("2024-02-30")]
    [InlineData("2024-08-08T25:00:00Z")]
    [InlineData("2024-08-08T23:54:15.Z")]
    [InlineData("2024-08-08T23:54:15+99:00")]
    [InlineData("2024-08-08T23:54:15Zulu")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("08/08/2024")]
    public void What_is_no_time_is_refused(string text) => Assert.False(EventTime.TryParse(Encoding.UTF8.GetBytes(text), out _));
}
