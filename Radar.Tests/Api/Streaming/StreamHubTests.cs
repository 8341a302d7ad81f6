using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Radar.Api;
using Radar.Api.Board;
using Radar.Api.Streaming;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Board;
using Radar.Tests.Fixtures;
using StackExchange.Redis;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Streaming;

/// <summary>What a reloaded partition, and many clients that come back at once, cost others.</summary>
public sealed class StreamHubTests : IAsyncDisposable
{
    private const int WriteTimeoutMs = 600_000;

    private readonly LiveBoard _board = new(TimeProvider.System);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly StreamMetrics _metrics;
    private readonly StreamHub _hub;

    public StreamHubTests()
    {
        _metrics = new StreamMetrics(_services.GetRequiredService<IMeterFactory>());
        _hub = new StreamHub(_board, _metrics, Options.Create(new ApiOptions()));
        _board.Observe(_hub);
        _board.Open(Changes.Layout);
        for (int partition = 0; partition < StateWriter.Partitions; partition++)
            _board.Load(partition, Changes.State(1, ("S" + partition, Noon, 0)), evenIfOlder: false);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Theory]
    [InlineData("S0", false)]
    [InlineData("S0,S2", false)]
    [InlineData("S1", true)]
    [InlineData("S0,S1", true)]
    [InlineData("S0,NEW", true)] // it may be in what was missed
    [InlineData("*", true)]
    public void Reloaded_partition_interrupts_only_who_may_have_missed_something(string symbols, bool interrupted)
    {
        StreamClient client = Enter(symbols), other = Enter("S2");
        _hub.Join(client, _board.Status.Version);
        _hub.Join(other, _board.Status.Version);

        _board.Invalidate(1);

        Assert.Equal(interrupted ? StreamState.GapDetected : StreamState.Live, client.Take().State);
        Assert.Equal(StreamState.Live, other.Take().State);
        Publish(2, Changes.Of(1, 2, ("S2", Noon, 1)));
        Assert.NotEmpty(other.Take().Entries);
    }

    [Fact]
    public void Reload_of_everything_interrupts_everybody()
    {
        StreamClient[] clients = [Enter("S0"), Enter("*")];
        Assert.All(clients, client => _hub.Join(client, _board.Status.Version));

        _board.Open(Changes.Layout);

        Assert.All(clients, client => Assert.Equal(StreamState.GapDetected, client.Take().State));
    }

    [Fact]
    public async Task Of_many_clients_that_come_back_only_a_few_read_from_Redis_at_once()
    {
        const int Clients = 5 * StreamCatchUp.ReadsMax;
        using var garnet = EmbeddedRedis.Start();
        using var client = await PatientRedis.ConnectAsync(garnet.Address);
        var state = new StateWriter(client);
        for (int partition = 0; partition < StateWriter.Partitions; partition++)
            await state.ApplyAsync(partition, Tick("S" + partition, 1));
        var (redis, hold) = HeldRedis.Of(client);
        var reader = new MarketReader(redis);
        var services = new FeedServices(reader, new LogEnds(), null!, null!, null!, TimeProvider.System);
        using var feed = new BoardFeed( // which is not started
            services, _board, [], Options.Create(new ApiOptions()), NullLogger<BoardFeed>.Instance);
        using var catchUp = new StreamCatchUp(
            _hub, new StreamSnapshots(_board, _hub.Budget, TimeProvider.System), _board, feed, reader, null!, _metrics);
        var before = _board.Status.Version.With(1, 0);
        hold.Hold();

        var joins = Enumerable.Range(0, Clients).Select(_ => JoinAsync(catchUp, before)).ToList();

        Assert.Equal(StreamCatchUp.ReadsMax, hold.Waiting);
        hold.Release();
        foreach (var (version, text) in await Task.WhenAll(joins).WaitAsync(Wait.Limit))
        {
            Assert.Equal(_board.Status.Version, version);
            Assert.Contains("event: trade", text, StringComparison.Ordinal);
        }

        Assert.Equal(StreamCatchUp.ReadsMax, hold.WaitedMost);
    }

    private async Task<(BoardVersion? Version, string Text)> JoinAsync(StreamCatchUp catchUp, BoardVersion from)
    {
        var body = new PipedBody();
        var session = new StreamSession(
            Enter("*", from), body.Output(WriteTimeoutMs, TimeProvider.System), _hub, catchUp, _metrics, TimeProvider.System);
        while (session.State != StreamState.Live)
            await session.StepAsync();
        var read = await body.Pipe.Reader.ReadAsync();
        return (session.Position, Encoding.UTF8.GetString(read.Buffer));
    }

    private StreamClient Enter(string symbols, BoardVersion? since = null)
    {
        Assert.True(StreamChannels.TryParse("trades", out var channels, out _));
        var request = new StreamRequest(symbols == "*" ? null : symbols.Split(',').ToFrozenSet(), channels, since);
        return Assert.IsType<StreamClient>(_hub.Enter(request, address: null, owner: null, out _));
    }

    private void Publish(int partition, Change change) => Assert.Equal(ChangeOutcome.Applied, _board.Apply(partition, change));
}
