using System.Net;
using Microsoft.Extensions.Time.Testing;
using Radar.Client;
using Radar.Client.Streaming;
using Radar.Tests.Fixtures;
using static Radar.Tests.Client.ApiCall;

namespace Radar.Tests.Client;

/// <summary>Streams from an API that misbehaves.</summary>
public sealed class StreamTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Event_that_was_cut_off_is_heard_once_and_whole_after_the_stream_is_resumed(bool abort)
    {
        await using var api = await MisbehavingApi.StartAsync(
            async call =>
            {
                await call.SendAsync(Snapshot("a"), Trade(1, "b"), Trade(2, "c")[..^1]); // whole but for the empty line that ends it
                if (abort)
                {
                    await call.HoldAsync(); // until the test has heard the first
                }
            },
            async call =>
            {
                await call.SendAsync(Trade(2, "c"), Trade(3, "d"));
                await call.HoldAsync();
            });
        await using var trades = api.Client().StreamTradesAsync(["X"]).GetAsyncEnumerator();

        Assert.Equal(1, (await NextAsync(trades)).Price);
        var first = await api.CallAsync();
        if (abort)
            first.Abort();
        Assert.Equal(2, (await NextAsync(trades)).Price);
        Assert.Equal(3, (await NextAsync(trades)).Price);
        Assert.Null(first.LastEventId);
        Assert.Equal("/api/v2/stream?symbols=X&channels=trades", first.Target);
        Assert.Equal("b", (await api.CallAsync()).LastEventId);
    }

    [Fact]
    public async Task Announced_stop_is_awaited_exactly_as_long_as_the_API_says()
    {
        var time = new FakeTimeProvider();
        await using var api = await MisbehavingApi.StartAsync(call => call.SendAsync(
            Snapshot("a"), "retry: 1500\n" + Event("shutdown", """{"retry_ms":1500}""")));
        await using var stream = api.Client(time).StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();
        await HearAsync<SnapshotEvent>(stream);
        await api.CallAsync();

        var interrupted = await HearAsync<StreamInterrupted>(stream);
        var next = stream.MoveNextAsync().AsTask();

        Assert.Equal((TimeSpan.FromMilliseconds(1500), 0), (interrupted.RetryIn, interrupted.Attempts));
        time.Advance(TimeSpan.FromMilliseconds(1499));
        Assert.Equal(1, api.Count);
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("a", (await api.CallAsync()).LastEventId);
        await AbandonAsync(api, next);
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task Refusal_that_passes_is_tried_again_after_what_it_asks_for_and_a_random_part(HttpStatusCode status)
    {
        var time = new FakeTimeProvider();
        await using var api = await MisbehavingApi.StartAsync(
            call => call.AnswerAsync(
                (int)status, "application/problem+json", """{"title":"No","status":0,"detail":"All streams are taken."}""", ("Retry-After", "7")),
            async call =>
            {
                await call.SendAsync(Snapshot("a"));
                await call.HoldAsync();
            });
        await using var stream = api.Client(time, options => options.ReconnectDelayMaxMs = 500).StreamAsync(StreamChannels.Trades)
            .GetAsyncEnumerator();

        var interrupted = await HearAsync<StreamInterrupted>(stream);

        Assert.InRange(interrupted.RetryIn, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(7.5));
        Assert.Contains("All streams are taken.", interrupted.Reason, StringComparison.Ordinal);
        Assert.Equal(1, interrupted.Attempts);
        await api.CallAsync();
        var connected = HearAsync<StreamConnected>(stream);
        time.Advance(interrupted.RetryIn);
        await api.CallAsync();
        Assert.False((await connected).Resumes);
    }

    [Fact]
    public async Task Wait_that_the_stream_asked_for_precedes_the_next_attempt()
    {
        var time = new FakeTimeProvider();
        await using var api = await MisbehavingApi.StartAsync(call => call.SendAsync("retry: 3000\n\n", Snapshot("a")));
        await using var stream = api.Client(time, options => options.ReconnectDelayMaxMs = 500).StreamAsync(StreamChannels.Trades)
            .GetAsyncEnumerator();

        var interrupted = await HearAsync<StreamInterrupted>(stream);

        Assert.InRange(interrupted.RetryIn, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3.5));
    }

    [Fact]
    public async Task Reset_is_a_gap_in_the_general_stream_and_trades_go_on_behind_it()
    {
        Func<ApiCall, Task> answer = async call =>
        {
            await call.SendAsync(Snapshot("a"), Trade(1, "b"), Event("reset", """{"reason":"the state was rebuilt"}"""));
            await call.SendAsync(Snapshot("c", Item("X", 9)), Trade(10, "d"));
            await call.HoldAsync();
        };
        await using var api = await MisbehavingApi.StartAsync(answer, answer);
        await using var stream = api.Client().StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();

        await HearAsync<TradeEvent>(stream);
        var gap = await NextAsync(stream);
        var snapshot = await NextAsync(stream);
        var trade = await NextAsync(stream);

        Assert.Equal(("the state was rebuilt", "b"), (Assert.IsType<StreamGap>(gap).Reason, gap.Id));
        Assert.Equal((9, "c"), (Assert.IsType<SnapshotEvent>(snapshot).Tickers.Single().Price, snapshot.Id));
        Assert.Equal((10, "d"), (Assert.IsType<TradeEvent>(trade).Trade.Price, trade.Id));

        var signals = new List<StreamSignal>();
        await using var trades = api.Client().StreamTradesAsync(onSignal: signals.Add).GetAsyncEnumerator();
        Assert.Equal([1, 10], [(await NextAsync(trades)).Price, (await NextAsync(trades)).Price]);
        Assert.Equal([new StreamConnected(false), new StreamGap("the state was rebuilt") { Id = "b" }], signals);
    }

    [Fact]
    public async Task Snapshot_in_answer_to_an_id_is_a_gap()
    {
        Func<ApiCall, Task> answer = call => call.SendAsync(Snapshot("a"), Trade(1, "b"));
        await using var api = await MisbehavingApi.StartAsync(answer, answer);
        await using var stream = api.Client().StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();

        await HearAsync<StreamInterrupted>(stream);

        Assert.True(Assert.IsType<StreamConnected>(await NextAsync(stream)).Resumes);
        Assert.IsType<StreamGap>(await NextAsync(stream));
        Assert.IsType<SnapshotEvent>(await NextAsync(stream));
        Assert.IsType<TradeEvent>(await NextAsync(stream));
    }

    [Fact]
    public async Task Reset_in_answer_to_an_id_is_one_gap_together_with_its_snapshot()
    {
        await using var api = await MisbehavingApi.StartAsync(async call =>
        {
            await call.SendAsync(Event("reset", """{"reason":"another topic"}"""), Snapshot("b"), Trade(1, "c"));
            await call.HoldAsync();
        });
        await using var stream = api.Client().StreamAsync(StreamChannels.Trades, since: "a").GetAsyncEnumerator();

        Assert.IsType<StreamConnected>(await NextAsync(stream));
        Assert.Equal(new StreamGap("another topic") { Id = "a" }, await NextAsync(stream));
        Assert.IsType<SnapshotEvent>(await NextAsync(stream));
        Assert.IsType<TradeEvent>(await NextAsync(stream));
    }

    [Fact]
    public async Task Stream_that_begins_behind_an_id_hears_no_gap_where_the_API_goes_on_from_there()
    {
        await using var api = await MisbehavingApi.StartAsync(async call =>
        {
            await call.SendAsync(Trade(1, "b"));
            await call.HoldAsync();
        });
        await using var stream = api.Client().StreamAsync(StreamChannels.Trades, since: "a").GetAsyncEnumerator();

        Assert.Equal(new StreamConnected(true) { Id = "a" }, await NextAsync(stream));
        Assert.Equal("b", Assert.IsType<TradeEvent>(await NextAsync(stream)).Id);
        Assert.Equal("a", (await api.CallAsync()).LastEventId);
    }

    [Fact]
    public async Task Silence_past_the_limit_is_a_lost_connection_and_a_heartbeat_before_it_none()
    {
        var time = new FakeTimeProvider();
        await using var api = await MisbehavingApi.StartAsync(async call =>
        {
            await call.SendAsync(Snapshot("a"));
            await call.HoldAsync();
        });
        await using var stream = api.Client(time, options => options.StreamSilenceMs = 15_000).StreamAsync(StreamChannels.Trades)
            .GetAsyncEnumerator();
        await HearAsync<SnapshotEvent>(stream);
        var first = await api.CallAsync();

        for (int beat = 0; beat < 3; beat++)
        {
            var heard = stream.MoveNextAsync().AsTask();
            Assert.False(heard.IsCompleted);
            time.Advance(TimeSpan.FromMilliseconds(14_999));
            await first.SendAsync(Event("heartbeat", """{"t":"2024-08-09T12:00:00.000Z","lag_ms":null,"stale":true}""", "a"));
            Assert.True(await heard);
            Assert.Equal(new StreamHeartbeat(new DateTimeOffset(2024, 8, 9, 12, 0, 0, TimeSpan.Zero), null, true) { Id = "a" },
                stream.Current);
        }

        var lost = stream.MoveNextAsync().AsTask();
        time.Advance(TimeSpan.FromMilliseconds(15_000));
        Assert.True(await lost);
        var interrupted = Assert.IsType<StreamInterrupted>(stream.Current);
        Assert.Contains("15 s", interrupted.Reason, StringComparison.Ordinal);
        await first.Gone;
        Assert.Equal(1, api.Count);
        lost = stream.MoveNextAsync().AsTask();
        time.Advance(interrupted.RetryIn);
        Assert.Equal("a", (await api.CallAsync()).LastEventId);
        await AbandonAsync(api, lost);
    }

    [Fact]
    public async Task Request_that_is_never_answered_is_given_up_after_the_silence_too()
    {
        var time = new FakeTimeProvider();
        await using var api = await MisbehavingApi.StartAsync();
        await using var stream = api.Client(time).StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();

        var lost = stream.MoveNextAsync().AsTask();
        await api.CallAsync();
        time.Advance(TimeSpan.FromSeconds(15));

        Assert.True(await lost);
        Assert.Contains("15 s", Assert.IsType<StreamInterrupted>(stream.Current).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reader_who_takes_his_time_is_no_silence_of_the_API()
    {
        var time = new FakeTimeProvider();
        await using var api = await MisbehavingApi.StartAsync(async call =>
        {
            await call.SendAsync(Snapshot("a"));
            await call.HoldAsync();
        });
        await using var stream = api.Client(time).StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();
        await HearAsync<SnapshotEvent>(stream);

        time.Advance(TimeSpan.FromHours(1));
        await (await api.CallAsync()).SendAsync(Trade(1, "b"));

        Assert.IsType<TradeEvent>(await NextAsync(stream));
        Assert.Equal(1, api.Count);
    }

    [Theory]
    [InlineData("event: trade\ndata: {\"symbol\":\"X\",\"p\":\n\n")]
    [InlineData("event: trade\ndata: {\"symbol\":\"X\",\"t\":\"2024-08-09T12:00:00.000Z\",\"s\":1,\"i\":1,\"side\":null,\"venue\":null}\n\n")] // no price
    [InlineData("event: heartbeat\ndata: {\"t\":\"yesterday\",\"lag_ms\":1,\"stale\":true}\n\n")]
    [InlineData("event: shutdown\ndata: null\n\n")]
    [InlineData("event: trade\ndata: \n\n")]
    public async Task Event_that_cannot_be_read_breaks_the_connection_and_the_stream_goes_on_behind_the_last_good_one(string garbage)
    {
        await using var api = await MisbehavingApi.StartAsync(
            async call =>
            {
                await call.SendAsync(Snapshot("a"), Trade(1, "b"), "id: c\n" + garbage, Trade(3, "d"));
                await call.HoldAsync();
            },
            async call =>
            {
                await call.SendAsync(Trade(2, "c"));
                await call.HoldAsync();
            });
        await using var trades = api.Client().StreamTradesAsync().GetAsyncEnumerator();

        Assert.Equal([1, 2], [(await NextAsync(trades)).Price, (await NextAsync(trades)).Price]);
        await (await api.CallAsync()).Gone;
        Assert.Equal("b", (await api.CallAsync()).LastEventId);
    }

    [Fact]
    public async Task What_a_later_version_may_send_is_passed_over()
    {
        await using var api = await MisbehavingApi.StartAsync(async call =>
        {
            await call.SendAsync(
                ": comment\n\n", Snapshot("a"), "unknown: field\n", Event("fireworks", "no JSON", "b"), "data: no event\n\n");
            await call.SendAsync(
                Event("trade", Item("X", 1).Replace("{\"symbol\"", "{\"more\":[1],\"symbol\"", StringComparison.Ordinal), "c"));
            await call.HoldAsync();
        });
        await using var stream = api.Client().StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();
        await HearAsync<SnapshotEvent>(stream);

        Assert.Equal(1, Assert.IsType<TradeEvent>(await NextAsync(stream)).Trade.Price);
    }

    [Fact]
    public async Task Answer_that_is_no_event_stream_is_tried_again()
    {
        await using var api = await MisbehavingApi.StartAsync(
            call => call.AnswerAsync(200, "text/html", "<html>Log in</html>"),
            async call =>
            {
                await call.SendAsync(Snapshot("a"));
                await call.HoldAsync();
            });
        await using var stream = api.Client().StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();

        Assert.Contains("text/html", (await HearAsync<StreamInterrupted>(stream)).Reason, StringComparison.Ordinal);
        await HearAsync<SnapshotEvent>(stream);
    }

    [Fact]
    public async Task Event_without_end_is_given_up_before_it_fills_the_memory()
    {
        await using var api = await MisbehavingApi.StartAsync(
            async call =>
            {
                await call.SendAsync(Snapshot("a"), "event: trade\ndata: ");
                string megabyte = new('x', 1024 * 1024);
                for (int i = 0; i < 2 * WatchedStream.EventBytesMax / megabyte.Length; i++)
                    await call.SendAsync(megabyte);
                await call.HoldAsync();
            },
            async call =>
            {
                await call.SendAsync(Trade(1, "b"));
                await call.HoldAsync();
            });
        await using var stream = api.Client().StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();

        Assert.Contains("bytes", (await HearAsync<StreamInterrupted>(stream)).Reason, StringComparison.Ordinal);
        await HearAsync<TradeEvent>(stream);
    }

    [Fact]
    public async Task Stream_may_bring_any_number_of_bytes_in_events_that_end()
    {
        await using var api = await MisbehavingApi.StartAsync(async call =>
        {
            string megabyte = new('x', 1024 * 1024);
            for (int i = 0; i < 1 + (WatchedStream.EventBytesMax / megabyte.Length); i++)
                await call.SendAsync(Event("fireworks", megabyte));
            await call.SendAsync(Snapshot("a"));
            await call.HoldAsync();
        });
        await using var stream = api.Client().StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();

        Assert.IsType<StreamConnected>(await NextAsync(stream));
        Assert.IsType<SnapshotEvent>(await NextAsync(stream));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task Refusal_that_stays_is_thrown_and_not_tried_again(int status)
    {
        await using var api = await MisbehavingApi.StartAsync(call => call.AnswerAsync(
            status, "application/problem+json", """{"title":"No","detail":"'?' is not a symbol.","parameter":"symbols"}"""));
        await using var stream = api.Client().StreamTickersAsync(["?"]).GetAsyncEnumerator();

        var refused = await Assert.ThrowsAsync<RadarApiException>(async () => await NextAsync(stream));

        Assert.Equal((status, "symbols"), ((int)refused.Status, refused.Parameter));
        Assert.Contains("'?' is not a symbol.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, api.Count);
    }

    [Theory]
    [InlineData(404, "text/html", "<html>default backend</html>")]
    [InlineData(403, "text/plain", "")]
    [InlineData(404, "application/problem+json", """{"title":"Not Found","detail":"There is nothing here."}""")]
    public async Task Refusal_of_a_proxy_does_not_end_a_stream_that_was_there(int status, string type, string body)
    {
        Func<ApiCall, Task> refuse = call => call.AnswerAsync(status, type, body);
        await using var api = await MisbehavingApi.StartAsync(
            call => call.SendAsync(Snapshot("a"), Trade(1, "b")),
            refuse,
            refuse,
            async call =>
            {
                await call.SendAsync(Trade(2, "c"));
                await call.HoldAsync();
            });
        await using var trades = api.Client().StreamTradesAsync().GetAsyncEnumerator();

        Assert.Equal([1, 2], [(await NextAsync(trades)).Price, (await NextAsync(trades)).Price]);
        Assert.Equal(4, api.Count);
    }

    [Fact]
    public async Task Refusal_that_names_a_parameter_ends_also_a_stream_that_was_there()
    {
        await using var api = await MisbehavingApi.StartAsync(
            call => call.SendAsync(Snapshot("a"), Trade(1, "b")),
            call => call.AnswerAsync(400, "application/problem+json", """{"title":"No","detail":"No such channel.","parameter":"channels"}"""));
        await using var trades = api.Client().StreamTradesAsync().GetAsyncEnumerator();
        await NextAsync(trades);

        Assert.Equal("channels", (await Assert.ThrowsAsync<RadarApiException>(async () => await NextAsync(trades))).Parameter);
    }

    [Fact]
    public async Task Refusal_of_a_proxy_before_the_stream_was_there_is_thrown()
    {
        await using var api = await MisbehavingApi.StartAsync(call => call.AnswerAsync(404, "text/html", "<html>"));
        await using var trades = api.Client().StreamTradesAsync().GetAsyncEnumerator();

        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<RadarApiException>(async () => await NextAsync(trades))).Status);
    }

    [Fact]
    public async Task API_that_drops_every_client_at_once_is_asked_less_and_less()
    {
        Func<ApiCall, Task> drop = call => call.SendAsync(Snapshot("a"));
        await using var api = await MisbehavingApi.StartAsync(drop, drop, drop);
        // no connection here holds for so long
        await using var stream = api.Client(configure: options => options.ReconnectDelayMaxMs = 3_600_000)
            .StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();

        for (int attempt = 1; attempt <= 3; attempt++)
            Assert.Equal(attempt, (await HearAsync<StreamInterrupted>(stream)).Attempts);
    }

    [Fact]
    public async Task Cancelled_stream_throws_and_closes_its_connection()
    {
        using var cancel = new CancellationTokenSource();
        await using var api = await MisbehavingApi.StartAsync(async call =>
        {
            await call.SendAsync(Snapshot("a", Item("X", 1)));
            await call.HoldAsync();
        });
        await using var stream = api.Client().StreamTickersAsync(cancellationToken: cancel.Token).GetAsyncEnumerator();
        await NextAsync(stream);

        var pending = stream.MoveNextAsync().AsTask();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pending);
        await (await api.CallAsync()).Gone;
        Assert.Equal(1, api.Count);
    }

    [Fact]
    public async Task Stream_that_is_cancelled_while_it_waits_to_reconnect_throws()
    {
        using var cancel = new CancellationTokenSource();
        await using var api = await MisbehavingApi.StartAsync(call => call.SendAsync(Snapshot("a"), Event("shutdown", """{"retry_ms":60000}""")));
        await using var stream = api.Client(new FakeTimeProvider()).StreamAsync(StreamChannels.Tickers).GetAsyncEnumerator(cancel.Token);
        await HearAsync<StreamInterrupted>(stream);

        var pending = stream.MoveNextAsync().AsTask();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pending);
    }

    [Fact]
    public async Task Cancelled_stream_throws_what_cancelled_streams_throw_whatever_its_handlers_do()
    {
        using var cancel = new CancellationTokenSource();
        using var http = new HttpClient(new BreaksWhenCancelled()) { BaseAddress = new Uri("http://127.0.0.1") };
        await using var stream = new RadarClient(http).StreamAsync(StreamChannels.Tickers).GetAsyncEnumerator(cancel.Token);

        var pending = stream.MoveNextAsync().AsTask();
        await cancel.CancelAsync();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        Assert.Equal(cancel.Token, error.CancellationToken);
    }

    [Fact]
    public async Task Stream_that_is_left_closes_its_connection()
    {
        await using var api = await MisbehavingApi.StartAsync(async call =>
        {
            await call.SendAsync(Snapshot("a", Item("X", 1)));
            await call.HoldAsync();
        });

        await foreach (Ticker ticker in api.Client().StreamTickersAsync())
        {
            Assert.Equal(("X", 1), (ticker.Symbol, ticker.Price));
            break;
        }

        await (await api.CallAsync()).Gone;
    }

    /// <summary>The API tells the tickers of a change before its trades, all with the id from before it.</summary>
    [Fact]
    public async Task Tickers_that_are_told_again_after_an_interruption_are_passed_over_and_trades_alike_are_not()
    {
        string[] bars = [.. new[] { 5, 6 }.Select(close => Event(
            "updated_bar",
            $$"""{"symbol":"A","timeframe":"1Min","t":"2024-08-09T12:00:00.000Z","o":1,"h":9,"l":1,"c":{{close}},"v":1,"n":2,"vw":null}""",
            "a"))];
        await using var api = await MisbehavingApi.StartAsync(
            call => call.SendAsync(Snapshot("a"), Ticker("A", 2, "a"), Ticker("B", 3, "a"), bars[0], Trade(1, "b"), Trade(1, "c")),
            async call =>
            {
                await call.SendAsync(Ticker("A", 2, "c"), Ticker("B", 4, "c"), Ticker("B", 3, "c"), bars[0], bars[1], Trade(1, "d"));
                await call.SendAsync(Event("heartbeat", """{"t":"2024-08-09T12:00:00.000Z","lag_ms":0,"stale":false}""", "d"), Ticker("A", 2, "d"));
                await call.HoldAsync();
            });
        await using var stream = api.Client().StreamAsync(StreamChannels.Tickers | StreamChannels.Trades | StreamChannels.MinuteBars)
            .GetAsyncEnumerator();
        await HearAsync<SnapshotEvent>(stream);

        var heard = new List<string>();
        while (heard.Count < 12)
        {
            heard.Add(await NextAsync(stream) switch
            {
                TickerEvent { Ticker: var ticker } => $"{ticker.Symbol} {ticker.Price}",
                BarEvent { Bar: var bar, IsCorrection: true } => $"bar {bar.Close}",
                TradeEvent => "trade",
                var signal => signal.GetType().Name,
            });
        }

        Assert.Equal(
            [
                "A 2", "B 3", "bar 5", "trade", "trade", nameof(StreamInterrupted), nameof(StreamConnected),
                "B 4", "B 3", "bar 6", "trade", nameof(StreamHeartbeat),
            ],
            heard);
        // a change like another
        Assert.Equal("A 2", await NextAsync(stream) is TickerEvent { Ticker: var last } ? $"{last.Symbol} {last.Price}" : "");
    }

    [Fact]
    public async Task Channels_and_symbols_are_asked_for_by_their_names()
    {
        await using var api = await MisbehavingApi.StartAsync(_ => Task.CompletedTask);
        var every = Enum.GetValues<StreamChannels>().Aggregate((all, one) => all | one);
        await using var stream = api.Client().StreamAsync(every, ["XBT/USD", "b"]).GetAsyncEnumerator();
        await NextAsync(stream);

        Assert.Equal(
            "/api/v2/stream?symbols=XBT/USD,b&channels=tickers,trades,bars.1Min,bars.5Min,bars.15Min,bars.1Hour,bars.1Day",
            (await api.CallAsync()).Target);
        Assert.Throws<ArgumentOutOfRangeException>(() => api.Client().StreamAsync(StreamChannels.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => api.Client().StreamAsync((StreamChannels)256));
        Assert.ThrowsAny<ArgumentException>(() => api.Client().StreamTickersAsync([]));
    }

    private static async Task<T> NextAsync<T>(IAsyncEnumerator<T> stream)
    {
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(RadarPath.Patience));
        return stream.Current;
    }

    /// <summary>The next event of a kind; those before it are passed over.</summary>
    private static async Task<T> HearAsync<T>(IAsyncEnumerator<StreamEvent> stream)
        where T : StreamEvent
    {
        while (true)
        {
            if (await NextAsync(stream) is T heard)
                return heard;
        }
    }

    /// <summary>An enumerator must not be disposed of while it is asked.</summary>
    private static async Task AbandonAsync(MisbehavingApi api, Task<bool> next)
    {
        await api.DisposeAsync();
        Assert.True(await next.WaitAsync(RadarPath.Patience));
    }

    private sealed class BreaksWhenCancelled : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var cancelled = new TaskCompletionSource<HttpResponseMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = cancellationToken.Register(
                () => cancelled.SetException(new InvalidDataException("Half a frame.")));
            return await cancelled.Task;
        }
    }
}
