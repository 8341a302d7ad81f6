using System.Net;
using Microsoft.Extensions.Time.Testing;
using Radar.Client;
using Radar.Client.Streaming;
using Radar.Tests.Fixtures;
using static Radar.Tests.Client.ApiCall;

namespace Radar.Tests.Client;

/// <summary>Connections that fall silent, or bring what is no event stream.</summary>
public sealed partial class StreamTests
{
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
        await ReceiveAsync<SnapshotEvent>(stream);
        var first = await api.CallAsync();

        for (int beat = 0; beat < 3; beat++)
        {
            var received = stream.MoveNextAsync().AsTask();
            Assert.False(received.IsCompleted);
            time.Advance(TimeSpan.FromMilliseconds(14_999));
            await first.SendAsync(Event("heartbeat", """{"t":"2024-08-09T12:00:00.000Z","lag_ms":null,"stale":true}""", "a"));
            Assert.True(await received);
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
        await ReceiveAsync<SnapshotEvent>(stream);

        time.Advance(TimeSpan.FromHours(1));
        await (await api.CallAsync()).SendAsync(Trade(1, "b"));

        Assert.IsType<TradeEvent>(await NextAsync(stream));
        Assert.Equal(1, api.Count);
    }

    [Theory]
    [InlineData("event: trade\ndata: {\"symbol\":\"X\",\"p\":\n\n")]
    [InlineData("event: trade\ndata: {\"symbol\":\"X\",\"t\":\"2024-08-09T12:00:00.000Z\",\"s\":1,\"i\":1,\"side\":null,"
        + "\"venue\":null}\n\n")] // no price
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
        await ReceiveAsync<SnapshotEvent>(stream);

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

        Assert.Contains("text/html", (await ReceiveAsync<StreamInterrupted>(stream)).Reason, StringComparison.Ordinal);
        await ReceiveAsync<SnapshotEvent>(stream);
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

        Assert.Contains("bytes", (await ReceiveAsync<StreamInterrupted>(stream)).Reason, StringComparison.Ordinal);
        await ReceiveAsync<TradeEvent>(stream);
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
}
