using Microsoft.Extensions.Time.Testing;
using Radar.Producer;
using static Radar.Tests.Producer.Live.VenueMessages;

namespace Radar.Tests.Producer.Live;

/// <summary>Asking for symbols, what venues answer, and what they tell again.</summary>
public sealed class LiveSubscriptionTests
{
    private const string Accepted = """{"type":"subscriptions","channels":[]}""";

    [Fact]
    public async Task Symbols_are_split_over_connections_and_each_asks_for_its_own()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "binance", "a", "B", "c", "d", "e");
        run.Live.SymbolsPerConnection = 2;
        run.Start();

        for (int i = 0; i < 3; i++)
            await (await venue.AcceptAsync()).SendAsync([.. "ABCDE".Select(symbol => Spot(1, symbol.ToString()))]);

        Assert.Equal(["A", "B", "C", "D", "E"], (await run.TicksAsync(5)).Select(tick => tick.Symbol).Order());
        await run.UntilAsync(() => run.Metrics.Live("unasked") == 10, () => "what each connection was not asked for");
        Assert.Contains("which was not asked for", run.LogText, StringComparison.Ordinal);
        Assert.Equal(["/stream?streams=a@trade/b@trade", "/stream?streams=c@trade/d@trade", "/stream?streams=e@trade"],
            venue.Handshakes.Order());
    }

    [Theory]
    [InlineData("binance", "btcusdt", "aggTrade",
        """{"e":"aggTrade","E":1,"s":"BTCUSDT","a":9,"p":"1","q":"1","f":1,"l":2,"T":1700000000000,"m":true,"M":true}""")]
    [InlineData("binance", "btcusdt", "kline", """{"e":"kline","E":1,"s":"BTCUSDT","k":{"t":1,"T":2,"s":"BTCUSDT","i":"1m"}}""")]
    [InlineData("coinbase", "BTC-USD", "ticker", """{"type":"ticker","product_id":"BTC-USD","price":"1","trade_id":1}""")]
    [InlineData("kraken", "btc/usd", "book", """{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[],"asks":[]}]}""")]
    [InlineData("okx", "BTC-USDT", "trades-all",
        """{"arg":{"channel":"trades-all","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"1","px":"1","sz":"1","side":"buy","""
            + """ "ts":"1700000000000"}]}""")]
    [InlineData("bybit", "BTCUSDT", "tickers", """{"topic":"tickers.BTCUSDT","type":"snapshot","ts":1,"data":{"symbol":"BTCUSDT"}}""")]
    [InlineData("coinbase-advanced", "BTC-USD", "ticker", """{"channel":"ticker","sequence_num":0,"events":[]}""")]
    [InlineData("hyperliquid", "BTC", "l2Book", """{"channel":"l2Book","data":{"coin":"BTC","time":1,"levels":[[],[]]}}""")]
    public async Task Channel_that_was_not_subscribed_to_is_left_out_and_logged_once(
        string source, string symbol, string channel, string message)
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, source, symbol).Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(message, message, message);
        await run.UntilAsync(() => run.Metrics.Live("unasked") == 3, () => "messages of another channel");

        Assert.Equal(0, run.Metrics.Live("broken"));
        Assert.Single(run.Log.Lines, line => line.Contains($"messages of the channel {channel}, which was not", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Coinbase_is_asked_batch_by_batch_each_after_the_answer_to_the_one_before()
    {
        await using var venue = await FakeVenue.StartAsync();
        string[] symbols = [.. Enumerable.Range(1, 30).Select(number => $"S{number:00}-USD")];
        await using var run = new LiveRun(venue, "coinbase", symbols).Start();
        var connection = await venue.AcceptAsync();

        Assert.Equal(Subscribe(symbols[..25]), await connection.ReceiveAsync());
        var next = connection.ReceiveAsync();
        await connection.SendAsync(Match(1, symbol: "S01-USD"));
        await run.TicksAsync(1);
        Assert.False(next.IsCompleted);
        await connection.SendAsync(Accepted);
        Assert.Equal(Subscribe(symbols[25..]), await next);
    }

    [Fact]
    public async Task Product_that_coinbase_does_not_know_is_found_and_logged_and_the_others_go_on()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "coinbase", "A-USD", "B-USD", "BAD-USD", "C-USD").Start();
        var connection = await venue.AcceptAsync();
        var accepted = new List<string>();
        while (accepted.Count < 3)
        {
            string asked = (await connection.ReceiveAsync())!;
            bool isBad = asked.Contains("BAD-USD", StringComparison.Ordinal);
            if (!isBad)
                accepted.AddRange(asked.Split('"').Where(word => word.EndsWith("-USD", StringComparison.Ordinal)));
            await connection.SendAsync(isBad
                ? """{"type":"error","message":"Failed to subscribe","reason":"BAD-USD is not a valid product"}"""
                : Accepted);
        }

        await run.UntilLoggedAsync(
            "coinbase refuses BAD-USD (Failed to subscribe: BAD-USD is not a valid product); the other symbols go on.");
        Assert.Equal(["A-USD", "B-USD", "C-USD"], accepted.Order());
        await connection.SendAsync(Match(1, symbol: "A-USD"));
        await run.TicksAsync(1);
        Assert.Equal((1, 0), (run.Metrics.Live("refused"), run.Metrics.Live("reconnects")));

        connection.Drop();
        Assert.Equal(Subscribe("A-USD", "B-USD", "C-USD"), await (await venue.AcceptAsync()).ReceiveAsync());
    }

    [Fact]
    public async Task Pair_that_kraken_does_not_know_is_reported_and_the_others_go_on()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "kraken", "btc/usd", "foo/usd").Start();
        var connection = await venue.AcceptAsync();

        Assert.Equal(
            """{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD","FOO/USD"],"snapshot":true}}""",
            await connection.ReceiveAsync());
        await connection.SendAsync(
            """{"channel":"status","type":"update","data":[{"api_version":"v2","system":"online"}]}""",
            """{"method":"subscribe","result":{"channel":"trade","snapshot":true,"symbol":"BTC/USD"},"success":true}""",
            """{"error":"Currency pair not supported FOO/USD","method":"subscribe","success":false,"symbol":"FOO/USD"}""",
            """{"channel":"heartbeat"}""",
            Kraken("update", 1));

        Assert.Equal([Tick(1, "BTC/USD", "kraken")], await run.TicksAsync(1));
        Assert.Contains("kraken refuses FOO/USD (Currency pair not supported FOO/USD)", run.LogText, StringComparison.Ordinal);
        Assert.Equal((1, 0), (run.Metrics.Live("refused"), run.Metrics.Live("broken")));
    }

    [Fact]
    public async Task Symbol_that_kraken_names_in_an_error_of_another_kind_is_left_out_until_the_next_connection()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "kraken", "btc/usd", "foousd").Start();
        for (int i = 1; i <= 2; i++)
        {
            var connection = await venue.AcceptAsync();
            Assert.Contains("\"BTC/USD\",\"FOOUSD\"", await connection.ReceiveAsync(), StringComparison.Ordinal);
            await connection.SendAsync(
                """{"error":"Currency pair not in ISO 4217-A3 format FOOUSD","method":"subscribe","success":false,"symbol":"FOOUSD"}""",
                """{"method":"subscribe","result":{"channel":"trade","snapshot":true,"symbol":"BTC/USD"},"success":true}""",
                Kraken("update", i));
            await run.TicksAsync(i);
            Assert.Equal((i, i - 1), (run.Metrics.Live("refused"), run.Metrics.Live("reconnects")));
            connection.Drop();
        }

        Assert.Contains("kraken reports: Currency pair not in ISO 4217-A3 format FOOUSD", run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Product_that_coinbase_names_in_an_error_of_another_kind_is_left_out_and_the_others_are_asked_for_again()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "coinbase", "A-USD", "OLD-USD", "OLD-USDC", "C-USD").Start();
        var connection = await venue.AcceptAsync();

        Assert.Equal(Subscribe("A-USD", "OLD-USD", "OLD-USDC", "C-USD"), await connection.ReceiveAsync());
        await connection.SendAsync("""{"type":"error","message":"Failed to subscribe","reason":"OLD-USDC is delisted."}""");

        Assert.Equal(Subscribe("A-USD", "OLD-USD", "C-USD"), await connection.ReceiveAsync());
        await connection.SendAsync(Accepted, Match(1, symbol: "A-USD"));
        await run.TicksAsync(1);
        Assert.Equal((1, 0), (run.Metrics.Live("refused"), run.Metrics.Live("reconnects")));
    }

    [Fact]
    public async Task Venue_that_knows_no_symbol_is_the_end_of_the_source()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "coinbase", "BAD-USD").Start();
        var connection = await venue.AcceptAsync();
        await connection.SendAsync("""{"type":"error","message":"Failed to subscribe","reason":"BAD-USD is not a valid product"}""");

        await run.EndAsync();

        Assert.Contains("coinbase knows none of the symbols", run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_that_may_pass_costs_no_symbol_but_a_new_connection()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "coinbase", "A-USD").Start();
        var connection = await venue.AcceptAsync();
        await connection.SendAsync("""{"type":"error","message":"rate limit exceeded"}""");

        Assert.Equal(Subscribe("A-USD"), await (await venue.AcceptAsync()).ReceiveAsync());
        Assert.Equal(1, run.Metrics.Live("reconnects", "unanswered"));
        Assert.Contains("rate limit exceeded", run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscription_that_is_not_answered_costs_the_connection()
    {
        await using var venue = await FakeVenue.StartAsync();
        var time = new FakeTimeProvider(Now);
        await using var run = new LiveRun(venue, "coinbase", "A-USD") { Time = time };
        run.Live.ConnectTimeoutMs = 600_000;
        run.Start();
        var connection = await venue.AcceptAsync();
        Assert.Equal(Subscribe("A-USD"), await connection.ReceiveAsync());
        time.Advance(TimeSpan.FromMilliseconds(600_001));
        await connection.SendAsync(
            """{"type":"heartbeat","sequence":1,"last_trade_id":1,"product_id":"A-USD","time":"2026-01-01T00:00:00Z"}""");

        // The backoff's wait is a second at most; the time for the handshake is not used up meanwhile.
        await run.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(100), () => venue.Handshakes.Count == 2, "a second handshake");
        Assert.Equal(Subscribe("A-USD"), await SubscribedAsync(await venue.AcceptAsync()));
        Assert.Equal((1, 1), (run.Metrics.Live("reconnects"), run.Metrics.Live("reconnects", "unanswered")));

        async Task<string?> SubscribedAsync(FakeConnection second)
        {
            var asked = second.ReceiveAsync();
            await run.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(100), () => asked.IsCompleted, "a subscription"); // at its pace
            return await asked;
        }
    }

    [Fact]
    public async Task Last_match_is_passed_only_where_a_reconnect_lost_it()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, CoinbasePage([6, 7])));
        await using var run = new LiveRun(venue, "coinbase", "btc-usd").Start();
        var connection = await venue.AcceptAsync();
        await connection.SendAsync(Match(1, "last_match"), Match(2), Match(3));
        Assert.Equal([2, 3], await run.IdsAsync(2));

        await Reconnect(Match(3, "last_match"), Match(4)); // nothing happened meanwhile
        Assert.Equal([2, 3, 4], await run.IdsAsync(3));
        await Reconnect(Match(5, "last_match"), Match(6)); // one trade did
        Assert.Equal([2, 3, 4, 5, 6], await run.IdsAsync(5));
        await Reconnect(Match(8, "last_match"), Match(9)); // two did

        Assert.Equal(Range(2, 9).Select(id => Tick(id, "BTC-USD", "coinbase")), await run.TicksAsync(8));
        Assert.Equal((1, 1), (run.Metrics.Live("duplicates"), run.Metrics.Live("refilled")));

        async Task Reconnect(params string[] messages)
        {
            connection.Drop();
            connection = await venue.AcceptAsync();
            await connection.SendAsync(messages);
        }
    }

    [Fact]
    public async Task Last_match_lost_before_the_first_trade_is_passed_too()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "coinbase", "btc-usd").Start();
        var connection = await venue.AcceptAsync();
        await connection.SendAsync(Match(1, "last_match"), "broken");
        await run.UntilAsync(() => run.Metrics.Live("broken") == 1, () => "the first is taken");
        connection.Drop();

        await (await venue.AcceptAsync()).SendAsync(Match(2, "last_match"));

        Assert.Equal([2], await run.IdsAsync(1));
    }

    [Fact]
    public async Task Snapshot_is_passed_only_as_far_as_a_reconnect_lost_it()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "kraken", "btc/usd").Start();
        var first = await venue.AcceptAsync();
        await first.SendAsync(Kraken("snapshot", [.. Range(1, 50)]), Kraken("update", 51, 52));
        Assert.Equal([51, 52], await run.IdsAsync(2));
        first.Drop();

        var second = await venue.AcceptAsync();
        await second.SendAsync(Kraken("snapshot", [.. Range(6, 55)]), Kraken("update", 56));

        Assert.Equal(Range(51, 56).Select(id => Tick(id, "BTC/USD", "kraken")), await run.TicksAsync(6));
        Assert.Equal((47, 0), (run.Metrics.Live("duplicates"), venue.Requests.Count));
    }

    private static string Subscribe(params string[] symbols) =>
        $$"""{"type":"subscribe","product_ids":["{{string.Join("\",\"", symbols)}}"],"channels":["matches","heartbeat"]}""";
}
