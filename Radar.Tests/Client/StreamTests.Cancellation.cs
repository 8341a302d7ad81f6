using System.Net;
using Microsoft.Extensions.Time.Testing;
using Radar.Client;
using Radar.Client.Streaming;
using Radar.Tests.Fixtures;
using static Radar.Tests.Client.ApiCall;

namespace Radar.Tests.Client;

/// <summary>Streams that their reader cancels or leaves.</summary>
public sealed partial class StreamTests
{
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
        await using var api = await MisbehavingApi.StartAsync(call => call.SendAsync(Snapshot("a"), Event("shutdown",
            """{"retry_ms":60000}""")));
        await using var stream = api.Client(new FakeTimeProvider()).StreamAsync(StreamChannels.Tickers).GetAsyncEnumerator(cancel.Token);
        await ReceiveAsync<StreamInterrupted>(stream);

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
}
