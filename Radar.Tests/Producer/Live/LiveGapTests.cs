using Radar.Producer;
using Radar.Tests.Fixtures;
using static Radar.Tests.Producer.Live.VenueMessages;

namespace Radar.Tests.Producer.Live;

/// <summary>Trades that a connection lost are requested, put in their place, and logged where they are not available.</summary>
public sealed class LiveGapTests
{
    [Fact]
    public async Task Gap_on_coinbase_is_read_backwards_page_by_page_and_passed_in_order()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = request =>
        {
            long after = long.Parse(request.Query["after"]!, null);
            return Task.FromResult((200, CoinbasePage(Range(Math.Max(1, after - 1000), after - 1))));
        };
        await using var run = new LiveRun(venue, "coinbase", "btc-usd").Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Match(1), Match(2503), Match(2504));

        Assert.Equal(Range(1, 2504).Select(id => Tick(id, "BTC-USD", "coinbase")), await run.TicksAsync(2504));
        Assert.Equal(
            ["/products/BTC-USD/trades?after=2503&limit=1000", "/products/BTC-USD/trades?after=1503&limit=1000",
                "/products/BTC-USD/trades?after=503&limit=1000"],
            venue.Requests);
        Assert.Equal((2501, 0), (run.Metrics.Live("refilled"), run.Metrics.Live("missed")));
    }

    [Fact]
    public async Task Gap_on_kraken_after_a_reconnect_is_read_on_from_the_last_trade_and_ids_left_out_are_not_missed()
    {
        await using var venue = await FakeVenue.StartAsync();
        long[] all = [.. Range(1, 2000).Where(id => id % 10 != 5)];
        venue.Rest = request =>
        {
            long since = long.Parse(request.Query["since"]!, null);
            return Task.FromResult((200, KrakenPage([.. all.Where(id => Ms(id) * 1_000_000 > since).Take(1000)])));
        };
        await using var run = new LiveRun(venue, "kraken", "btc/usd").Start();
        var first = await venue.AcceptAsync();
        await first.SendAsync(Kraken("update", 1), Kraken("update", 4, 6));
        await run.TicksAsync(3); // 5 is left out, and so may 2 and 3 be, for all that this connection shows
        first.Drop();

        var second = await venue.AcceptAsync();
        await second.SendAsync(Kraken("snapshot", [.. all.Where(id => id is > 1900 and < 1951)]), Kraken("update", 1952, 1954));

        long[] expected = [1, 4, .. all.Where(id => id is >= 6 and < 1951), 1952, 1954];
        Assert.Equal(expected.Select(id => Tick(id, "BTC/USD", "kraken")), await run.TicksAsync(expected.Length));
        Assert.Equal(0, run.Metrics.Live("missed"));
        Assert.Equal(
            [$"/0/public/Trades?pair=BTCUSD&since={(Ms(6) * 1_000_000) - 1}&count=1000",
                $"/0/public/Trades?pair=BTCUSD&since={Ms(1116) * 1_000_000}&count=1000"],
            venue.Requests);
    }

    [Fact]
    public async Task Gap_that_rest_does_not_reach_is_reported_with_its_ids_and_its_end_is_refilled()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, BinancePage(Range(1001, 2000))));
        await using var run = new LiveRun(venue, "binance", "btcusdt");
        run.Live.Market = "UsdFutures";
        run.Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Futures(10), Futures(1500));

        Assert.Equal([10, .. Range(1001, 1500)], await run.IdsAsync(501));
        Assert.Equal((499, 990), (run.Metrics.Live("refilled"), run.Metrics.Live("missed")));
        Assert.Contains("binance-usdm: 990 trades of BTCUSDT are missed for good: 11–1000; 499 were refilled", run.LogText,
            StringComparison.Ordinal);
        Assert.Equal(["/fapi/v1/trades?symbol=BTCUSDT&limit=1000"], venue.Requests);
    }

    [Fact]
    public async Task Gap_without_rest_is_reported_and_what_follows_is_passed()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "binance", "btcusdt");
        run.Live.RestUrl = "";
        run.Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1), Spot(3), Spot(4), Spot(7));

        Assert.Equal([1, 3, 4, 7], await run.IdsAsync(4));
        Assert.Equal((3, 0), (run.Metrics.Live("missed"), venue.Requests.Count));
        Assert.Contains("1 trades of BTCUSDT are missed for good: 2; 0 were refilled", run.LogText, StringComparison.Ordinal);
        Assert.Contains("2 trades of BTCUSDT are missed for good: 5–6; 0 were refilled", run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refill_of_one_symbol_holds_back_that_symbol_only()
    {
        await using var venue = await FakeVenue.StartAsync();
        var answer = new TaskCompletionSource<(int, string)>();
        venue.Rest = _ => answer.Task;
        await using var run = new LiveRun(venue, "binance", "btcusdt", "ethusdt");
        run.Live.HeldTicksMax = 4;
        run.Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1), Spot(1, "ETHUSDT"), Spot(3), Spot(4), Spot(2, "ETHUSDT"), Spot(5), Spot(3, "ETHUSDT"));
        var ticks = await run.TicksAsync(4);
        Assert.Equal(["BTCUSDT1", "ETHUSDT1", "ETHUSDT2", "ETHUSDT3"], ticks.Select(tick => tick.Symbol + tick.TradeId));
        answer.SetResult((200, BinancePage([2])));

        ticks = await run.TicksAsync(8);
        Assert.Equal(["BTCUSDT2", "BTCUSDT3", "BTCUSDT4", "BTCUSDT5"], ticks.Skip(4).Select(tick => tick.Symbol + tick.TradeId));
    }

    [Fact]
    public async Task Gap_within_what_waits_for_a_gap_is_refilled_after_it()
    {
        await using var venue = await FakeVenue.StartAsync();
        var answer = new TaskCompletionSource<(int, string)>();
        venue.Rest = async request =>
        {
            await answer.Task;
            return (200, BinancePage([long.Parse(request.Query["fromId"]!, null)]));
        };
        await using var run = new LiveRun(venue, "binance", "btcusdt").Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1), Spot(3), Spot(5), Spot(5), Spot(6));
        answer.SetResult(default);

        Assert.Equal(Range(1, 6), await run.IdsAsync(6));
        Assert.Equal((2, 1), (run.Metrics.Live("refilled"), run.Metrics.Live("duplicates")));
    }

    [Fact]
    public async Task Trade_off_the_order_book_takes_its_id_and_is_not_passed()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "binance", "btcusdt");
        run.Live.Market = "UsdFutures";
        run.Producer.SymbolFormat = "{venue}:{symbol}";
        run.Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Futures(1), Futures(2, "ADL"), Futures(3));

        Assert.Equal(
            [Tick(1, "BINANCE-USDM:BTCUSDT", "binance-usdm"), Tick(3, "BINANCE-USDM:BTCUSDT", "binance-usdm")], await run.TicksAsync(2));
        Assert.Equal((0, 0), (venue.Requests.Count, run.Metrics.Live("missed")));
    }

    [Theory]
    [InlineData("""{"stream":"btcusdt@trade","data":{"e":"trade","s":"BTCUSDT","t":2,"p":"1""", "not JSON, or cut off")]
    [InlineData("""{"e":"trade","E":1,"s":"BTCUSDT","t":2,"p":"NaN","q":"1","T":1700000000000,"m":true}""", "a trade with no price")]
    [InlineData("""{"hello":"world"}""", "not a message that the venue is known to send")]
    [InlineData("[1,", "not JSON, or cut off")]
    [InlineData("", "not JSON, or cut off")]
    public async Task Broken_message_is_counted_and_logged_and_its_trade_refilled_while_the_connection_goes_on(string message, string fault)
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, BinancePage([2])));
        await using var run = new LiveRun(venue, "binance", "btcusdt").Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1), message, Spot(3));

        Assert.Equal([1, 2, 3], await run.IdsAsync(3));
        Assert.Equal((1, 0), (run.Metrics.Live("broken"), run.Metrics.Live("reconnects")));
        Assert.Contains($"a message is left out: {fault}.", run.LogText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("coinbase", """{"type":"error","message":"\ud800"}""")]
    [InlineData("kraken", """{"error":"\ud800","method":"subscribe"}""")]
    public async Task Complaint_whose_text_is_none_is_a_broken_message(string source, string message)
    {
        await using var venue = await FakeVenue.StartAsync();
        bool isCoinbase = source == "coinbase";
        await using var run = new LiveRun(venue, source, isCoinbase ? "btc-usd" : "btc/usd").Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(message, isCoinbase ? Match(1) : Kraken("update", 1));

        Assert.Equal([1], await run.IdsAsync(1));
        Assert.Equal((1, 0), (run.Metrics.Live("broken"), run.Metrics.Live("reconnects")));
    }

    [Fact]
    public async Task Trade_far_ahead_of_the_clock_is_broken_and_does_not_hide_those_after_it()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, BinancePage([2])));
        await using var run = new LiveRun(venue, "binance", "btcusdt").Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1), Spot(2).Replace($"\"T\":{Ms(2)}", "\"T\":9999999999999", StringComparison.Ordinal), Spot(3));

        Assert.Equal([1, 2, 3], await run.IdsAsync(3));
        Assert.Equal((1, 0), (run.Metrics.Live("broken"), run.Metrics.Live("missed")));
        Assert.Contains("a trade whose time lies ahead of this machine's clock", run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broken_message_makes_a_jump_of_krakens_ids_a_gap()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, KrakenPage([1, 2, 4])));
        await using var run = new LiveRun(venue, "kraken", "btc/usd").Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Kraken("update", 1), Kraken("update", 2)[..50], Kraken("update", 4));

        Assert.Equal([1, 2, 4], await run.IdsAsync(3));
        Assert.Equal((1, 1, 0), (run.Metrics.Live("broken"), run.Metrics.Live("refilled"), run.Metrics.Live("missed")));
    }

    [Fact]
    public async Task Kafka_that_is_slow_slows_the_reading()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "binance", "btcusdt");
        run.Live.QueueTicksMax = 10;
        using var source = run.Create();
        source.Open();
        var ticks = new Radar.Market.Tick[1];
        var reading = source.ReadAsync(ticks, run.Stop.Token).AsTask();
        var connection = await venue.AcceptAsync();
        await connection.SendAsync([.. Range(1, 12).Select(id => Spot(id)), .. Enumerable.Repeat(Spot(1), 1000)]);
        await reading;

        // One was read, ten are queued, the twelfth waits: the duplicates behind it are not looked at.
        await Wait.UntilAsync(() => source.WaitsForReader, "the feed waits");
        Assert.Equal(0, run.Metrics.Live("duplicates"));

        for (long id = 2; id <= 12; id++)
        {
            Assert.Equal(1, await source.ReadAsync(ticks, run.Stop.Token));
            Assert.Equal(id, ticks[0].TradeId.Number);
        }

        await run.UntilAsync(() => run.Metrics.Live("duplicates") == 1000, () => "duplicates");

        // The feed ends with the reading; it would go on for ever otherwise, and connect to the process that gets the venue's port.
        var last = source.ReadAsync(ticks, run.Stop.Token).AsTask();
        await run.Stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => last);
    }
}
