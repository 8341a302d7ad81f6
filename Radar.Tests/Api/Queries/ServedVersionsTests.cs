using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Radar.Api.Board;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Board;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Queries;

/// <summary>No answer is older than what the process has served of the partition before, whatever route either of them came by.</summary>
public sealed class ServedVersionsTests : IAsyncLifetime
{
    private static readonly string[] Routes =
    [
        "/api/v1/ticker/A", "/api/v1/history/A", "/api/v2/tickers/A", "/api/v2/tickers/B", "/api/v2/trades/A", "/api/v2/bars/B",
        "/api/v2/tickers",
        "/api/v2/symbols", "/api/v2/movers", "/api/v2/snapshots?symbols=A,B", "/api/v2/tickers/A?as_of=4102444800000",
        "/api/v2/tickers?symbols=A,B&as_of=4102444800000",
    ];

    private EmbeddedRedis? _redis = EmbeddedRedis.Start();
    private LiveApi _api = null!;
    private StateWriter _state = null!;

    public async Task InitializeAsync()
    {
        using (var redis = await PatientRedis.ConnectAsync(_redis!.Address))
            await (await new StateWriter(redis).BeginAsync()).ApplyAsync(1, Tick("A", 1), Tick("B", 1));
        _api = await LiveApi.StartAsync(_redis.Address);
        _state = await new StateWriter(_api.Redis).BeginAsync();
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        _redis?.Dispose();
    }

    /// <summary>
    /// The board misses every other change, and is repaired at random; nobody who reads one route after another goes back.
    /// </summary>
    [Fact]
    public async Task One_client_never_goes_back_while_the_board_falls_behind_Redis()
    {
        var random = new Random(10);
        long served = 0;
        int behind = 0;
        for (int i = 0; i < 300; i++)
        {
            if (random.Next(3) == 0)
            {
                _state.HoldsMessages = random.Next(2) == 0;
                await _state.ApplyAsync(1, Tick(random.Next(2) == 0 ? "A" : "B", i + 2));
            }

            behind += _api.Board.Status.IsBehindServed ? 1 : 0;
            string route = Routes[random.Next(Routes.Length)];
            long version = await VersionAsync(route) ?? throw new InvalidOperationException($"{route} was refused, though Redis answers.");
            Assert.True(version >= served, $"{route} answered {version} after {served}.");
            served = version;
        }

        Assert.True(behind > 0, "The board was never behind what was served.");
    }

    [Fact]
    public async Task Board_that_is_behind_what_was_served_is_not_served_while_Redis_is_away()
    {
        _state.HoldsMessages = true;
        long reached = await _state.ApplyAsync(1, Tick("A", 2));
        Assert.Equal(reached, await VersionAsync("/api/v2/bars/A"));
        Assert.Equal(reached, await VersionAsync("/api/v2/tickers/A")); // from Redis, since the board has less

        _redis!.Dispose();
        _redis = null;
        await Wait.UntilAsync(() => _api.Board.Status.IsRedisDown, "Redis is away");

        foreach (string path in Routes)
        {
            using var refused = await _api.Http.GetAsync(new Uri(path, UriKind.Relative));
            var problem = await ProblemAsync(refused, HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(refused.Headers.RetryAfter);
            Assert.Contains("Redis does not answer", (string?)problem["detail"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task State_that_is_rebuilt_is_served_when_it_has_come_to_what_was_served()
    {
        _state.HoldsMessages = true;
        long before = await _state.ApplyAsync(1, Tick("A", 2));
        Assert.Equal(before, await VersionAsync("/api/v2/trades/A"));

        await StateWriter.FlushAsync(_api.Redis);
        var again = await new StateWriter(_api.Redis).BeginAsync();
        for (int i = 1; i <= before + 1; i++)
        {
            foreach (string route in Routes)
            {
                if (await VersionAsync(route) is { } version)
                    Assert.True(version >= before, $"{route} answered {version} after {before}.");
            }

            long reached = await again.ApplyAsync(1, Tick(i == 2 ? "B" : "A", i));
            Assert.Equal(reached >= before ? reached : null, await VersionAsync("/api/v2/trades/A"));
        }
    }

    [Fact]
    public void What_was_served_of_another_log_is_forgotten()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var board = new LiveBoard(time);
        board.Open(Changes.Layout);
        for (int partition = 0; partition < StateWriter.Partitions; partition++)
            board.Load(partition, Changes.State(5, ("S" + partition, Noon, 0)), evenIfOlder: false);
        board.NoteServed(Changes.Layout, [null, 9, null]);
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Equal((true, false), (board.Status.IsBehindServed, board.Find("S1").InSync));
        Assert.True(board.Find("S0").InSync);
        Assert.Equal([5L, 9, 5], board.Status.Floor.Positions.ToArray());

        Assert.False(board.ForgetServedPast(1, 9, nowMs + 1)); // it reaches to the end
        Assert.False(board.ForgetServedPast(1, 7, nowMs)); // measured before it was served
        Assert.True(board.ForgetServedPast(1, 7, nowMs + 1));

        Assert.Equal((false, true), (board.Status.IsBehindServed, board.Find("S1").InSync));
        board.NoteServed(Changes.Layout, [9, 9, 9]);
        board.NoteServed(new MarketLayout("other", Changes.Layout.Identity), [99, 99, 99]); // of another epoch: not comparable
        Assert.Equal([9L, 9, 9], board.Status.Floor.Positions.ToArray());
        board.Load(1, Changes.State(2, ("S1", Noon, 0)), evenIfOlder: true);
        Assert.Equal([9L, 2, 9], board.Status.Floor.Positions.ToArray());
        board.Open(new MarketLayout("other", Changes.Layout.Identity));
        Assert.False(board.Status.IsBehindServed);
    }

    /// <summary>Position of partition 1 that an answer names; null where it is refused as lost.</summary>
    private async Task<long?> VersionAsync(string path)
    {
        using var answer = await _api.Http.GetAsync(new Uri(path, UriKind.Relative));
        string text = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            Assert.Contains("has lost a part", (string?)JsonNode.Parse(text)!["detail"], StringComparison.Ordinal);
            return null;
        }

        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode} {text}");
        string[] tag = answer.Headers.ETag!.Tag.Trim('"').Split('-');
        return long.Parse(tag.Length == 3 ? tag[2] : tag[3], CultureInfo.InvariantCulture);
    }
}
