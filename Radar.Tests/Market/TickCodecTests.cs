using System.Buffers;
using System.Globalization;
using System.Text;
using CsCheck;
using Radar.Market;

namespace Radar.Tests.Market;

public sealed class TickCodecTests
{
    private const string Whole =
        """{"symbol":"BTCUSDT","price":61837.63,"timestamp":1723161255342,"size":0.02,"trade_id":3735683259,"side":"sell","""
        + "\"venue\":\"binance\"}";

    [Fact]
    public void Whole_event_is_read_member_by_member()
    {
        Assert.Equal(
            new Tick("BTCUSDT", 61837.63m, 1723161255342, 0.02m, new TradeId(3735683259), Side.Sell, "binance"), Read(Whole));
    }

    [Theory]
    [InlineData("""{"symbol":"BTCUSDT","price":1.5,"timestamp":7}""", "1.5")]
    [InlineData("""{"symbol": "btcusdt", "price": "1.50", "timestamp": 7}""", "1.5")] // as Python's json writes it
    [InlineData("""{"timestamp":7,"price":1.5e0,"symbol":"BTC\u0055SDT"}""", "1.5")]
    [InlineData(
        """{"price":1,"timestamp":7.0,"symbol":"BTCUSDT","size":null,"side":null,"venue":null,"trade_id":null,"x":{"price":[9]}}""", "1")]
    [InlineData("{\n \"symbol\" : \"BTCUSDT\" ,\n \"price\" : 0.00000001 , \"timestamp\" : 7e0 }\r\n", "0.00000001")]
    [InlineData("""{"symbol":"BTCUSDT","price":79228162514264337.593543950335,"timestamp":7}""", "79228162514264337.593543950335")]
    [InlineData("""{"symbol":"BTCUSDT","price":2,"price":1.5,"timestamp":7}""", "1.5")]
    public void Other_spellings_of_a_small_event_are_read(string json, string price)
    {
        Assert.Equal(new Tick("BTCUSDT", decimal.Parse(price, CultureInfo.InvariantCulture), 7), Read(json));
    }

    [Theory]
    [InlineData("", TickRefusal.BadJson)]
    [InlineData("null", TickRefusal.BadJson)]
    [InlineData("[]", TickRefusal.BadJson)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1", TickRefusal.BadJson)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1}}", TickRefusal.BadJson)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1,}", TickRefusal.BadJson)]
    [InlineData("{\"symbol\":\"A\",\"price\":01,\"timestamp\":1}", TickRefusal.BadJson)]
    [InlineData("{\"symbol\":\"A\",\"price\":1.,\"timestamp\":1}", TickRefusal.BadJson)]
    [InlineData("{\"symbol\":\"A\",\"price\":.5,\"timestamp\":1}", TickRefusal.BadJson)]
    [InlineData("{\"symbol\":\"A\",\"price\":NaN,\"timestamp\":1}", TickRefusal.BadJson)]
    [InlineData("{\"symbol\":\"A\u2026\",\"price\":1,\"timestamp\":1}", TickRefusal.BadSymbol)]
    [InlineData("{\"symbol\":\"A B\",\"price\":1,\"timestamp\":1}", TickRefusal.BadSymbol)]
    [InlineData("{\"symbol\":\"\",\"price\":1,\"timestamp\":1}", TickRefusal.BadSymbol)]
    [InlineData(
        "{\"symbol\":\"A2345678901234567890123456789012345678901234567890123456789012345\",\"price\":1,\"timestamp\":1}",
        TickRefusal.BadSymbol)]
    [InlineData("{\"symbol\":7,\"price\":1,\"timestamp\":1}", TickRefusal.BadSymbol)]
    [InlineData("{\"symbol\":\"A\",\"price\":0,\"timestamp\":1}", TickRefusal.BadPrice)]
    [InlineData("{\"symbol\":\"A\",\"price\":-1,\"timestamp\":1}", TickRefusal.BadPrice)]
    [InlineData("{\"symbol\":\"A\",\"price\":1e400,\"timestamp\":1}", TickRefusal.BadPrice)]
    [InlineData("{\"symbol\":\"A\",\"price\":\"x\",\"timestamp\":1}", TickRefusal.BadPrice)]
    [InlineData("{\"symbol\":\"A\",\"price\":\" 1\",\"timestamp\":1}", TickRefusal.BadPrice)]
    [InlineData("{\"symbol\":\"A\",\"price\":null,\"timestamp\":1}", TickRefusal.BadPrice)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":-1}", TickRefusal.BadTimestamp)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1.5}", TickRefusal.BadTimestamp)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":\"1\"}", TickRefusal.BadTimestamp)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":999999999999999}", TickRefusal.BadTimestamp)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1,\"size\":-0.1}", TickRefusal.BadSize)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1,\"size\":{}}", TickRefusal.BadSize)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1,\"trade_id\":1.5}", TickRefusal.BadTradeId)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1,\"trade_id\":\"\"}", TickRefusal.BadTradeId)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1,\"side\":\"BUY\"}", TickRefusal.BadSide)]
    [InlineData("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1,\"venue\":\"\"}", TickRefusal.BadVenue)]
    [InlineData("{\"price\":1,\"timestamp\":1}", TickRefusal.MissingSymbol)]
    [InlineData("{\"symbol\":\"A\",\"timestamp\":1}", TickRefusal.MissingPrice)]
    [InlineData("{\"symbol\":\"A\",\"price\":1}", TickRefusal.MissingTimestamp)]
    [InlineData("{\"symbol\":\"A\",\"price\":100000000000000000001,\"timestamp\":1}", TickRefusal.OutOfRange)]
    [InlineData("{\"symbol\":\"A\",\"price\":20000000000,\"timestamp\":1,\"size\":20000000000}", TickRefusal.OutOfRange)]
    public void Refused_event_has_a_reason(string json, TickRefusal expected)
    {
        Assert.Equal(expected, TickCodec.TryRead(Encoding.UTF8.GetBytes(json), new NameTable(), out Tick tick));
        Assert.True(expected == TickRefusal.OutOfRange || tick == default || expected == TickRefusal.BadTimestamp);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused()
    {
        byte[] json = Encoding.Latin1.GetBytes("{\"symbol\":\"A\",\"price\":1,\"timestamp\":1,\"venue\":\"\xE9\"}");
        Assert.Equal(TickRefusal.BadJson, TickCodec.TryRead(json, new NameTable(), out _));
    }

    [Fact]
    public void A_venue_does_not_change_how_a_symbol_of_the_same_letters_is_read()
    {
        var names = new NameTable();
        foreach (string symbol in new[] { "A", "lse" })
        {
            string json = $$"""{"symbol":"{{symbol}}","price":1,"timestamp":1,"venue":"lse"}""";
            Assert.Equal(TickRefusal.None, TickCodec.TryRead(Encoding.UTF8.GetBytes(json), names, out _));
        }

        TickCodec.TryRead("""{"symbol":"lse","price":1,"timestamp":1,"venue":"lse"}"""u8, names, out Tick tick);
        Assert.Equal(("LSE", "lse"), (tick.Symbol, tick.Venue));
    }

    [Theory]
    [InlineData("""x\\n""", """x\n""", "x\n")]
    [InlineData("""a\u0009b""", "a\tb", null)]
    public void What_was_read_before_does_not_change_how_a_venue_is_read(string before, string spelt, string? venue)
    {
        var names = new NameTable();
        Assert.Equal(TickRefusal.None, Read(before, out _));

        Assert.Equal(venue is null ? TickRefusal.BadJson : TickRefusal.None, Read(spelt, out Tick tick));
        Assert.Equal(venue, tick.Venue);

        TickRefusal Read(string text, out Tick read) => TickCodec.TryRead(
            Encoding.UTF8.GetBytes($$"""{"symbol":"A","price":1,"timestamp":1,"venue":"{{text}}"}"""), names, out read);
    }

    [Fact]
    public void Written_event_is_read_back_equal_the_short_way_and_the_librarys_way()
    {
        var text = Gen.String[Gen.Char[" az\"\\\n\u00e9\u4e16/<"], 1, 9];
        var tick =
            from symbol in Gen.String[Gen.Char["ABZ09._-:/"], 1, 32]
            from mantissa in Gen.Long[1, 999_999_999_999_999_999]
            from scale in Gen.Int[0, 28]
            from size in Gen.Decimal[0, 99]
            from timestampMs in Gen.Long[0, Rfc3339.UnixMsMax]
            from id in Gen.OneOf(
                Gen.Long.Select(number => new TradeId(number)), text.Select(name => new TradeId(name)), Gen.Const(default(TradeId)))
            from side in Gen.Enum<Side>()
            from venue in Gen.OneOf(text, Gen.Const((string?)null)!)
            select new Tick(symbol, DecimalText.Normalize(new decimal(
                (int)mantissa, (int)(mantissa >> 32), 0, false, (byte)scale)), timestampMs, DecimalText.Normalize(size), id, side, venue);

        tick.Sample(expected =>
        {
            var json = new ArrayBufferWriter<byte>();
            TickCodec.Write(json, expected);
            Assert.Equal(expected, Read(Encoding.UTF8.GetString(json.WrittenSpan)));
            Assert.Equal(expected, Read(Encoding.UTF8.GetString(json.WrittenSpan) + "\n")); // white space there is left to the library
        }, iter: 5_000);
    }

    [Fact]
    public void Damaged_event_is_judged_the_same_the_short_way_and_the_librarys_way()
    {
        Gen.Select(Gen.Int[0, Whole.Length - 1], Gen.Char["\"\\{}[],:0159.eE-+ a\0\u00e9"], Gen.Bool).Sample((at, with, replace) =>
        {
            string damaged = Whole[..at] + with + Whole[(replace ? at + 1 : at)..];
            var shortWay = TickCodec.TryRead(Encoding.UTF8.GetBytes(damaged), new NameTable(), out Tick first);
            var librarysWay = TickCodec.TryRead(Encoding.UTF8.GetBytes(" " + damaged), new NameTable(), out Tick second);
            Assert.Equal((librarysWay, second), (shortWay, first));
        }, iter: 20_000);
    }

    [Theory]
    [InlineData("1.500", "1.5")]
    [InlineData("100", "100")]
    [InlineData("0.000", "0")]
    [InlineData("-2.50", "-2.5")]
    [InlineData("3.844E-5", "0.00003844")]
    [InlineData("123456789012345678.90", "123456789012345678.9")]
    [InlineData("0.12345678901234567890123456789012345", "0.1234567890123456789012345679")]
    public void Decimal_is_read_exactly_and_loses_trailing_zeros(string text, string expected)
    {
        Assert.True(DecimalText.TryParse(Encoding.ASCII.GetBytes(text), out decimal value));
        Assert.Equal(expected, value.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00.000Z")]
    [InlineData(951_782_400_001, "2000-02-29T00:00:00.001Z")]
    [InlineData(Rfc3339.UnixMsMax, "9999-12-31T23:59:59.999Z")]
    public void Time_is_written_and_read_back(long unixMs, string text)
    {
        Assert.Equal(text, Rfc3339.Format(unixMs));
        Assert.True(Rfc3339.TryParse(text, out long read));
        Assert.Equal(unixMs, read);
    }

    private static Tick Read(string json)
    {
        Assert.Equal(TickRefusal.None, TickCodec.TryRead(Encoding.UTF8.GetBytes(json), new NameTable(), out Tick tick));
        return tick;
    }
}
