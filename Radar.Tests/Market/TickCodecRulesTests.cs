using System.Text;
using System.Text.Json;
using CsCheck;
using Radar.Market;

namespace Radar.Tests.Market;

/// <summary>JSON's own rules decide what a number, a text and a value are, whichever way the codec takes.</summary>
public sealed class TickCodecRulesTests
{
    [Theory]
    [InlineData("1.")]
    [InlineData("007")]
    [InlineData("00")]
    [InlineData("-01")]
    [InlineData("1\\u0000")]
    [InlineData("+1")]
    [InlineData("0x1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData(".")]
    [InlineData(".5")]
    [InlineData("-")]
    [InlineData("")]
    [InlineData("1,5")]
    public void Text_that_is_no_JSON_number_is_neither_price_nor_size(string text)
    {
        Assert.Equal(TickRefusal.BadPrice, Read($$"""{"symbol":"A","price":"{{text}}","timestamp":1}"""));
        Assert.Equal(TickRefusal.BadSize, Read($$"""{"symbol":"A","price":1,"size":"{{text}}","timestamp":1}"""));
    }

    [Fact]
    public void Text_is_a_number_where_it_would_be_one_without_its_quotes()
    {
        Gen.String[Gen.Char["0123456789.eE+-\0 x"], 0, 7].Sample(text =>
        {
            string json = $$"""{"symbol":"A","price":1,"size":"{{JsonEncodedText.Encode(text)}}","timestamp":1}""";
            var expected = IsNumber(text) ? Read($$"""{"symbol":"A","price":1,"size":{{text}},"timestamp":1}""") : TickRefusal.BadSize;

            Assert.Equal(expected, Read(json));
        }, iter: 50_000);

        static bool IsNumber(string text)
        {
            try
            {
                var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
                return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.ValueSpan.Length == text.Length
                    && !reader.Read();
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1,\"x\":\"\u00ff\"}")]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1,\"x\":[{\"y\":\"\u00c3\u0028\"}]}")]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1,\"\u00e9\":1}")]
    [InlineData("{\"symbol\":\"\u00e9\",\"price\":1,\"timestamp\":1}")]
    public void Value_that_is_not_UTF8_throughout_is_refused(string latin1) =>
        Assert.Equal(TickRefusal.BadJson, TickCodec.TryRead(Encoding.Latin1.GetBytes(latin1), new NameTable(), out _));

    [Theory]
    [InlineData("a", 128, true)]
    [InlineData("a", 129, false)]
    [InlineData("\\u0061", 128, true)]
    [InlineData("\\u0061", 129, false)]
    [InlineData("\\u00e9", 64, true)] // two bytes of UTF-8 each
    [InlineData("\\u00e9", 65, false)]
    [InlineData("\\n", 128, true)]
    public void Limit_of_a_text_counts_its_bytes_without_escapes(string spelt, int times, bool fits)
    {
        string text = string.Concat(Enumerable.Repeat(spelt, times));
        Assert.Equal(
            fits ? TickRefusal.None : TickRefusal.BadVenue, Read($$"""{"symbol":"A","price":1,"timestamp":1,"venue":"{{text}}"}"""));
        Assert.Equal(
            fits ? TickRefusal.None : TickRefusal.BadTradeId, Read($$"""{"symbol":"A","price":1,"timestamp":1,"trade_id":"{{text}}"}"""));
    }

    [Fact]
    public void Price_in_escapes_is_read_as_the_digits_that_it_means() =>
        Assert.Equal(TickRefusal.None, Read("""{"symbol":"\u0041","price":"\u0031\u002e\u0035","timestamp":1}"""));

    /// <summary>A space before the object is what the short way does not take.</summary>
    [Fact]
    public void Any_event_is_judged_the_same_the_short_way_and_the_librarys_way()
    {
        var name = OneOf("symbol", "price", "timestamp", "size", "trade_id", "side", "venue", "x", "");
        var value = OneOf(
            "\"A\"", "\"a.b\"", "\"\"", "\"buy\"", "\"sell\"", "1", "0", "-1", "1.5", "1.50", "01", "1.", "1e3", "1E-2", "\"1.5\"",
            "\"007\"", "\"1.\"", "null", "true", "{}",
            "[1]", "123456789012345678", "1234567890123456789", "12345678901234567890", "0.0000000000000001", "\"\\u0041\"", "\"a\\\"b\"",
            "\"\u00e9\"", "\"x y\"");
        var member =
            from n in name
            from v in value
            from colon in OneOf(":", ": ", " :")
            from comma in OneOf(",", ", ", ",", " ,", "")
            select $"\"{n}\"{colon}{v}{comma}";
        var json =
            from members in member.Array[0, 4]
            from whole in Gen.Bool
            select "{" + (whole ? "\"symbol\":\"A\",\"price\":2,\"timestamp\":3," : "") + string.Concat(members).TrimEnd(',', ' ') + "}";
        int read = 0;
        json.Sample(text =>
        {
            var shortWay = TickCodec.TryRead(Encoding.UTF8.GetBytes(text), new NameTable(), out Tick first);
            var librarysWay = TickCodec.TryRead(Encoding.UTF8.GetBytes(" " + text), new NameTable(), out Tick second);
            Assert.Equal((librarysWay, second), (shortWay, first));
            if (shortWay == TickRefusal.None)
                Interlocked.Increment(ref read);
        }, iter: 50_000);

        Assert.True(read > 500, $"only {read} of the events could be read at all");
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static TickRefusal Read(string json) => TickCodec.TryRead(Encoding.UTF8.GetBytes(json), new NameTable(), out _);
}
