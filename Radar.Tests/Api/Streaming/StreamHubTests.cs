using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Radar.Api;
using Radar.Api.Board;
using Radar.Api.Queries;
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
        _hub.Join(client, _board.Version);
        _hub.Join(other, _board.Version);

        lock (_board.Order)
            _hub.Interrupt(1);

        Assert.Equal(interrupted ? StreamEnd.GapDetected : StreamEnd.None, client.Take().End);
        Assert.Equal(StreamEnd.None, other.Take().End);
        Publish(2, Changes.Of(1, 2, ("S2", Noon, 1)));
        Assert.NotEmpty(other.Take().Entries);
    }

    [Fact]
    public void Reload_of_everything_interrupts_everybody()
    {
        StreamClient[] clients = [Enter("S0"), Enter("*")];
        Assert.All(clients, client => _hub.Join(client, _board.Version));

        lock (_board.Order)
            _hub.Interrupt();

        Assert.All(clients, client => Assert.Equal(StreamEnd.GapDetected, client.Take().End));
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
        using var feed = new BoardFeed( // which nobody starts
            redis, reader, _board, _hub, null!, null!, null!, null!, Options.Create(new ApiOptions()), TimeProvider.System, NullLogger<BoardFeed>.Instance);
        using var catchUp = new StreamCatchUp(_hub, new StreamSnapshots(_board, _hub.Budget, TimeProvider.System), _board, feed, reader, _metrics, new RequestDeadline(Options.Create(new ApiOptions()), TimeProvider.System), TimeProvider.System);
        var before = _board.Version.With(1, 0);
        hold.Hold();

        var joins = Enumerable.Range(0, Clients).Select(_ => JoinAsync(catchUp, before)).ToList();

        Assert.Equal(StreamCatchUp.ReadsMax, hold.Waiting);
        hold.Release();
        foreach (var (version, text) in await Task.WhenAll(joins).WaitAsync(RadarPath.Patience))
        {
            Assert.Equal(_board.Version, version);
            Assert.Contains("event: trade", text, StringComparison.Ordinal);
        }

        Assert.Equal(StreamCatchUp.ReadsMax, hold.WaitedMost);
    }

    private async Task<(BoardVersion? Version, string Text)> JoinAsync(StreamCatchUp catchUp, BoardVersion from)
    {
        var body = new PipedBody();
        using var writer = body.Writer(WriteTimeoutMs, TimeProvider.System);
        var version = await catchUp.JoinAsync(Enter("*"), from, writer);
        var read = await body.Pipe.Reader.ReadAsync();
        return (version, Encoding.UTF8.GetString(read.Buffer));
    }

    private StreamClient Enter(string symbols)
    {
        Assert.True(StreamChannels.TryParse("trades", out var channels, out _));
        var request = new StreamRequest(symbols == "*" ? null : symbols.Split(',').ToFrozenSet(), channels, Since: null);
        return Assert.IsType<StreamClient>(_hub.Enter(request, address: null, out _));
    }

    private void Publish(int partition, Change change)
    {
        lock (_board.Order)
        {
            Assert.Equal(ChangeOutcome.Applied, _board.Apply(partition, change, out var effects));
            _hub.Publish(partition, change, effects);
        }
    }
}
