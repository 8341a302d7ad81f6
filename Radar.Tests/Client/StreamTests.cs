using System.Net;
using Microsoft.Extensions.Time.Testing;
using Radar.Client;
using Radar.Client.Streaming;
using Radar.Tests.Fixtures;
using static Radar.Tests.Client.ApiCall;

namespace Radar.Tests.Client;

/// <summary>Streams from an API that misbehaves.</summary>
public sealed partial class StreamTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Event_that_was_cut_off_is_received_once_and_whole_after_the_stream_is_resumed(bool abort)
    {
        await using var api = await MisbehavingApi.StartAsync(
            async call =>
            {
                await call.SendAsync(Snapshot("a"), Trade(1, "b"), Trade(2, "c")[..^1]); // whole but for the empty line that ends it
                if (abort)
                {
                    await call.HoldAsync(); // until the test has received the first
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
    public async Task Announced_stop_is_awaited_exactly_as_long_as_the_API_announces()
    {
        var time = new FakeTimeProvider();
        await using var api = await MisbehavingApi.StartAsync(call => call.SendAsync(
            Snapshot("a"), "retry: 1500\n" + Event("shutdown", """{"retry_ms":1500}""")));
        await using var stream = api.Client(time).StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();
        await ReceiveAsync<SnapshotEvent>(stream);
        await api.CallAsync();

        var interrupted = await ReceiveAsync<StreamInterrupted>(stream);
        var next = stream.MoveNextAsync().AsTask();

        Assert.Equal((TimeSpan.FromMilliseconds(1500), 0), (interrupted.RetryIn, interrupted.Attempts));
        time.Advance(TimeSpan.FromMilliseconds(1499));
        Assert.Equal(1, api.Count);
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("a", (await api.CallAsync()).LastEventId);
        await AbandonAsync(api, next);
    }

    [Fact]
    public async Task Wait_that_the_stream_asked_for_precedes_the_next_attempt()
    {
        var time = new FakeTimeProvider();
        await using var api = await MisbehavingApi.StartAsync(call => call.SendAsync("retry: 3000\n\n", Snapshot("a")));
        await using var stream = api.Client(time, options => options.ReconnectDelayMaxMs = 500).StreamAsync(StreamChannels.Trades)
            .GetAsyncEnumerator();

        var interrupted = await ReceiveAsync<StreamInterrupted>(stream);

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

        await ReceiveAsync<TradeEvent>(stream);
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
    public async Task Symbols_that_the_API_does_not_know_are_a_signal_and_change_nothing_else()
    {
        Func<ApiCall, Task> answer = async call =>
        {
            await call.SendAsync(Snapshot("a"), Event("unknown", """{"symbols":["BTCUSTD","NOBODY"]}"""), Trade(1, "b"));
            await call.HoldAsync();
        };
        await using var api = await MisbehavingApi.StartAsync(answer);
        var signals = new List<StreamSignal>();
        await using var trades = api.Client().StreamTradesAsync(["X", "BTCUSTD", "NOBODY"], onSignal: signals.Add).GetAsyncEnumerator();

        Assert.Equal(1, (await NextAsync(trades)).Price);

        var unknown = Assert.Single(signals.OfType<StreamUnknownSymbols>());
        Assert.Equal(["BTCUSTD", "NOBODY"], unknown.Symbols);
        Assert.Equal("a", unknown.Id);
    }

    [Fact]
    public async Task Snapshot_in_answer_to_an_id_is_a_gap()
    {
        Func<ApiCall, Task> answer = call => call.SendAsync(Snapshot("a"), Trade(1, "b"));
        await using var api = await MisbehavingApi.StartAsync(answer, answer);
        await using var stream = api.Client().StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();

        await ReceiveAsync<StreamInterrupted>(stream);

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
    public async Task Stream_that_begins_behind_an_id_gets_no_gap_where_the_API_goes_on_from_there()
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

    /// <summary>The API sends the tickers of a change before its trades, all with the id from before it.</summary>
    [Fact]
    public async Task Tickers_that_are_sent_again_after_an_interruption_are_passed_over_and_trades_alike_are_not()
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
                await call.SendAsync(Event("heartbeat",
                    """{"t":"2024-08-09T12:00:00.000Z","lag_ms":0,"stale":false}""", "d"), Ticker("A", 2, "d"));
                await call.HoldAsync();
            });
        await using var stream = api.Client().StreamAsync(StreamChannels.Tickers | StreamChannels.Trades | StreamChannels.MinuteBars)
            .GetAsyncEnumerator();
        await ReceiveAsync<SnapshotEvent>(stream);

        var received = new List<string>();
        while (received.Count < 12)
        {
            received.Add(await NextAsync(stream) switch
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
            received);
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
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Wait.Limit));
        return stream.Current;
    }

    /// <summary>The next event of a kind; those before it are passed over.</summary>
    private static async Task<T> ReceiveAsync<T>(IAsyncEnumerator<StreamEvent> stream)
        where T : StreamEvent
    {
        while (true)
        {
            if (await NextAsync(stream) is T received)
                return received;
        }
    }

    /// <summary>An enumerator must not be disposed of while it is asked.</summary>
    private static async Task AbandonAsync(MisbehavingApi api, Task<bool> next)
    {
        await api.DisposeAsync();
        Assert.True(await next.WaitAsync(Wait.Limit));
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
