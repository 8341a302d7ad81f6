using System.Net;
using System.Net.Sockets;
using System.Text;
using Radar.Api.Board;
using Radar.Api.Streaming;
using Radar.Market;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Board;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Streaming;

/// <summary>Clients that do not read: what waits for all of them is counted, limited and given back.</summary>
public sealed class StreamMemoryTests : IAsyncLifetime
{
    private const int Symbols = 3000;
    private const int MegaByte = 1024 * 1024;

    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly List<Socket> _unread = [];
    private LiveApi? _started;
    private StateWriter _state = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _unread.ForEach(socket => socket.Dispose());
        if (_started is not null)
            await _started.DisposeAsync();
        _redis.Dispose();
    }

    private LiveApi Api => _started!;

    private StreamBudget Budget => Api.Get<StreamHub>().Budget;

    /// <summary>A board whose snapshot has 6 MB: more than the buffers of a connection take, which may be 4 MB.</summary>
    private Task StartAsync(params string[] more) => StartAsync(Symbols, more);

    private async Task StartAsync(int symbols, params string[] more)
    {
        using (var redis = await PatientRedis.ConnectAsync(_redis.Address))
        {
            var state = await new StateWriter(redis).BeginAsync();
            await state.ApplyAsync(0, [.. Enumerable.Range(0, symbols).Select(i => Wide("W" + i, 1))]);
        }

        _started = await LiveApi.StartAsync(_redis.Address, ["--Api:StreamWriteTimeoutMs", "300000", .. more]);
        _state = new StateWriter(Api.Redis);
    }

    [Fact]
    public async Task However_many_clients_do_not_read_what_waits_stays_within_the_total_and_comes_back()
    {
        const int Max = 24 * MegaByte, Clients = 60, Change = MegaByte;
        await StartAsync("--Api:StreamWaitingBytesMax", $"{Max}", "--Api:StreamQueueBytesMax", $"{MegaByte}");
        string[] queries = ["", "channels=tickers,trades", "channels=trades,bars.1Min", "symbols=W1,W2,W3", "since=1-00000000"];
        long most = 0;
        for (int i = 1; i <= Clients; i++)
        {
            await OpenAsync(queries[i % queries.Length]);
            await Wait.UntilAsync(() => Entered >= i, $"client {i} is in or refused: {Entered}");
            for (int change = 0; change < 5; change++)
            {
                await Api.ReachedAsync(0, await _state.ApplyAsync(0, [.. Enumerable.Range(0, 20).Select(k => Wide("W" + k, i))]));
                most = Math.Max(most, Budget.Held);
            }
        }

        Assert.InRange(most, MegaByte, Max + Change);
        Assert.True(Api.Counted("radar.stream.clients") > 5, $"{Api.Counted("radar.stream.clients")} clients were let in.");

        _unread.ForEach(socket => socket.Dispose());
        await Wait.UntilAsync(() => Budget.Held == 0, "all is given back");
        await using var next = await Api.StreamAsync();
        await next.NextAsync("snapshot");
    }

    [Fact]
    public async Task Too_much_that_waits_refuses_new_streams_until_it_is_taken()
    {
        await StartAsync("--Api:StreamWaitingBytesMax", $"{MegaByte}");
        await OpenAsync(""); // one alone is never too much
        await Wait.UntilAsync(() => Budget.Held > MegaByte, "the snapshot waits");

        foreach (string query in new[] { "", "symbols=W1", "since=" + Api.Board.Status.Version })
        {
            using var refused = await EventStream.SendAsync(Api.Http, query);
            Assert.Contains("Api:StreamWaitingBytesMax",
                (string?)(await ProblemAsync(refused, HttpStatusCode.ServiceUnavailable))["detail"], StringComparison.Ordinal);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        Assert.Equal(3, Api.Counted("radar.stream.refused/memory"));
        _unread[0].Dispose();
        await Wait.UntilAsync(() => Budget.Held == 0, "it is given back");
        await using var next = await Api.StreamAsync();
        await next.NextAsync("snapshot");
    }

    /// <summary>The system would take 4 MB, so that the client would seem to keep up.</summary>
    [Fact]
    public async Task Client_that_reads_nothing_is_disconnected_though_the_system_would_take_all_of_its_snapshot()
    {
        await StartAsync(symbols: 750, "--Api:StreamWriteTimeoutMs", "200");

        await OpenAsync("");

        await Wait.UntilAsync(() => Api.Counted("radar.stream.disconnects/write_timeout") == 1, "it is disconnected");
    }

    [Fact]
    public void Clients_of_every_symbol_share_one_snapshot_while_one_of_them_takes_it()
    {
        var board = Filled(20_000);
        var budget = new StreamBudget(long.MaxValue);
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var snapshots = new StreamSnapshots(board, budget, time);

        var taken = Enumerable.Range(0, 300).Select(_ => snapshots.TryTake(null)!).ToList();
        Assert.Single(taken.Distinct());
        Assert.Equal(taken[0].Size, budget.Held);
        Assert.All(taken[0].Pieces, piece => Assert.InRange(piece.Length, 1, StreamSnapshot.PieceBytes));
        string text = string.Concat(taken[0].Pieces.Select(piece => Encoding.UTF8.GetString(piece.Span)));
        Assert.Equal(20_000, System.Text.Json.Nodes.JsonNode.Parse(
            text[(text.IndexOf("data: ", StringComparison.Ordinal) + 6)..])!["tickers"]!.AsArray().Count);

        time.Advance(TimeSpan.FromSeconds(1));
        using (var later = snapshots.TryTake(null)!)
            Assert.NotSame(taken[0], later);
        taken.ForEach(snapshot => snapshot.Dispose());
        Assert.Equal(0, budget.Held);
    }

    [Fact]
    public void Frame_that_several_clients_wait_for_counts_once_and_slow_ones_give_way_when_all_is_full()
    {
        var budget = new StreamBudget(1000);
        StreamClient[] clients = [.. Enumerable.Range(0, 3)
            .Select(_ => new StreamClient(new StreamRequest(null, StreamChannels.OnlyTickers, null), null, null, 1_000_000, budget))];
        StreamEntry[] first = [new(new StreamFrame(new byte[500]), [])], second = [new(new StreamFrame(new byte[600]), [])];
        Assert.All(clients, client => client.Begin(BoardVersion.Empty));

        Array.ForEach(clients, client => client.Add(first, BoardVersion.Empty));
        long one = budget.Held;
        Assert.InRange(one, 500, 700);
        clients[0].Take();
        clients[0].Written();
        Assert.Equal(one, budget.Held); // two others wait for it
        clients[0].Add(second, BoardVersion.Empty);
        Assert.True(budget.IsFull);

        clients[1].Add(second, BoardVersion.Empty);

        Assert.Equal(StreamState.SlowConsumer, clients[1].Take().State);
        Assert.Equal(StreamState.Live, clients[0].Take().State);
        Array.ForEach(clients, client => client.Dispose());
        Assert.Equal(0, budget.Held);
    }

    private static LiveBoard Filled(int symbols)
    {
        var board = new LiveBoard(TimeProvider.System);
        board.Open(Changes.Layout);
        (string, long, long)[] latest = [.. Enumerable.Range(0, symbols).Select(i => ("S" + i, Noon, (long)i))];
        for (int partition = 0; partition < StateWriter.Partitions; partition++)
            board.Load(partition, partition == 0 ? Changes.State(symbols, latest) : Changes.Nothing, evenIfOlder: false);
        return board;
    }

    private static Tick Wide(string symbol, int price) =>
        new(symbol, price, Noon + price, 1, new TradeId(price), Side.Buy, new string('x', 2000));

    /// <summary>Clients that are in, were refused, or were let go.</summary>
    private long Entered =>
        new[] { "clients", "refused/memory", "disconnects/memory", "disconnects/too_slow", "disconnects/client" }.Sum(
            name => Api.Counted("radar.stream." + name));

    private async Task OpenAsync(string query)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        _unread.Add(socket);
        await socket.ConnectAsync(new DnsEndPoint(Api.Http.BaseAddress!.Host, Api.Http.BaseAddress.Port));
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /api/v2/stream?{query} HTTP/1.0\r\nHost: localhost\r\n\r\n"));
    }
}
