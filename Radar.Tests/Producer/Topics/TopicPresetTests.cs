using System.Text;
using Radar.Market;
using Radar.Producer.Mapping;
using Radar.Producer.Topics;

namespace Radar.Tests.Producer.Topics;

/// <summary>Settings that files and topics share, on records of topics.</summary>
public sealed class TopicPresetTests
{
    [Theory]
    [InlineData("bybit", """
        {"topic":"publicTrade.BTCUSDT","data":[{"T":1709251200123,"s":"BTCUSDT","S":"Sell","v":"0.002","p":"61179.50","i":"20f4"}]}
        """, "BTCUSDT 61179.5 0.002 20f4 Sell ")]
    [InlineData("databento", """
        {"hd":{"ts_event":"1709251200123456789"},"action":"T","side":"B","price":"61179500000000","size":5,"symbol":"ESH4"}
        """, "ESH4 61179.5 5  Buy ")]
    [InlineData("polygon", """
        {"ev":"T","sym":"MSFT","x":4,"i":"7","p":61179.5,"s":100,"t":1709251200123,"q":1}
        """, "MSFT 61179.5 100 7 Unknown ")]
    [InlineData("bitget", """
        {"action":"snapshot","arg":{"instType":"SPOT","channel":"trade","instId":"BTCUSDT"},"data":[{"ts":"1709251200123","price":"61179.5","size":"0.002","side":"buy","tradeId":"7"}]}
        """, "BTCUSDT 61179.5 0.002 7 Buy ")]
    [InlineData("binance", """
        {"e":"trade","E":1709251200124,"s":"BTCUSDT","t":7,"p":"61179.50","q":"0.002","T":1709251200123,"m":true,"M":true}
        """, "BTCUSDT 61179.5 0.002 7 Sell ")]
    [InlineData("coinbase", """
        {"type":"match","trade_id":7,"side":"buy","size":"0.002","price":"61179.50","product_id":"BTC-USD","time":"2024-03-01T00:00:00.123Z"}
        """, "BTC-USD 61179.5 0.002 7 Sell coinbase")]
    [InlineData("alpaca", """
        [{"T":"t","S":"BTC/USD","i":7,"p":61179.5,"s":0.002,"t":"2024-03-01T00:00:00.123456789Z","tks":"B"},{"T":"q","S":"BTC/USD"}]
        """, "BTC/USD 61179.5 0.002 7 Buy ")]
    [InlineData("bitmex", """
        [{"timestamp":"2024-03-01T00:00:00.123Z","symbol":"XBTUSD","side":"Buy","size":100,"price":61179.5,"trdMatchID":"7"}]
        """, "XBTUSD 61179.5 100 7 Buy ")]
    [InlineData("gate", """
        {"channel":"futures.trades","event":"update","result":[{"size":-108,"id":7,"create_time_ms":1709251200123,"price":"61179.5","contract":"BTC_USD"}]}
        """, "BTC_USD 61179.5 108 7 Sell ")]
    public void Preset_says_where_the_fields_are_and_what_they_mean(string preset, string json, string expected)
    {
        var (_, refusal, ticks) = Map(new TopicOptions { Preset = preset }, json);

        Assert.Equal(TickRefusal.None, refusal);
        Tick tick = Assert.Single(ticks);
        Assert.Equal(1709251200123, tick.TimestampMs);
        Assert.Equal(expected,
            FormattableString.Invariant($"{tick.Symbol} {tick.Price} {tick.Size} {tick.TradeId} {tick.Side} {tick.Venue}"));
    }

    [Theory]
    [InlineData("bitmex", """
        {"table":"orderBookL2","action":"insert","data":[{"symbol":"A","id":8,"side":"Buy","size":1,"price":5,"timestamp":"2024-03-01T00:00:00Z"}]}
        """)]
    [InlineData("bitmex", """
        {"table":"trade","action":"partial","data":[{"symbol":"A","side":"Buy","size":1,"price":5,"timestamp":"2024-03-01T00:00:00Z"}]}
        """)]
    [InlineData("bitmex", """
        [{"symbol":".BXBT","side":"Buy","size":0,"price":5,"timestamp":"2024-03-01T00:00:00Z","trdType":"Referential"}]
        """)]
    [InlineData("bybit", """
        {"topic":"allLiquidation.A","data":[{"T":1709251200123,"s":"A","S":"Buy","v":"1","p":"5"}]}
        """)]
    [InlineData("bybit", """
        {"success":true,"ret_msg":"","conn_id":"a","op":"subscribe"}
        """)]
    [InlineData("okx", """
        {"event":"subscribe","arg":{"channel":"trades","instId":"A"}}
        """)]
    [InlineData("kraken", """
        {"channel":"trade","type":"snapshot","data":[{"symbol":"A","price":5,"qty":1,"timestamp":"2024-03-01T00:00:00Z"}]}
        """)]
    [InlineData("binance", """
        {"e":"trade","s":"A","t":7,"p":"5","q":"1","T":1709251200123,"X":"INSURANCE_FUND","m":true}
        """)]
    [InlineData("binance", """
        {"stream":"a@depth","data":{"e":"depthUpdate","s":"A","b":[],"a":[]}}
        """)]
    [InlineData("coinbase", """
        {"type":"last_match","trade_id":7,"side":"buy","size":"1","price":"5","product_id":"A","time":"2024-03-01T00:00:00Z"}
        """)]
    public void Other_messages_of_a_vendor_are_no_trades_and_no_dead_letters(string preset, string json)
    {
        var (mapping, refusal, ticks) = Map(new TopicOptions { Preset = preset }, json);

        Assert.Equal((TickRefusal.None, 1, 0), (refusal, mapping.NoTrades, ticks.Count));
    }

    [Fact]
    public void First_path_that_is_there_is_taken_and_an_ending_or_nothing_may_be_a_condition()
    {
        var options = new TopicOptions
        {
            Symbol = "/s|value:/of", Price = "/p|/price", Items = "/list|/more", Time = "/t", Size = "/q|/size",
            Filter = "value:/kind=trade.*|",
        };

        var (_, _, first) = Map(options, """{"kind":"trade.a","list":[{"s":"A","p":1,"t":1709251200123,"q":2}]}""");
        var (_, _, second) = Map(options, """{"of":"B","more":[{"price":3,"t":1709251200123,"size":4}]}""");
        var (other, _, none) = Map(options, """{"kind":"trades","list":[{"s":"A","p":1,"t":1709251200123}]}""");

        Assert.Equal([("A", 1m, 2m), ("B", 3m, 4m)], first.Concat(second).Select(tick => (tick.Symbol, tick.Price, tick.Size)));
        Assert.Equal((1, 0), (other.NoTrades, none.Count));
    }

    [Fact]
    public void Path_that_is_set_goes_before_the_presets()
    {
        var (_, _, ticks) = Map(
            new TopicOptions { Preset = "ccxt", Symbol = "/market", Venue = "constant:x" },
            """{"market":"a","timestamp":1709251200123,"price":1,"amount":2,"side":"buy","id":"7"}""");

        Assert.Equal([new Tick("A", 1, 1709251200123, 2, new TradeId("7"), Side.Buy, "x")], ticks);
    }

    [Fact]
    public void What_the_filter_or_a_correction_leaves_out_is_counted_and_no_dead_letter()
    {
        var options = new TopicOptions
        {
            Items = "value", Filter = "/type=trade", Correction = "/u", SideFromSize = true, PriceScale = 0.01m, SizeScale = 0.1m,
        };

        var (mapping, refusal, ticks) = Map(options, """
            [{"type":"trade","symbol":"A","price":150,"timestamp":1709251200123,"size":-30},{"type":"quote"},{"type":"trade","u":"canceled"}]
            """);

        Assert.Equal((TickRefusal.None, 1, 1), (refusal, mapping.NoTrades, mapping.Corrections));
        Assert.Equal([new Tick("A", 1.5m, 1709251200123, 3, Side: Side.Sell)], ticks);
    }

    [Fact]
    public void Numbers_of_texts_are_read_as_set()
    {
        var (_, _, ticks) = Map(new TopicOptions { Numbers = NumberStyle.Comma },
            """{"symbol":"A","price":"1.234,56 €","timestamp":1709251200123,"size":"0,5"}""");

        Assert.Equal([new Tick("A", 1234.56m, 1709251200123, 0.5m)], ticks);
    }

    [Theory]
    [InlineData("nobody", null, null, "Producer:Topic:Preset")]
    [InlineData("taq", null, null, "Producer:Topic:Preset")] // has no JSON
    [InlineData(null, "action", null, "Producer:Topic:Filter")]
    [InlineData(null, "action=T", null, "'action' is no path")]
    [InlineData(null, null, "no format %", "Producer:Topic:TimeFormat")]
    public void Wrong_setting_is_named(string? preset, string? filter, string? format, string named)
    {
        var faults = new List<string>();

        Assert.False(TopicMapping.TryCreate(
            new TopicOptions { Preset = preset, Filter = filter, TimeFormat = format }, "{symbol}", faults, out _));
        Assert.Contains(faults, fault => fault.Contains(named, StringComparison.Ordinal));
    }

    private static (TopicMapping Mapping, TickRefusal Refusal, List<Tick> Ticks) Map(TopicOptions options, string json)
    {
        var faults = new List<string>();
        Assert.True(TopicMapping.TryCreate(options, "{symbol}", faults, out TopicMapping? mapping), string.Join('\n', faults));
        var ticks = new List<Tick>();
        var refusal = mapping.Map(new TopicRecord(null, Encoding.UTF8.GetBytes(json.Trim()), null, 0), ticks);
        return (mapping, refusal, ticks);
    }
}
