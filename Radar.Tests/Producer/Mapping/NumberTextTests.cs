using System.Text;
using Radar.Producer.Mapping;

namespace Radar.Tests.Producer.Mapping;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData("1,234.56", NumberStyle.Auto, "1234.56")]
    [InlineData("1.234,56", NumberStyle.Auto, "1234.56")]
    [InlineData("0,5", NumberStyle.Auto, "0.5")]
    [InlineData("1,0845", NumberStyle.Auto, "1.0845")]
    [InlineData("12,34,567.8", NumberStyle.Point, "1234567.8")] // as in India
    [InlineData("1.234", NumberStyle.Comma, "1234")]
    [InlineData("1.234", NumberStyle.Point, "1.234")]
    [InlineData("1 234,5", NumberStyle.Comma, "1234.5")]
    [InlineData("1\u202F234,5", NumberStyle.Comma, "1234.5")]
    [InlineData("1’234.5", NumberStyle.Point, "1234.5")]
    [InlineData("-$5.25", NumberStyle.Auto, "-5.25")]
    [InlineData("$-5.25", NumberStyle.Auto, "-5.25")]
    [InlineData("₿ 0.5", NumberStyle.Auto, "0.5")]
    [InlineData("12.5 USDT", NumberStyle.Auto, "12.5")]
    [InlineData("1,5e-3", NumberStyle.Comma, "0.0015")]
    [InlineData("0.1234567890123456789012345678", NumberStyle.Auto, "0.1234567890123456789012345678")]
    public void Number_is_read_as_written(string text, NumberStyle style, string expected)
    {
        Assert.True(NumberText.TryParse(Encoding.UTF8.GetBytes(text), style, out decimal value));
        Assert.Equal(expected, value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("1,234", NumberStyle.Auto)] // one thousand or one
    [InlineData("1,23", NumberStyle.Point)]
    [InlineData("1.5", NumberStyle.Comma)]
    [InlineData("1,2345.6", NumberStyle.Point)]
    [InlineData("1.2.3", NumberStyle.Auto)]
    [InlineData(",", NumberStyle.Auto)]
    [InlineData("", NumberStyle.Auto)]
    [InlineData("NaN", NumberStyle.Auto)]
    [InlineData("1e400", NumberStyle.Auto)]
    [InlineData("5 %", NumberStyle.Auto)]
    [InlineData("0x10", NumberStyle.Auto)]
    [InlineData("--5", NumberStyle.Auto)]
    [InlineData("1,234 5", NumberStyle.Point)]
    public void What_is_no_number_or_may_be_two_is_refused(string text, NumberStyle style) =>
        Assert.False(NumberText.TryParse(Encoding.UTF8.GetBytes(text), style, out _));
}
