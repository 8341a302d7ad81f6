using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using StackExchange.Redis;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Board;

/// <summary>The board on the embedded Garnet.</summary>
public sealed class BoardOnGarnetTests : BoardFeedContractTests, IDisposable
{
    private readonly EmbeddedRedis _garnet = EmbeddedRedis.Start();

    protected override string Redis => _garnet.Address;

    public void Dispose() => _garnet.Dispose();
}

/// <summary>The board on <c>redis-server</c> (or <c>valkey-server</c>).</summary>
public sealed class BoardOnRedisTests(RedisOnPath server) : BoardFeedContractTests, IClassFixture<RedisOnPath>
{
    protected override string Redis => server.Address;

    [RequiresFact(Need.RedisServer)]
    public async Task Redis_that_goes_away_and_comes_back_older_is_waited_for()
    {
        await using var redis = await RedisServer.StartAsync(appendOnly: true);
        var client = await PatientRedis.ConnectAsync(redis.Address + ",abortConnect=false,allowAdmin=true");
        var state = await new StateWriter(client).BeginAsync();
        await state.ApplyAsync(1, Tick("A", 1));
        await using var api = await LiveApi.StartAsync(redis.Address, LiveApi.Audited);
        await api.ReachedAsync(1, 1);
        await client.GetDatabase().ExecuteAsync("CONFIG", "SET", "appendonly", "no"); // what comes from here on is lost with the process
        await state.ApplyAsync(1, Tick("A", 2));
        await api.ReachedAsync(1, 2);

        redis.Kill();
        await Wait.UntilAsync(() => api.Board.Status.IsRedisDown, "Redis is missed");
        Assert.Equal(2, (await api.JsonAsync("/api/v2/tickers/A"))["p"]!.GetValue<decimal>());
        Assert.True((bool)(await api.JsonAsync("/api/v2/tickers/A"))["meta"]!["stale"]!);

        await redis.RestartAsync();
        await Wait.UntilAsync(() => !api.Board.Status.IsRedisDown && api.Board.Status.IsUnconfirmed(1), "it is back and has less");
        Assert.Equal(2, (await api.JsonAsync("/api/v2/tickers/A"))["p"]!.GetValue<decimal>());
        await Wait.UntilAsync(
            async () =>
            {
                try
                {
                    // more where one was taken that was not confirmed
                    return await new StateWriter(client).ApplyAsync(1, Tick("A", 2)) >= 2;
                }
                catch (Exception e) when (e is RedisException or TimeoutException)
                {
                    return false;
                }
            },
            "Redis takes changes again");
        await Wait.UntilAsync(() => api.Board.Status.IsInSync, "whole again");
        await new StateWriter(client).ApplyAsync(1, Tick("A", 3));
        await api.ReachedAsync(1, 3);
        await client.DisposeAsync();
    }
}
