using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using CsCheck;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Topics;

namespace Radar.Tests.Producer.Topics;

public sealed partial class TopicMappingTests
{
    private const string Plain = """{"symbol":"BTC","price":1,"timestamp":1723161255342}""";

    [Fact]
    public void Defaults_are_the_members_of_our_own_event()
    {
        var tick = One(new TopicOptions(), """
            {"symbol":"btcusdt","price":"61837.630","timestamp":1723161255342,"size":0.02,"trade_id":3735683259,"side":"Sell","venue":"binance","x":[1]}
            """);

        Assert.Equal(new Tick("BTCUSDT", 61837.63m, 1723161255342, 0.02m, new TradeId(3735683259), Side.Sell, "binance"), tick);
    }

    [Theory]
    [InlineData("0.1234567890123456789012345678")]
    [InlineData("\"99999999999999999.99999999999\"")]
    [InlineData("6.1837e4")]
    [InlineData("0.30000000000000004")]
    [InlineData("\"\\u0031.5\"")]
    public void Price_has_every_digit_that_was_sent(string json)
    {
        var tick = One(new TopicOptions(), $$"""{"symbol":"A","price":{{json}},"timestamp":1e9}""");

        string digits = json.Trim('"').Replace("\\u0031", "1", StringComparison.Ordinal);
        Assert.Equal(decimal.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture), tick.Price);
    }

    [Theory]
    [InlineData(TimeUnit.Auto, "1723161255342119000")]
    [InlineData(TimeUnit.Auto, "\"2024-08-08T23:54:15.342119Z\"")]
    [InlineData(TimeUnit.Iso8601, "\"2024-08-09T01:54:15.3429+02:00\"")]
    [InlineData(TimeUnit.S, "1723161255.342999")]
    [InlineData(TimeUnit.S, "\"1723161255.342\"")]
    [InlineData(TimeUnit.Ms, "1723161255342")]
    [InlineData(TimeUnit.Ms, "1.723161255342e12")]
    [InlineData(TimeUnit.Us, "1723161255342999")]
    [InlineData(TimeUnit.Ns, "1723161255342999999")]
    [InlineData(TimeUnit.Ns, "\"1723161255342999999\"")]
    [InlineData(TimeUnit.Ticks, "638587580553429999")]
    [InlineData(TimeUnit.FileTime, "133676348553429999")]
    public void Time_is_read_in_its_unit_and_cut_to_milliseconds(TimeUnit unit, string json) =>
        Assert.Equal(1723161255342, One(
            new TopicOptions { TimeUnit = unit }, $$"""{"symbol":"A","price":1,"timestamp":{{json}}}""").TimestampMs);

    [Theory]
    [InlineData(TimeUnit.S, "86400", 86_400_000)]
    [InlineData(TimeUnit.Ns, "86400000000000", 86_400_000)]
    [InlineData(TimeUnit.Ms, "7", 7)]
    [InlineData(TimeUnit.Ticks, "621355968000000000", 0)]
    [InlineData(TimeUnit.FileTime, "700000000000000000", 58_355_526_400_000)]
    public void Stated_unit_holds_where_the_magnitude_would_mean_another(TimeUnit unit, string json, long expected) =>
        Assert.Equal(expected, One(new TopicOptions { TimeUnit = unit },
            $$"""{"symbol":"A","price":1,"timestamp":{{json}}}""").TimestampMs);

    [Theory]
    [InlineData("B", false, Side.Buy)]
    [InlineData("s", false, Side.Sell)]
    [InlineData("B", true, Side.Sell)]
    [InlineData("S", true, Side.Buy)]
    [InlineData("-", true, Side.Unknown)]
    [InlineData("", true, Side.Unknown)]
    public void Side_is_named_by_the_list_and_turned_round_where_it_is_the_makers(string word, bool makers, Side expected)
    {
        var options = new TopicOptions { Sides = "B=buy, S=sell, -=none", SideIsMakers = makers };

        Assert.Equal(expected, One(options, $$"""{"symbol":"A","price":1,"timestamp":1e9,"side":"{{word}}"}""").Side);
    }

    [Theory]
    [InlineData("true=sell,false=buy", "true", Side.Sell)]
    [InlineData("1=buy,2=sell", "2", Side.Sell)]
    public void Side_may_be_a_boolean_or_a_number(string sides, string json, Side expected) =>
        Assert.Equal(expected, One(new TopicOptions { Sides = sides },
            $$"""{"symbol":"A","price":1,"timestamp":1e9,"side":{{json}}}""").Side);

    [Fact]
    public void Values_come_from_key_header_constant_and_the_records_time()
    {
        var options = new TopicOptions
        {
            Symbol = "key:/pair", Price = "header:px", Time = "timestamp", Size = "constant:2.50", TradeId = "header:id", Side = "",
            Venue = "constant:otc",
        };
        var headers = new Headers { { "px", "1"u8.ToArray() }, { "px", "61837.63"u8.ToArray() }, { "id", "77"u8.ToArray() } };

        var (refusal, ticks) = Map(options,
            new TopicRecord("""{"pair":"eth/usd"}"""u8.ToArray(), """{"side":"?"}"""u8.ToArray(), headers, 1234));

        Assert.Equal(TickRefusal.None, refusal);
        Assert.Equal(new Tick("ETH/USD", 61837.63m, 1234, 2.5m, new TradeId("77"), Side.Unknown, "otc"), Assert.Single(ticks));
    }

    [Fact]
    public void List_gives_a_tick_per_item_in_order_with_what_the_envelope_has()
    {
        var options = new TopicOptions { Items = "/data", Symbol = "value:/s", Price = "/0", Size = "/1", Time = "/2",
            TimeUnit = TimeUnit.Ms };

        var ticks = All(options, """{"s":"btc","data":[["1.5",2,3],["1.6",4,5]]}""");

        Assert.Equal([new Tick("BTC", 1.5m, 3, 2), new Tick("BTC", 1.6m, 5, 4)], ticks);
    }

    [Theory]
    [InlineData("value", "[" + Plain + "," + Plain + "]", 2)]
    [InlineData("value", Plain, 1)]
    [InlineData("/data", """{"data":[]}""", 0)]
    [InlineData("/data/trades", """{"data":{"trades":[""" + Plain + "]}}", 1)]
    public void Items_may_be_the_value_itself_one_alone_or_none(string items, string json, int expected) =>
        Assert.Equal(expected, All(new TopicOptions { Items = items }, json).Count);

    [Fact]
    public void One_bad_item_refuses_the_whole_record() =>
        Assert.Equal(TickRefusal.MissingPrice,
            Refusal(new TopicOptions { Items = "value" }, "[" + Plain + """,{"symbol":"A","timestamp":1e9}]"""));

    [Fact]
    public void Frame_of_a_schema_registry_is_seen_through()
    {
        byte[] framed = [0, 0, 0, 0, 7, .. Encoding.UTF8.GetBytes(Plain)];

        Assert.Equal(TickRefusal.None, Map(new TopicOptions(), new TopicRecord(null, framed, null, 0)).Refusal);
    }

    [Fact]
    public void Symbol_is_named_by_the_format()
    {
        var (_, ticks) = Map(new TopicOptions { Venue = "constant:otc" }, new TopicRecord(null, Encoding.UTF8.GetBytes(Plain), null, 0),
            "{venue}:{symbol}");

        Assert.Equal("OTC:BTC", Assert.Single(ticks).Symbol);
    }

    [Theory]
    [InlineData("""{"symbol":"A","price":1,"timestamp":1e9""", TickRefusal.BadJson)]
    [InlineData("", TickRefusal.BadJson)]
    [InlineData("order cancelled", TickRefusal.BadJson)]
    [InlineData("17", TickRefusal.MissingSymbol)]
    [InlineData("[" + Plain + "]", TickRefusal.MissingSymbol)]
    [InlineData("""{"price":1,"timestamp":1e9}""", TickRefusal.MissingSymbol)]
    [InlineData("""{"symbol":null,"price":1,"timestamp":1e9}""", TickRefusal.MissingSymbol)]
    [InlineData("""{"symbol":"a b","price":1,"timestamp":1e9}""", TickRefusal.BadSymbol)]
    [InlineData("""{"symbol":["A"],"price":1,"timestamp":1e9}""", TickRefusal.BadSymbol)]
    [InlineData("""{"symbol":"A","timestamp":1e9}""", TickRefusal.MissingPrice)]
    [InlineData("""{"symbol":"A","price":"1,5","timestamp":1e9}""", TickRefusal.BadPrice)]
    [InlineData("""{"symbol":"A","price":0,"timestamp":1e9}""", TickRefusal.BadPrice)]
    [InlineData("""{"symbol":"A","price":1e400,"timestamp":1e9}""", TickRefusal.BadPrice)]
    [InlineData("""{"symbol":"A","price":true,"timestamp":1e9}""", TickRefusal.BadPrice)]
    [InlineData("""{"symbol":"A","price":1e27,"timestamp":1e9}""", TickRefusal.OutOfRange)]
    [InlineData("""{"symbol":"A","price":1}""", TickRefusal.MissingTimestamp)]
    [InlineData("""{"symbol":"A","price":1,"timestamp":-1}""", TickRefusal.BadTimestamp)]
    [InlineData("""{"symbol":"A","price":1,"timestamp":1e28}""", TickRefusal.BadTimestamp)]
    [InlineData("""{"symbol":"A","price":1,"timestamp":34200}""", TickRefusal.BadTimestamp)] // a time of day
    [InlineData("""{"symbol":"A","price":1,"timestamp":1e9,"size":-1}""", TickRefusal.BadSize)]
    [InlineData("""{"symbol":"A","price":1,"timestamp":1e9,"trade_id":1.5}""", TickRefusal.BadTradeId)]
    [InlineData("""{"symbol":"A","price":1,"timestamp":1e9,"trade_id":{}}""", TickRefusal.BadTradeId)]
    [InlineData("""{"symbol":"A","price":1,"timestamp":1e9,"side":"B"}""", TickRefusal.BadSide)]
    [InlineData("""{"symbol":"A","price":1,"timestamp":1e9,"venue":[]}""", TickRefusal.BadVenue)]
    [InlineData("""{"symbol":"A","price":1,"timestamp":1e9,"venue":"\ud800"}""", TickRefusal.BadJson)]
    public void What_cannot_be_mapped_is_refused_for_its_reason(string json, TickRefusal expected) =>
        Assert.Equal(expected, Refusal(new TopicOptions(), json));

    [Fact]
    public void Missing_list_and_missing_value_have_reasons_of_their_own()
    {
        Assert.Equal(TickRefusal.MissingItems, Refusal(new TopicOptions { Items = "/data" }, "{}"));
        Assert.Equal(TickRefusal.NoValue, Map(new TopicOptions(), new TopicRecord("A"u8.ToArray(), null, null, 0)).Refusal);
    }

    [Fact]
    public void Id_that_no_int64_holds_is_kept_as_a_text() =>
        Assert.Equal(
            new TradeId("18446744073709551615"),
            One(new TopicOptions(), """{"symbol":"A","price":1,"timestamp":1e9,"trade_id":18446744073709551615}""").TradeId);

    [Fact]
    public void Absent_null_and_empty_are_nothing_where_nothing_is_required() =>
        Assert.Equal(
            new Tick("A", 1, 1),
            One(new TopicOptions { TimeUnit = TimeUnit.Ms },
                """{"symbol":"A","price":1,"timestamp":1,"size":"","trade_id":"","side":null,"venue":""}"""));

    [Theory]
    [InlineData(128, 'a', TickRefusal.None)]
    [InlineData(129, 'a', TickRefusal.BadTradeId)]
    [InlineData(128, '<', TickRefusal.None)] // six bytes each once they are escaped, which does not count
    [InlineData(64, '\u00e9', TickRefusal.None)]
    [InlineData(65, '\u00e9', TickRefusal.BadTradeId)]
    public void Text_is_as_long_as_our_own_event_may_have_it(int length, char of, TickRefusal expected)
    {
        var (refusal, ticks) = Map(new TopicOptions(), new TopicRecord(
            null, Encoding.UTF8.GetBytes($$"""{"symbol":"A","price":1,"timestamp":1e9,"trade_id":"{{new string(of, length)}}"}"""), null,
            0));

        Assert.Equal(expected, refusal);
        ticks.ForEach(AssertReadBack);
    }

    private static void AssertReadBack(Tick tick)
    {
        var written = new ArrayBufferWriter<byte>();
        TickCodec.Write(written, tick);
        Assert.Equal((TickRefusal.None, tick), (TickCodec.TryRead(written.WrittenSpan, new NameTable(), out Tick read), read));
    }

    private static Tick One(TopicOptions options, string json) => Assert.Single(All(options, json));

    private static List<Tick> All(TopicOptions options, string json)
    {
        var (refusal, ticks) = Map(options, new TopicRecord(null, Encoding.UTF8.GetBytes(json), null, 0));
        Assert.Equal(TickRefusal.None, refusal);
        return ticks;
    }

    private static TickRefusal Refusal(TopicOptions options, string json)
    {
        var (refusal, ticks) = Map(options, new TopicRecord(null, Encoding.UTF8.GetBytes(json), null, 0));
        Assert.Empty(ticks);
        return refusal;
    }

    private static (TickRefusal Refusal, List<Tick> Ticks) Map(TopicOptions options, TopicRecord record, string symbolFormat = "{symbol}")
    {
        var faults = new List<string>();
        Assert.True(TopicMapping.TryCreate(options, symbolFormat, faults, out TopicMapping? mapping), string.Join('\n', faults));
        var ticks = new List<Tick>();
        return (mapping.Map(record, ticks), ticks);
    }
}
