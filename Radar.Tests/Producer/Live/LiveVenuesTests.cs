using Microsoft.Extensions.Time.Testing;
using Radar.Market;
using Radar.Producer;
using static Radar.Tests.Producer.Live.VenueMessages;

namespace Radar.Tests.Producer.Live;

/// <summary>Bybit, OKX, Coinbase Advanced Trade, Hyperliquid: what they are asked, how they stay alive, what a break costs.</summary>
public sealed class LiveVenuesTests
{
    [Theory]
    [InlineData("bybit", "spot", """{"op":"subscribe","args":["publicTrade.BTCUSDT","publicTrade.ETHUSDT"]}""")]
    [InlineData("okx", null,
        """{"op":"subscribe","args":[{"channel":"trades","instId":"BTCUSDT"},{"channel":"trades","instId":"ETHUSDT"}]}""")]
    [InlineData("coinbase-advanced", null, """{"type":"subscribe","channel":"heartbeats"}""",
        """{"type":"subscribe","product_ids":["BTCUSDT","ETHUSDT"],"channel":"market_trades"}""")]
    [InlineData("hyperliquid", null, """{"method":"subscribe","subscription":{"type":"trades","coin":"btcusdt"}}""")]
    public async Task Venue_is_asked_as_its_documentation_says(string source, string? market, params string[] expected)
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, source, "btcusdt", "ethusdt");
        run.Live.Market = market;
        run.Start();
        var connection = await venue.AcceptAsync();

        foreach (string message in expected)
            Assert.Equal(message, await connection.AskedAsync());
    }

    [Theory]
    [InlineData("bybit", 20, """{"op":"ping"}""")]
    [InlineData("okx", 20, "ping")]
    [InlineData("hyperliquid", 30, """{"method":"ping"}""")]
    public async Task Venue_that_wants_pings_gets_them_and_their_answers_are_no_broken_messages(string source, int seconds, string ping)
    {
        var time = new FakeTimeProvider(Now);
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, source, "BTC") { Time = time };
        run.Start();
        var connection = await venue.AcceptAsync();
        Assert.Contains("BTC", await connection.AskedAsync(), StringComparison.Ordinal);
        string pong = source switch
        {
            "bybit" => """{"success":true,"ret_msg":"pong","conn_id":"a","op":"ping"}""",
            "okx" => "pong",
            _ => """{"channel":"pong"}""",
        };

        for (int i = 0; i < 3; i++)
        {
            var asked = connection.ReceiveAsync();
            await run.AdvanceUntilAsync(time, TimeSpan.FromSeconds(seconds), () => asked.IsCompleted, "a ping");
            Assert.Equal(ping, await asked);
            await connection.SendAsync(pong);
        }

        await connection.SendAsync(Message(source, 1));
        await run.TicksAsync(1);
        Assert.Equal((0, 0), (run.Metrics.Live("broken"), run.Metrics.Live("reconnects")));
    }

    [Fact]
    public async Task Okx_gap_ends_before_the_first_trade_of_an_entry()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, OkxPage(Range(4, 9))));
        await using var run = new LiveRun(venue, "okx", "btc-usdt").Start();
        var first = await venue.AcceptAsync();
        await first.SendAsync(Okx(3, 3), Okx(4, 1));
        await run.TicksAsync(2);
        first.Drop();

        // An entry of the trades 7 to 9: only 5 and 6 are missing.
        await (await venue.AcceptAsync()).SendAsync(Okx(4, 1), Okx(9, 3), Okx(10, 1));

        Assert.Equal([3, 4, 5, 6, 9, 10], await run.IdsAsync(6));
        Assert.Equal((2, 1, 0), (run.Metrics.Live("refilled"), run.Metrics.Live("duplicates"), run.Metrics.Live("missed")));
        Assert.Equal(["/api/v5/market/history-trades?instId=BTC-USDT&type=1&after=7&limit=100"], venue.Requests);
    }

    [Fact]
    public async Task Okx_instrument_that_does_not_exist_is_named_and_the_others_go_on()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "okx", "btc-usdt", "foo-usdt").Start();
        var connection = await venue.AcceptAsync();
        await connection.AskedAsync();
        await connection.SendAsync(
            """{"event":"subscribe","arg":{"channel":"trades","instId":"BTC-USDT"},"connId":"a"}""",
            """{"event":"error","msg":"Wrong URL or channel:trades,instId:FOO-USDT doesn't exist.","code":"60018","connId":"a"}""",
            Okx(1, 1));

        Assert.Equal([1], await run.IdsAsync(1));
        Assert.Contains("okx refuses FOO-USDT", run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bybit_trades_that_a_break_lost_are_found_by_their_names()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, BybitPage(Range(1, 6))));
        await using var run = new LiveRun(venue, "bybit", "btcusdt");
        run.Live.Market = "linear";
        run.Start();
        var first = await venue.AcceptAsync();
        await first.SendAsync(Bybit(1), Bybit(2));
        await run.TicksAsync(2);
        first.Drop();

        await (await venue.AcceptAsync()).SendAsync(Bybit(6), Bybit(7));

        Assert.Equal(Range(1, 7).Select(id => Name(id)), (await run.TicksAsync(7)).Select(tick => tick.TradeId.ToString()));
        Assert.Equal((4, 0), (run.Metrics.Live("refilled"), run.Metrics.Live("uncertain")));
        Assert.Equal(["/v5/market/recent-trade?category=linear&symbol=BTCUSDT&limit=1000"], venue.Requests);
    }

    [Fact]
    public async Task Bybit_gap_that_rest_does_not_reach_back_to_is_reported()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, BybitPage(Range(5, 6))));
        await using var run = new LiveRun(venue, "bybit", "btcusdt").Start();
        var first = await venue.AcceptAsync();
        await first.SendAsync(Bybit(1));
        await run.TicksAsync(1);
        first.Drop();

        await (await venue.AcceptAsync()).SendAsync(Bybit(6));

        Assert.Equal([Name(1), Name(5), Name(6)], (await run.TicksAsync(3)).Select(tick => tick.TradeId.ToString()));
        await run.UntilLoggedAsync(
            "bybit: trades of BTCUSDT after 2023-11-14T22:13:20.010Z may be missing (the venue has no older trades)");
        Assert.Equal(1, run.Metrics.Live("uncertain"));
    }

    [Fact]
    public async Task Bybit_topic_that_is_refused_is_found_by_halves()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "bybit", "btcusdt", "foo").Start();
        var connection = await venue.AcceptAsync();
        for (int asked = 0; asked < 3; asked++)
        {
            bool isBad = (await connection.AskedAsync())!.Contains("FOO", StringComparison.Ordinal);
            await connection.SendAsync(isBad
                ? """{"success":false,"ret_msg":"Invalid symbol :[publicTrade.FOO]","conn_id":"a","req_id":"","op":"subscribe"}"""
                : """{"success":true,"ret_msg":"subscribe","conn_id":"a","req_id":"","op":"subscribe"}""");
        }

        await run.UntilLoggedAsync("bybit refuses FOO");
        await connection.SendAsync(Bybit(1));
        await run.TicksAsync(1);
        Assert.Equal(0, run.Metrics.Live("reconnects"));
    }

    [Fact]
    public async Task Hyperliquid_recent_trades_close_a_gap_or_show_one()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "hyperliquid", "kPEPE");
        run.Live.RestUrl = null;
        run.Start();
        var connection = await venue.AcceptAsync();
        Assert.Contains("\"coin\":\"kPEPE\"", await connection.AskedAsync(), StringComparison.Ordinal);
        await connection.SendAsync(Hyperliquid(1, 2), Hyperliquid(3));
        await run.TicksAsync(3);

        await Reconnect(Hyperliquid(2, 3, 4, 5), Hyperliquid(6));
        Assert.Equal(Range(1, 6), await run.IdsAsync(6));
        Assert.Equal(0, run.Metrics.Live("uncertain"));
        await Reconnect(Hyperliquid(20, 21), Hyperliquid(22));

        Assert.Equal([.. Range(1, 6), 20, 21, 22], await run.IdsAsync(9));
        await run.UntilLoggedAsync("trades of KPEPE after");
        Assert.Equal((1, 0), (run.Metrics.Live("uncertain"), venue.Requests.Count));

        async Task Reconnect(params string[] messages)
        {
            connection.Drop();
            connection = await venue.AcceptAsync();
            await connection.SendAsync(messages);
        }
    }

    [Fact]
    public async Task Coinbase_advanced_snapshot_is_passed_only_as_far_as_a_break_lost_it()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, $$"""{"trades":[{{string.Join(',', Range(5, 12).Reverse().Select(AdvancedTrade))}}]}"""));
        await using var run = new LiveRun(venue, "coinbase-advanced", "btc-usd").Start();
        var first = await venue.AcceptAsync();
        await first.SendAsync(Advanced("snapshot", 3, 2, 1), Advanced("update", 5, 4));
        Assert.Equal([4, 5], await run.IdsAsync(2));
        first.Drop();

        await (await venue.AcceptAsync()).SendAsync(Advanced("snapshot", 13, 12, 11), Advanced("update", 14));

        Assert.Equal(Range(4, 14).Select(id => Tick(id, "BTC-USD", "coinbase-advanced")), await run.TicksAsync(11));
        Assert.Equal(["/api/v3/brokerage/market/products/BTC-USD/ticker?limit=1000&start=1700000000"], venue.Requests);
    }

    [Theory]
    [InlineData("kraken", "btc/usd", """{"channel":"trade","type":"update","data":[{"instrument":"BTC/USD"}]}""")]
    [InlineData("coinbase", "btc-usd", """{"type":"match","trade":1}""")]
    [InlineData("bybit", "btcusdt", """{"topic":"publicTrade.BTCUSDT","data":[]}""")]
    [InlineData("okx", "btc-usdt", """{"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","price":"1"}]}""")]
    [InlineData("hyperliquid", "BTC", """{"channel":"trades","data":[{"symbol":"BTC"}]}""")]
    [InlineData("coinbase-advanced", "btc-usd", """{"channel":"market_trades","events":[{"type":"update","trades":[]}]}""")]
    public async Task Trades_of_another_shape_are_broken_and_not_silently_left_out(string source, string symbol, string message)
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, source, symbol).Start();

        await (await venue.AcceptAsync()).SendAsync(message);

        await run.UntilAsync(() => run.Metrics.Live("broken") == 1, () => "a broken message");
    }

    [Fact]
    public async Task Text_of_a_venue_is_logged_on_one_line_and_cut()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "coinbase", "A-USD").Start();
        string text = "BAD\\nINFO forged\\u001b[31m\\u202e" + new string('x', 5_000);

        await (await venue.AcceptAsync()).SendAsync("{\"type\":\"error\",\"message\":\"" + text + "\"}");

        await run.UntilLoggedAsync("forged");
        string line = run.Log.Lines.First(line => line.Contains("forged", StringComparison.Ordinal));
        Assert.Contains("BAD\\u000aINFO forged\\u001b[31m\\u202e", line, StringComparison.Ordinal);
        Assert.InRange(line.Length, 1, 600);
    }

    private static string Message(string source, long id) => source switch
    {
        "bybit" => Bybit(id).Replace("BTCUSDT", "BTC", StringComparison.Ordinal),
        "okx" => Okx(id, 1).Replace("BTC-USDT", "BTC", StringComparison.Ordinal),
        _ => Hyperliquid(id).Replace("kPEPE", "BTC", StringComparison.Ordinal),
    };

    private static string Name(long id) => $"00000000-0000-0000-0000-{id:000000000000}";

    private static string Bybit(long id) =>
        $$"""{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":{{Ms(id)}},"data":[{"T":{{Ms(id)}},"s":"BTCUSDT","S":"Sell","v":"0.5","""
            + $$""" "p":"{{100 + id}}","i":"{{Name(id)}}","BT":false}]}""";

    private static string BybitPage(IEnumerable<long> ids) =>
        """{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[""" + string.Join(',', ids.Reverse().Select(id =>
            $$"""{"execId":"{{Name(id)}}","symbol":"BTCUSDT","price":"{{100 + id}}","size":"0.5","side":"Sell","time":"{{Ms(id)}}"}"""))
        + "]}}";

    private static string Okx(long id, int count) =>
        """{"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":""" + $"\"{id}\",\"px\":\"{100 + id}\","
            + $$""" "sz":"0.5","side":"sell","ts":"{{Ms(id)}}","count":"{{count}}"}]}""";

    private static string OkxPage(IEnumerable<long> ids) => """{"code":"0","msg":"","data":["""
        + string.Join(',', ids.Reverse().Select(id =>
        $$"""{"instId":"BTC-USDT","tradeId":"{{id}}","px":"{{100 + id}}","sz":"0.5","side":"sell","ts":"{{Ms(id)}}"}""")) + "]}";

    private static string Hyperliquid(params long[] ids) => """{"channel":"trades","data":[""" + string.Join(',', ids.Select(id =>
        $$"""{"coin":"kPEPE","side":"A","px":"{{100 + id}}","sz":"0.5","hash":"0x","time":{{Ms(id)}},"tid":{{id}},"users":[]}""")) + "]}";

    private static string Advanced(string type, params long[] ids) =>
        $$"""{"channel":"market_trades","timestamp":"2026-01-01T00:00:00Z","sequence_num":1,"events":[{"type":"{{type}}","trades":["""
            + string.Join(',', ids.Select(AdvancedTrade)) + "]}]}";

    private static string AdvancedTrade(long id) =>
        $$"""{"trade_id":"{{id}}","product_id":"BTC-USD","price":"{{100 + id}}","size":"0.5","side":"BUY","""
            + $$""" "time":"{{Rfc3339.Format(Ms(id))}}"}""";
}
