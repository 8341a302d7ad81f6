using System.Net;
using System.Net.Sockets;
using System.Text;
using Radar.Api.Streaming;
using Radar.Market;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Streams;

/// <summary>Too many clients, slow ones, ones that leave, and a service that stops.</summary>
public sealed class StreamLimitsTests : IAsyncLifetime
{
    private const int WideSymbols = 40;

    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private StateWriter _state = null!;
    private LiveApi _api = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        _redis.Dispose();
    }

    private async Task StartAsync(params string[] more)
    {
        using (var redis = await PatientRedis.ConnectAsync(_redis.Address))
            await new StateWriter(redis).BeginAsync();
        _api = await LiveApi.StartAsync(_redis.Address, more);
        _state = new StateWriter(_api.Redis);
    }

    [Theory]
    [InlineData("--Api:StreamClientsMax", "StreamClientsMax")]
    [InlineData("--Api:StreamClientsPerAddressMax", "StreamClientsPerAddressMax")]
    public async Task One_client_too_many_is_refused_until_another_has_left(string option, string named)
    {
        await StartAsync(option, "2");
        await using var first = await _api.StreamAsync();
        var second = await _api.StreamAsync();

        using (var refused = await EventStream.SendAsync(_api.Http))
        {
            Assert.Contains(named, (string?)(await ProblemAsync(refused, HttpStatusCode.ServiceUnavailable))["detail"],
                StringComparison.Ordinal);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        await second.DisposeAsync();
        await Wait.UntilAsync(() => _api.Counted("radar.stream.clients") == 1, "the second has left");
        await using var third = await _api.StreamAsync();
        await third.NextAsync("snapshot");
        Assert.Equal(1, _api.Counted("radar.stream.refused/limit"));
    }

    [Fact]
    public async Task Clients_that_go_away_are_forgotten()
    {
        await StartAsync();
        var streams = new List<EventStream>();
        foreach (string query in new[] { "", "symbols=A,B", "symbols=A&channels=trades", "channels=tickers,bars.1Min" })
            streams.Add(await _api.StreamAsync(query));
        foreach (EventStream stream in streams)
            await stream.NextAsync("snapshot");
        await _state.ApplyAsync(0, Tick("A", 1));
        await Wait.UntilAsync(() => _api.Counted("radar.stream.published") == 1, "the change is published");
        Assert.Equal(4, _api.Counted("radar.stream.clients"));

        foreach (EventStream stream in streams)
            await stream.DisposeAsync();

        await Wait.UntilAsync(() => _api.Counted("radar.stream.clients") == 0, "all have left");
        await _api.ReachedAsync(0, await _state.ApplyAsync(0, Tick("A", 2)));
        await _api.ReachedAsync(0, await _state.ApplyAsync(0, Tick("A", 3)));
        Assert.Equal(1, _api.Counted("radar.stream.published"));
    }

    [Fact]
    public async Task Planned_stop_ends_every_stream_with_an_event_and_lets_nobody_in()
    {
        await StartAsync();
        await using var tickers = await _api.StreamAsync();
        await using var trades = await _api.StreamAsync("channels=trades");
        await tickers.NextAsync("snapshot");
        await trades.NextAsync("snapshot");

        _api.Get<StreamHub>().Stop(); // connections are still taken, as for a moment in every stop

        foreach (EventStream stream in new[] { tickers, trades })
        {
            var shutdown = await stream.NextAsync("shutdown");
            Assert.InRange((int)shutdown.Data["retry_ms"]!, 1, 60_000);
            Assert.Null(await stream.AnyAsync());
        }

        using var refused = await EventStream.SendAsync(_api.Http);
        await ProblemAsync(refused, HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task Stop_of_the_host_waits_for_no_stream()
    {
        await StartAsync();
        await using var stream = await _api.StreamAsync("channels=tickers,trades");
        await stream.NextAsync("snapshot");

        var stopping = _api.StopAsync();

        await stream.NextAsync("shutdown");
        Assert.Null(await stream.AnyAsync());
        await stopping.WaitAsync(Wait.Limit);
    }

    [Fact]
    public async Task Slow_client_of_tickers_skips_what_is_old_and_others_never_notice()
    {
        await StartAsync("--Api:StreamQueueBytesMax", "65536", "--Api:StreamWriteTimeoutMs", "300000");
        await using var slow = await RawClient.ConnectAsync(_api, "");
        await using var other = await _api.StreamAsync("symbols=W0&channels=trades");
        await other.NextAsync("snapshot");

        int changes = 0;
        for (; changes < 200; changes++)
            await _state.ApplyAsync(0, Wide(changes));

        for (int i = 0; i < changes; i++)
            Assert.Equal(i, (await other.NextAsync("trade")).TradeId);
        var (tickers, text) = await slow.ReadUntilAsync($"\"p\":{changes}", WideSymbols);
        Assert.True(tickers < changes * WideSymbols, $"All {tickers} tickers were sent, so nothing was slow.");
        Assert.True(_api.Counted("radar.stream.conflations") > 0);
        Assert.DoesNotContain("event: reset", text, StringComparison.Ordinal);
        Assert.Equal(2, _api.Counted("radar.stream.clients"));
    }

    [Fact]
    public async Task Slow_client_of_trades_is_closed_and_goes_on_with_its_last_id()
    {
        await StartAsync("--Api:StreamQueueBytesMax", "65536", "--Api:StreamWriteTimeoutMs", "300000");
        await using var slow = await RawClient.ConnectAsync(_api, "channels=trades");
        int changes = 0;
        await _state.ApplyAsync(0, Wide(changes++));
        var (_, begun) = await slow.ReadUntilAsync("event: trade", 1);
        for (; changes < 200; changes++)
            await _state.ApplyAsync(0, Wide(changes));

        var received = begun + await slow.ReadToEndAsync();

        Assert.True(_api.Counted("radar.stream.disconnects/too_slow") == 1);
        int trades = received.Split("\nevent: trade\n").Length - 1;
        Assert.InRange(trades, 1, (changes * WideSymbols) - 1);
        string lastId = received[..received.LastIndexOf("\n\n", StringComparison.Ordinal)].Split("\n")
            .Last(line => line.StartsWith("id: ", StringComparison.Ordinal))[4..];
        await using var again = await _api.StreamAsync("channels=trades", lastId);
        StreamEvent next = await again.NextAsync("trade");
        Assert.Equal((trades / WideSymbols, "W" + (trades % WideSymbols)), ((int)next.TradeId, next.Symbol));
    }

    [Theory]
    [InlineData("")]
    [InlineData("channels=trades")]
    public async Task Client_that_never_reads_is_disconnected(string query)
    {
        await StartAsync("--Api:StreamQueueBytesMax", "65536", "--Api:StreamWriteTimeoutMs", "100");
        await using var stuck = await RawClient.ConnectAsync(_api, query);
        await using var other = await _api.StreamAsync("symbols=OTHER");
        await other.NextAsync("snapshot");
        Assert.Equal(2, _api.Counted("radar.stream.clients"));

        int changes = 0;
        await Wait.UntilAsync(
            async () =>
            {
                await _state.ApplyAsync(0, Wide(changes++));
                return _api.Counted("radar.stream.clients") == 1;
            },
            "it is disconnected");

        await _state.ApplyAsync(1, Tick("OTHER", 1));
        await other.NextAsync("ticker");
    }

    /// <summary>One trade of each of many symbols, 2 KB each.</summary>
    private static Tick[] Wide(int change) =>
        [.. Enumerable.Range(0, WideSymbols)
            .Select(i => new Tick($"W{i}", change + 1, Noon + change, 1, new TradeId(change), Side.Buy, new string('x', 2000)))];

    /// <summary>A client that reads on demand, with little room in its system's buffers.</summary>
    private sealed class RawClient(Socket socket) : IAsyncDisposable
    {
        public static async Task<RawClient> ConnectAsync(LiveApi api, string query)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
            await socket.ConnectAsync(new DnsEndPoint(api.Http.BaseAddress!.Host, api.Http.BaseAddress.Port));
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /api/v2/stream?{query} HTTP/1.0\r\nHost: localhost\r\n\r\n"));
            var client = new RawClient(socket);
            await client.ReadUntilAsync("event: snapshot", 1);
            return client;
        }

        /// <summary>Reads until it has seen <paramref name="what"/> often enough.</summary>
        public async Task<(int Tickers, string Text)> ReadUntilAsync(string what, int times)
        {
            var text = new StringBuilder();
            var bytes = new byte[64 * 1024];
            using var deadline = new CancellationTokenSource(Wait.Limit);
            while (Count(text, what) < times)
            {
                int read = await socket.ReceiveAsync(bytes, deadline.Token);
                Assert.True(read > 0, "The connection was closed.");
                text.Append(Encoding.UTF8.GetString(bytes, 0, read));
            }

            return (Count(text, "event: ticker"), text.ToString());
        }

        public async Task<string> ReadToEndAsync()
        {
            var text = new StringBuilder();
            var bytes = new byte[64 * 1024];
            using var deadline = new CancellationTokenSource(Wait.Limit);
            while (await socket.ReceiveAsync(bytes, deadline.Token) is > 0 and var read)
                text.Append(Encoding.UTF8.GetString(bytes, 0, read));
            return text.ToString();
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        private static int Count(StringBuilder text, string what) => text.ToString().Split(what).Length - 1;
    }
}
