using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Tests.Producer.Replay;

/// <summary>Raw messages of other venues, without an address: refused and reported, never another venue's or no trades.</summary>
public sealed class ForeignCaptureTests
{
    private const string Spot =
        """{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":11,"p":"1","q":"2","T":1723161255342,"m":true,"M":true}""";

    public static TheoryData<string> Messages => [.. Texts.Split('\n').Where(line => !line.StartsWith('#'))];

    private const string Texts =
        """
        # Backpack: Binance's trade with µs and without M.
        {"stream":"trade.SOL_USDC","data":{"e":"trade","E":1709251200123000,"s":"SOL_USDC","p":"118.68","q":"0.122","b":"11","a":"12","t":12345,"T":1709251200122000,"m":true}}
        {"e":"trade","E":1709251200123000,"s":"SOL_USDC","p":"118.68","q":"0.122","b":"11","a":"12","t":12345,"T":1709251200122000,"m":true}
        {"stream":"depth.SOL_USDC","data":{"e":"depth","E":1694687965941000,"s":"SOL_USDC","a":[],"b":[],"U":94978271,"u":94978271,"T":1694687965940999}}
        {"e":"kline","E":1694687692980000,"s":"SOL_USD","t":"2024-09-11T12:00:00","T":"2024-09-11T12:01:00","o":"18.75","c":"19.25","h":"19.80","l":"18.50","v":"32123","n":93828,"X":false}
        {"e":"ticker","E":1694687692980000,"s":"SOL_USD","o":"18.75","c":"19.24","h":"19.80","l":"18.50","v":"32123","V":"928190","n":93828}
        # Aster and other clones of Binance.
        {"e":"trade","E":123456789,"s":"BTCUSDT","t":12345,"p":"0.001","q":"100","T":1723161255342,"m":true}
        # Gemini, v1 and v2.
        {"type":"update","eventId":1,"timestamp":1709251200,"timestampms":1709251200123,"socket_sequence":2,"events":[{"type":"trade","tid":2,"price":"61179.5","amount":"0.01","makerSide":"ask"}]}
        {"type":"heartbeat","socket_sequence":3}
        {"type":"heartbeat","timestamp":1547742998508}
        # Deribit.
        {"jsonrpc":"2.0","method":"subscription","params":{"channel":"trades.BTC-PERPETUAL.raw","data":[{"trade_seq":30289442,"trade_id":"48079269","timestamp":1590484512188,"price":8950.0,"instrument_name":"BTC-PERPETUAL","direction":"sell","amount":10.0}]}}
        {"jsonrpc":"2.0","method":"heartbeat","params":{"type":"heartbeat"}}
        # KuCoin.
        {"type":"message","topic":"/market/match:BTC-USDT","subject":"trade.l3match","data":{"sequence":"1545896669145","type":"match","symbol":"BTC-USDT","side":"buy","price":"0.082","size":"0.01","tradeId":"5c24c5da03aa673885cd67aa","time":"1545913818099033203"}}
        {"id":"hQvf8jkno","type":"welcome"}
        {"id":"1","type":"ack"}
        # HTX.
        {"ch":"market.btcusdt.trade.detail","ts":1630994963175,"tick":{"id":137005445109,"ts":1630994963173,"data":[{"id":1,"ts":1630994963173,"tradeId":102523573486,"amount":0.006754,"price":52648.62,"direction":"buy"}]}}
        {"ping":1492420473027}
        # Gate.
        {"time":1606292218,"time_ms":1606292218231,"channel":"spot.trades","event":"update","result":{"id":309143071,"create_time":1606292218,"create_time_ms":"1606292218213.4578","side":"sell","currency_pair":"GT_USDT","amount":"16.4700000000","price":"0.4705000000"}}
        {"time":1545404023,"channel":"spot.pong","event":"","error":null,"result":null}
        # Bitfinex.
        [17470,"te",[401597395,1574694478808,0.005,7245.3]]
        [17470,[[401597393,1574694475039,0.005,7244.9],[401597394,1574694478808,0.005,7245.3]]]
        [17470,"hb"]
        {"event":"info","version":2,"serverId":"a","platform":{"status":1}}
        {"event":"subscribed","channel":"trades","chanId":17470,"symbol":"tBTCUSD","pair":"BTCUSD"}
        # MEXC.
        {"c":"spot@public.deals.v3.api@BTCUSDT","d":{"deals":[{"S":2,"p":"20233.84","t":1661927587825,"v":"0.001028"}],"e":"spot@public.deals.v3.api"},"s":"BTCUSDT","t":1661927587836}
        # Crypto.com.
        {"id":-1,"method":"subscribe","code":0,"result":{"instrument_name":"BTC_USDT","subscription":"trade.BTC_USDT","channel":"trade","data":[{"d":"494","t":1684737222010,"q":"0.0027","p":"26819","s":"SELL","i":"BTC_USDT"}]}}
        {"id":1587523073344,"method":"public/heartbeat","code":0}
        # Bitget.
        {"action":"snapshot","arg":{"instType":"SPOT","channel":"trade","instId":"BTCUSDT"},"data":[{"ts":"1695709835822","price":"26293.4","size":"0.0013","side":"buy","tradeId":"1"}],"ts":1695711090682}
        {"event":"subscribe","arg":{"instType":"SPOT","channel":"ticker","instId":"BTCUSDT"}}
        # BitMEX, and others with a table or a topic.
        {"table":"trade","action":"insert","data":[{"timestamp":"2024-03-01T00:00:03.136Z","symbol":"XBTUSD","side":"Buy","size":100,"price":61179.5}]}
        {"topic":"trade.BTCUSD","data":[{"trade_time_ms":1672304486868,"symbol":"BTCUSD","side":"Buy","size":1,"price":16578.5}]}
        # Poloniex, BloFin, dYdX, Phemex.
        {"channel":"trades","data":[{"symbol":"BTC_USDT","amount":"70","takerSide":"buy","quantity":"4","createTime":1648059516810,"price":"104","id":1648059516810,"ts":1648059516832}]}
        {"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"1","price":"26000","size":"5","side":"buy","ts":"1696646295219"}]}
        {"type":"channel_data","connection_id":"a","message_id":3,"id":"BTC-USD","channel":"v4_trades","version":"1.0.0","contents":{"trades":[]}}
        {"type":"error","message":"Invalid subscription","connection_id":"a","message_id":1}
        {"error":null,"result":{"status":"success"},"id":1}
        """;

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Message_of_another_venue_stops_the_start_and_is_counted_with_its_line_in_a_capture(string message)
    {
        using var alone = new ReplayRun();
        string file = alone.Write("raw.ndjson", message + "\n");
        var refused = Assert.Throws<ConfigurationException>(() => alone.Open(file));
        Assert.Contains("nor a capture of", refused.Message, StringComparison.Ordinal);

        using var mixed = new ReplayRun();
        Assert.Equal("binance", Assert.Single(await mixed.ReadTextAsync($"{Spot}\n{message}\n")).Venue);
        Assert.Equal((0, 0, 1), (mixed.Metrics.Broken, mixed.Metrics.Skipped, mixed.Metrics.Foreign));
        Assert.Contains(mixed.Log.Lines, line => line.Contains("the first is line 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Shapes_that_Binance_has_today_are_read()
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync(
            """
            {"e":"trade","E":1767607200123456,"s":"BTCUSDT","t":5000000001,"p":"91000.01000000","q":"0.00100000","T":1767607200123111,"m":true,"M":true}
            {"e":"aggTrade","E":1767607201000,"s":"ETHUSDT","a":77,"p":"3100.10","q":"2.500","nq":"2.000","f":100,"l":101,"T":1767607200990,"m":true}
            {"e":"trade","E":1767607202000,"T":1767607201990,"s":"ETHUSDT","t":102,"p":"3100.20","q":"1.000","X":"MARKET","m":false}
            {"e":"trade","E":1767607203000,"T":1767607202990,"s":"ETHUSDT","t":103,"p":"0","q":"0","X":"NA","m":false}
            {"e":"trade","E":1767607204000,"T":1767607203990,"s":"BTCUSD_PERP","t":7,"p":"91000.1","q":"2","X":"MARKET","m":true}
            """);

        Assert.Equal(
            [
                new Tick("BTCUSDT", 91000.01m, 1767607200123, 0.001m, new TradeId(5000000001), Side.Sell, "binance"),
                new Tick("ETHUSDT", 3100.1m, 1767607200990, 2.5m, new TradeId(77), Side.Sell, "binance-usdm"),
                new Tick("ETHUSDT", 3100.2m, 1767607201990, 1, new TradeId(102), Side.Buy, "binance-usdm"),
                new Tick("BTCUSD_PERP", 91000.1m, 1767607203990, 2, new TradeId(7), Side.Sell, "binance-coinm"),
            ],
            ticks);
        Assert.Equal((0, 1, 0), (run.Metrics.Broken, run.Metrics.Skipped, run.Metrics.Foreign));
    }

    [Theory]
    [InlineData("2024-03-01T00:00:00.0659770Z ")]
    [InlineData("2024-03-01 00:00:00.065 ")]
    [InlineData("2024-03-01T00:00:00+00:00\t")]
    [InlineData("2024-03-01T00:00:00Z,")]
    [InlineData("2024-03-01 00:00:00,065: ")]
    [InlineData("[2024-03-01T00:00:00.065Z] ")]
    [InlineData("1709251200 ")]
    [InlineData("1709251200.065977: ")]
    [InlineData("1709251200065\t")]
    [InlineData("1709251200065977,")]
    [InlineData("1709251200065977000 ")]
    [InlineData("1709251200065977000.5;")]
    [InlineData("00:00:00.065 | ")]
    [InlineData("")]
    public async Task Time_before_a_message_is_the_recorders(string prefix)
    {
        using var run = new ReplayRun();

        Assert.Equal(2, (await run.ReadTextAsync(
            $"{prefix}{Spot}\n\n{prefix}{Spot.Replace(":11", ":12", StringComparison.Ordinal)}\n")).Count);
        Assert.Equal((0, 0), (run.Metrics.Broken, run.Metrics.Foreign));
    }

    [Theory]
    [InlineData("yesterday ")]
    [InlineData("2024-13-01T00:00:00Z ")]
    [InlineData("12abc ")]
    public async Task What_is_no_time_before_a_message_is_broken(string prefix)
    {
        using var run = new ReplayRun();

        Assert.Single(await run.ReadTextAsync($"{Spot}\n{prefix}{Spot}\n"));
        Assert.Equal(1, run.Metrics.Broken);
    }
}
