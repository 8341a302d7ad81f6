using Microsoft.Extensions.Time.Testing;
using Radar.Producer;
using static Radar.Tests.Producer.Live.VenueMessages;

namespace Radar.Tests.Producer.Live;

/// <summary>Connections that end, in all ways, cost no trade and no order.</summary>
public sealed class LiveReconnectTests
{
    [Fact]
    public async Task Drop_in_the_middle_of_a_message_is_followed_by_a_new_connection_and_the_missing_trades()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, BinancePage(Range(3, 7))));
        await using var run = new LiveRun(venue, "binance", "btcusdt").Start();
        var first = await venue.AcceptAsync();
        await first.SendAsync(Spot(1), Spot(2));
        await first.SendPartAsync(Spot(3)[..40]);
        await run.TicksAsync(2);

        first.Drop();
        var second = await venue.AcceptAsync();
        await second.SendAsync(Spot(2), Spot(8), Spot(9));

        Assert.Equal(Range(1, 9).Select(id => Tick(id, "BTCUSDT", "binance")), await run.TicksAsync(9));
        Assert.Equal((1, 5, 1, 0), (run.Metrics.Live("reconnects", "dropped"), run.Metrics.Live("refilled"), run.Metrics.Live("duplicates"),
            run.Metrics.Live("missed")));
        Assert.Equal(["/api/v3/historicalTrades?symbol=BTCUSDT&fromId=3&limit=1000"], venue.Requests);
        Assert.Equal(["/stream?streams=btcusdt@trade", "/stream?streams=btcusdt@trade"], venue.Handshakes);
    }

    [Fact]
    public async Task Close_by_the_venue_is_followed_by_a_new_connection()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "binance", "btcusdt").Start();
        var first = await venue.AcceptAsync();
        await first.SendAsync(Spot(1));
        await first.CloseAsync();

        var second = await venue.AcceptAsync();
        await second.SendAsync(Spot(2));

        Assert.Equal([1, 2], await run.IdsAsync(2));
        Assert.Equal(1, run.Metrics.Live("reconnects", "closed"));
        Assert.Contains("EndpointUnavailable going away", run.LogText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("binance", "btcusdt", 60)]
    [InlineData("coinbase", "btc-usd", 10)]
    [InlineData("kraken", "btc/usd", 10)]
    public async Task Silence_past_the_heartbeat_is_followed_by_a_new_connection(string source, string symbol, int seconds)
    {
        var time = new FakeTimeProvider(Now);
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, source, symbol) { Time = time };
        run.Live.SilenceMs = 0;
        run.Start();
        var first = await venue.AcceptAsync();
        await first.SendAsync(Message(source, 1));
        await run.TicksAsync(1);
        var received = time.GetUtcNow();

        FakeConnection? second = null;
        await run.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => venue.TryAccept(out second), "a new connection");

        Assert.True(time.GetUtcNow() - received >= TimeSpan.FromSeconds(seconds), $"after {time.GetUtcNow() - received}");
        Assert.Equal((1, 1), (run.Metrics.Live("reconnects"), run.Metrics.Live("reconnects", "silent")));
        await second!.SendAsync(Message(source, 2));
        Assert.Equal([1, 2], await run.IdsAsync(2));
    }

    [Fact]
    public async Task Ping_is_answered_with_its_payload_and_breaks_the_silence()
    {
        var time = new FakeTimeProvider(Now);
        await using var venue = await FakeVenue.StartAsync(isRaw: true);
        await using var run = new LiveRun(venue, "binance", "btcusdt") { Time = time };
        run.Live.SilenceMs = 0;
        run.Start();
        var connection = await venue.AcceptAsync();
        for (int i = 0; i < 10; i++)
        {
            time.Advance(TimeSpan.FromSeconds(50)); // of the 60 that are allowed
            await connection.Raw.WriteAsync(new byte[] { 0x89, 3, (byte)'a', (byte)'b', (byte)('0' + i) });
            byte[] pong = await PongAsync(connection.Raw);

            Assert.Equal([0x8A, 0x83], pong[..2]);
            Assert.Equal("ab" + i, string.Concat(pong[6..].Select((masked, at) => (char)(masked ^ pong[2 + at]))));
        }

        Assert.Equal(0, run.Metrics.Live("reconnects"));
        connection.Drop();
    }

    [Fact]
    public async Task Server_that_is_about_to_shut_down_is_read_until_its_successor_has_taken_over()
    {
        var time = new FakeTimeProvider(Now);
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "binance", "btcusdt") { Time = time };
        run.Live.OverlapMs = 60_000;
        run.Start();
        var (first, second) = (await venue.AcceptAsync(), default(FakeConnection));
        await first.SendAsync(Spot(1), Shutdown, Spot(2), Shutdown);
        await run.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => venue.TryAccept(out second), "a successor");
        await second!.SendAsync(Spot(2), Spot(3), Spot(4), Spot(5));
        await first.SendAsync(Spot(3), Spot(4));
        Assert.Equal(Range(1, 4), await run.IdsAsync(4));

        var closed = first.ReceiveAsync();
        await run.AdvanceUntilAsync(time, TimeSpan.FromSeconds(10), () => closed.IsCompleted, "the first closed");
        Assert.Null(await closed); // politely
        await second.SendAsync(Spot(6));

        Assert.Equal(Range(1, 6), await run.IdsAsync(6));
        Assert.Equal((1, 1), (run.Metrics.Live("reconnects"), run.Metrics.Live("reconnects", "shutdown")));
        Assert.Equal((3, 0, 0), (run.Metrics.Live("duplicates"), run.Metrics.Live("refilled"), venue.Requests.Count));
    }

    [Fact]
    public async Task Server_that_shuts_down_before_its_successor_stands_loses_nothing()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, BinancePage([2])));
        venue.Refusals.Enqueue((503, null));
        await using var run = new LiveRun(venue, "binance", "btcusdt");
        run.Start();
        await run.UntilLoggedAsync("HTTP 503");
        var first = await venue.AcceptAsync();
        venue.Refusals.Enqueue((503, null));
        await first.SendAsync(Spot(1), Shutdown);
        await run.UntilAsync(() => venue.Refusals.IsEmpty, () => "a second refusal");
        first.Drop();

        var second = await venue.AcceptAsync();
        await second.SendAsync(Spot(3));

        Assert.Equal(Range(1, 3), await run.IdsAsync(3));
    }

    [Fact]
    public async Task Connection_is_replaced_before_binance_cuts_it_after_a_day()
    {
        var time = new FakeTimeProvider(Now);
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "binance", "btcusdt") { Time = time }.Start();
        var first = await venue.AcceptAsync();
        long id = 0;
        for (int halfHours = 0; halfHours < 46; halfHours++)
        {
            await first.SendAsync(Spot(++id));
            await run.TicksAsync((int)id);
            Assert.Single(venue.Handshakes);
            time.Advance(TimeSpan.FromMinutes(30));
        }

        var second = await venue.AcceptAsync();
        await second.SendAsync(Spot(id), Spot(id + 1), Spot(id + 2), Spot(id + 3));
        await first.SendAsync(Spot(id + 1), Spot(id + 2));
        await run.TicksAsync((int)id + 2);
        await run.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => run.Count() > id + 2, "the successor's trade");
        Assert.Equal(Range(1, id + 3), await run.IdsAsync((int)id + 3));
        Assert.Equal((1, 1), (run.Metrics.Live("reconnects"), run.Metrics.Live("reconnects", "lifetime")));
        Assert.Equal((3, 0), (run.Metrics.Live("duplicates"), venue.Requests.Count));
    }

    [Fact]
    public async Task Waits_grow_while_the_venue_refuses()
    {
        const int Refusals = 10; // the limits of the waits are 1, 2, 4 … 512 s
        var time = new FakeTimeProvider(Now);
        await using var venue = await FakeVenue.StartAsync();
        for (int i = 0; i < Refusals; i++)
            venue.Refusals.Enqueue((500, null));
        await using var run = new LiveRun(venue, "binance", "btcusdt") { Time = time };
        run.Live.BackoffMaxMs = 3_600_000;
        run.Live.ConnectTimeoutMs = int.MaxValue; // time runs while the client connects, too
        run.Start();

        await run.UntilAsync(
            () =>
            {
                // Only after the wait has begun.
                if (run.Metrics.Live("reconnects", "refused") == venue.Handshakes.Count)
                    time.Advance(TimeSpan.FromSeconds(30));
                return venue.TryAccept(out _);
            },
            () => "a connection");

        // A wait is anything below its limit. That all of the last five are below 10 s has a chance of 3 in a million, if the limits do
        // grow.
        long[] waits = [.. run.Log.Lines.Where(line => line.Contains("next attempt in", StringComparison.Ordinal))
            .Select(line => long.Parse(line.Split("next attempt in ")[1].Split(' ')[0],
                System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(Refusals, waits.Length);
        Assert.InRange(waits.Max(), 10_000, 512_000);
        Assert.All(waits, (wait, i) => Assert.InRange(wait, 0, 1_000 << i));
    }

    [Fact]
    public async Task Venue_that_asks_to_wait_is_left_alone_for_that_long()
    {
        var time = new FakeTimeProvider(Now);
        await using var venue = await FakeVenue.StartAsync();
        venue.Refusals.Enqueue((429, "120"));
        venue.Refusals.Enqueue((418, null));
        venue.Refusals.Enqueue((500, null));
        await using var run = new LiveRun(venue, "binance", "btcusdt") { Time = time }.Start();

        var waits = new List<TimeSpan>();
        FakeConnection? connection = null;
        var since = time.GetUtcNow();
        await run.UntilAsync(() => !venue.Handshakes.IsEmpty, () => "a handshake");
        int seen = 1;
        await run.UntilAsync(
            () =>
            {
                if (venue.Handshakes.Count > seen)
                {
                    waits.Add(time.GetUtcNow() - since);
                    (since, seen) = (time.GetUtcNow(), seen + 1);
                }

                // Only after the wait has begun.
                if (run.Metrics.Live("reconnects", "refused") == seen)
                    time.Advance(TimeSpan.FromSeconds(1));
                return venue.TryAccept(out connection);
            },
            () => "a connection");

        Assert.True(waits[0] >= TimeSpan.FromSeconds(120), $"{waits[0]}");
        Assert.True(waits[1] >= TimeSpan.FromSeconds(10), $"{waits[1]}");
        await connection!.SendAsync(Spot(1));
        await run.TicksAsync(1);
        Assert.Equal(3, run.Metrics.Live("reconnects", "refused"));
        Assert.Contains("(HTTP 429)", run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_that_is_too_large_ends_its_connection_and_no_trade_is_lost()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((200, BinancePage([2])));
        await using var run = new LiveRun(venue, "binance", "btcusdt");
        run.Live.MessageBytesMax = 1024;
        run.Start();
        var first = await venue.AcceptAsync();
        string padded = Spot(1).PadRight(1024);
        await first.SendAsync(padded, Spot(2).PadRight(1025));

        var second = await venue.AcceptAsync();
        await second.SendAsync(Spot(3));

        Assert.Equal([1, 2, 3], await run.IdsAsync(3));
        Assert.Equal(1, run.Metrics.Live("reconnects", "oversized"));
        Assert.Contains("MessageBytesMax", run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_closes_the_connection_politely()
    {
        await using var venue = await FakeVenue.StartAsync();
        var time = new FakeTimeProvider(Now); // nothing is hurried, or the farewell would have 3 ms
        await using var run = new LiveRun(venue, "binance", "btcusdt") { Time = time }.Start();
        var connection = await venue.AcceptAsync();
        await connection.SendAsync(Spot(1));
        await run.TicksAsync(1);

        await run.Stop.CancelAsync();

        Assert.Null(await connection.ReceiveAsync());
    }

    /// <summary>
    /// The client's next frame that is not a ping: of those it sends one of its own, whenever 15 s of the machine's time are over.
    /// </summary>
    private static async Task<byte[]> PongAsync(Stream raw)
    {
        while (true)
        {
            var head = new byte[2];
            await raw.ReadExactlyAsync(head).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            var maskAndPayload = new byte[4 + (head[1] & 0x7F)];
            await raw.ReadExactlyAsync(maskAndPayload).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            if (head[0] != 0x89)
                return [.. head, .. maskAndPayload];
        }
    }

    private static string Message(string source, long id) => source switch
    {
        "binance" => Spot(id),
        "coinbase" => Match(id),
        _ => Kraken("update", id),
    };
}
