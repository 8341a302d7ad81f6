using System.Net;
using System.Text.Json.Nodes;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Queries;

/// <summary>
/// A Redis that holds its connections and answers nothing, as a stopped process does. The client's own timeout is a minute here, so
/// what answers before the test gives up has a deadline of their own.
/// </summary>
public sealed class DeadlineTests : IAsyncLifetime
{
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private FreezableRelay _relay = null!;
    private LiveApi _api = null!;

    public async Task InitializeAsync()
    {
        using (var redis = await PatientRedis.ConnectAsync(_redis.Address))
        {
            var state = await new StateWriter(redis).BeginAsync();
            await state.ApplyAsync(0, Tick("A", 1));
        }

        _relay = new FreezableRelay(_redis.Address);
        _api = await LiveApi.StartAsync(_relay.Address, "--Api:RequestDeadlineMs", "200", "--Api:StreamHeartbeatMs", "50");
    }

    public async Task DisposeAsync()
    {
        _relay.Thaw();
        await _api.DisposeAsync();
        await _relay.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task Every_read_of_a_frozen_Redis_is_answered_at_the_deadline_and_tickers_go_on()
    {
        await UntilTradesAreReadAsync(); // a first answer may take longer than its deadline
        _relay.Freeze();

        foreach (string path in new[]
            {
                "/api/v1/history/A", "/api/v2/trades/A", "/api/v2/trades/A?as_of=0", "/api/v2/bars/A", "/api/v2/bars/A?as_of=1723204800000",
                "/api/v2/snapshots?symbols=A", "/api/v2/snapshots?symbols=A&as_of=1723204800000", "/api/v2/tickers/A?as_of=0",
                "/api/v2/tickers?symbols=A&as_of=0",
            })
        {
            using var answer = await _api.Http.GetAsync(new Uri(path, UriKind.Relative));
            var problem = await ProblemAsync(answer, HttpStatusCode.ServiceUnavailable);
            Assert.True(((string?)problem["detail"])!.Contains("Api:RequestDeadlineMs", StringComparison.Ordinal), $"{path}: {problem}");
            Assert.NotNull(answer.Headers.RetryAfter);
        }

        foreach (string path in new[] { "/api/v1/ticker/A", "/api/v2/tickers/A", "/api/v2/tickers", "/api/v2/movers", "/ready", "/alive" })
        {
            using var answer = await _api.Http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode}");
        }

        using (var health = await _api.Http.GetAsync(new Uri("/health", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            Assert.Equal("Degraded", (string?)JsonNode.Parse(await health.Content.ReadAsStringAsync())!["checks"]!["redis"]!["status"]);
        }

        _relay.Thaw();
        await UntilTradesAreReadAsync();
    }

    [Fact]
    public async Task Stream_has_no_deadline_once_it_is_open()
    {
        _relay.Freeze();
        await using var stream = await _api.StreamAsync();
        await stream.NextAsync("snapshot");

        for (int i = 0; i < 10; i++) // twice as long as a request may take
            Assert.Equal("heartbeat", (await stream.AnyAsync())?.Type);
    }

    /// <summary>A symbol that is found in Redis and then read there has one deadline for both.</summary>
    [Fact]
    public async Task Time_of_a_request_is_that_of_all_its_waits()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var deadline = new Radar.Api.Queries.Deadline(1000, time);
        var first = new TaskCompletionSource<int>();
        var waiting = deadline.WithinAsync(first.Task);
        time.Advance(TimeSpan.FromMilliseconds(900));
        first.SetResult(1);
        Assert.Equal(1, await waiting);

        var never = deadline.WithinAsync(new TaskCompletionSource<int>().Task);
        Assert.False(never.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(100));

        var e = await Assert.ThrowsAsync<Radar.Api.Queries.DeadlineException>(() => never);
        Assert.Contains("1000 ms", e.Message, StringComparison.Ordinal);
        Assert.Equal(5, await deadline.WithinAsync(Task.FromResult(5))); // what is there need not be waited for
    }

    private Task UntilTradesAreReadAsync() => Wait.UntilAsync(
        async () =>
        {
            using var answer = await _api.Http.GetAsync(new Uri("/api/v2/trades/A", UriKind.Relative));
            return answer.StatusCode == HttpStatusCode.OK;
        },
        "trades are read");
}
