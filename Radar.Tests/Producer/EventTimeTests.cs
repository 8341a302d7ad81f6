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
    [InlineData("2024-08-08 23:54:15.342119 +0000 UTC", 1723161255342)] // Go
    [InlineData("2024-08-08T23:54Z", 1723161240000)]
    [InlineData("2024-08-08", 1723075200000)]
    [InlineData("2024-08-08D23:54:15.342119000", 1723161255342)]
    [InlineData("2024/08/08 23:54:15.342", 1723161255342)]
    [InlineData("2024/8/8 23:54", 1723161240000)]
    [InlineData("2024-8-8 3:04:05", 1723086245000)]
    [InlineData("2024.08.08 23:54:15.342", 1723161255342)]
    [InlineData("20240808 235415342", 1723161255342)] // HistData
    [InlineData("20240808 23:54:15.342", 1723161255342)]
    [InlineData("20240808T235415.342Z", 1723161255342)]
    [InlineData("20240808-23:54:15.342", 1723161255342)] // FIX
    [InlineData("20240808235415", 1723161255000)]
    [InlineData("20240808235415342", 1723161255342)]
    [InlineData("08.08.2024 23:54:15.342", 1723161255342)] // Dukascopy
    [InlineData("9.8.2024 0:54:15.342 GMT+0100", 1723161255342)]
    [InlineData("31/12/2024 00:00:00", 1735603200000)]
    [InlineData("12/31/2024 12:00:00 AM", 1735603200000)]
    [InlineData("12/31/2024 1:00 PM", 1735650000000)]
    [InlineData("08-Aug-2024 23:54:15", 1723161255000)]
    [InlineData("8 Aug 2024 23:54:15 GMT", 1723161255000)]
    [InlineData("Aug 8, 2024 23:54:15", 1723161255000)]
    [InlineData("Thu, 08 Aug 2024 23:54:15 GMT", 1723161255000)]
    [InlineData("1723161255", 1723161255000)]
    [InlineData("1723161255.342119", 1723161255342)]
    [InlineData("1723161255342", 1723161255342)]
    [InlineData("1723161255342119", 1723161255342)]
    [InlineData("1723161255342119000", 1723161255342)]
    [InlineData("1.723161255342e12", 1723161255342)]
    [InlineData("638587580553421190", 1723161255342)] // .NET's ticks
    [InlineData("133676348553421190", 1723161255342)] // a file time of Windows
    [InlineData("/Date(1723161255342)/", 1723161255342)] // .NET's older serializers
    [InlineData("/Date(1723161255342+0200)/", 1723161255342)]
    [InlineData("725846400000000000", 725846400000)] // the first nanosecond, in 1993
    [InlineData("100000000", 100000000000)] // the first second, in 1973
    [InlineData("9999999999999999999", 9999999999999)] // the last nanosecond, in 2286
    public void Time_is_read_to_the_millisecond(string text, long expected)
    {
        Assert.True(EventTime.TryParse(Encoding.UTF8.GetBytes(text), out long unixMs));
        Assert.Equal(expected, unixMs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("99999999")]
    [InlineData("20240808")]
    [InlineData("093000")]
    [InlineData("34200123")]
    [InlineData("34200123456789")]
    [InlineData("20240808253000")]
    [InlineData("03/04/2024 00:00:00")] // March or April
    [InlineData("03-04-2024")]
    [InlineData("13/13/2024")]
    [InlineData("2024-08/08")]
    [InlineData("24-08-08 00:00:00")]
    [InlineData("12/31/2024 13:00 PM")]
    [InlineData("8 Foo 2024")]
    [InlineData("10000000000000000000")]
    [InlineData("700000000000000000")] // ns of 1992
    [InlineData("/Date(soon)/")]
    [InlineData("2024-02-30")]
    [InlineData("2024-08-08T25:00:00Z")]
    [InlineData("2024-08-08T23:54:15.Z")]
    [InlineData("2024-08-08T23:54:15+99:00")]
    [InlineData("2024-08-08T23:54:15Zulu")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("08/08/2024")]
    public void What_is_no_time_is_refused(string text) => Assert.False(EventTime.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("20240808")]
    [InlineData("2024-08-08")]
    [InlineData("2024/08/08")]
    [InlineData("2024-8-8")]
    public void Date_is_the_beginning_of_its_day(string text)
    {
        Assert.True(EventTime.TryParseDate(Encoding.UTF8.GetBytes(text), out long unixMs));
        Assert.Equal(1723075200000, unixMs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("20240832")]
    [InlineData("08/08/2024")]
    [InlineData("2024-08/08")]
    [InlineData("2024080812")]
    public void What_is_no_date_is_refused(string text) => Assert.False(EventTime.TryParseDate(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("9:30", 34_200_000)]
    [InlineData("09:30:00.017862", 34_200_017)]
    [InlineData("23:59:59.999999999", 86_399_999)]
    [InlineData("09:30:00.12345678901234567890123456789012345", 34_200_123)]
    [InlineData("9:30:00 PM", 77_400_000)]
    [InlineData("09:30:00+02:00", 27_000_000)]
    public void Time_of_day_counts_from_midnight(string text, long expected)
    {
        Assert.True(EventTime.TryParseTimeOfDay(Encoding.UTF8.GetBytes(text), out long ms));
        Assert.Equal(expected, ms);
    }

    [Theory]
    [InlineData("")]
    [InlineData("093000")]
    [InlineData("24:00:00")]
    [InlineData("9:3:0")]
    [InlineData("09:30:00.")]
    public void What_is_no_time_of_day_is_refused(string text) =>
        Assert.False(EventTime.TryParseTimeOfDay(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData(DateOrder.DayFirst, 1712102400000)]
    [InlineData(DateOrder.MonthFirst, 1709510400000)]
    public void Order_that_is_set_says_which_part_is_the_day(DateOrder order, long expected)
    {
        Assert.True(EventTime.TryParse("03/04/2024"u8, order, out long unixMs, out _));
        Assert.Equal(expected, unixMs);
    }
}
