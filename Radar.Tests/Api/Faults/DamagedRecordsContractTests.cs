using System.Net;
using System.Text.Json.Nodes;
using Radar.Market;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using StackExchange.Redis;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Faults;

/// <summary>
/// The API over a Redis in which something was changed, evicted or deleted: it is refused and named, and all else is answered.
/// </summary>
public abstract class DamagedRecordsContractTests
{
    private static readonly RedisKeys Keys = new(RedisKeys.FirstEpoch, 1);

    /// <summary>Address of a Redis that this test has for itself.</summary>
    protected abstract string Redis { get; }

    [ContractTheory]
    [InlineData("/api/v2/bars/A?timeframe=1Min", "bars:1Min:A")]
    [InlineData("/api/v2/trades/A", "trades:A")]
    [InlineData("/api/v1/history/A", "trades:A")]
    [InlineData("/api/v2/snapshots?symbols=A,B", "bars:1Day:A")]
    [InlineData("/api/v2/tickers/A?as_of=2024-08-09T12:00:00Z", "bars:1Min:A")]
    public async Task Key_that_is_gone_is_refused_and_health_names_it_until_it_is_mended(string path, string part)
    {
        await using var api = await StartAsync();
        RedisKey key = $"radar:{{{Keys.Epoch}.p01}}:{part}";
        await api.Redis.GetDatabase().KeyRenameAsync(key, "{1.p01}away");

        await RefusedAsync(api, path, key);
        Assert.Equal(1, api.Counted("radar.state.damaged/" + part.Split(':')[0]));
        foreach (string other in new[] { "/api/v2/tickers/A", "/api/v2/bars/B", "/api/v2/trades/B", "/api/v2/tickers",
            "/api/v2/snapshots?symbols=B" })
            await api.JsonAsync(other);

        await api.Redis.GetDatabase().KeyRenameAsync("{1.p01}away", key);
        await api.JsonAsync(path);
        await UntilStateAsync(api, "Healthy", "");
    }

    [ContractFact]
    public async Task One_bit_of_a_bar_is_refused_and_health_names_it_until_it_is_mended()
    {
        await using var api = await StartAsync();
        IDatabase redis = api.Redis.GetDatabase();
        RedisKey key = Keys.Bars(Timeframe.All[3], "A");
        var bar = (await redis.SortedSetRangeByRankWithScoresAsync(key))[0];
        byte[] other = RecordText.Flipped(bar.Element, 41);
        await redis.SortedSetRemoveAsync(key, bar.Element);
        await redis.SortedSetAddAsync(key, other, bar.Score);

        await RefusedAsync(api, "/api/v2/bars/A?timeframe=1Hour", key);
        await api.JsonAsync("/api/v2/bars/A?timeframe=1Min");

        await redis.SortedSetRemoveAsync(key, other);
        await redis.SortedSetAddAsync(key, bar.Element, bar.Score);
        await UntilStateAsync(api, "Healthy", "");
    }

    /// <summary>A new process knows nothing of before: it must not take what is left for all there is.</summary>
    [ContractTheory]
    [InlineData(false)] // one symbol
    [InlineData(true)] // all of them
    public async Task New_process_serves_no_list_of_a_partition_that_lacks_symbols_and_calls_none_unknown(bool all)
    {
        await using var api = await StartAsync();
        IDatabase redis = api.Redis.GetDatabase();
        HashEntry[] kept = await redis.HashGetAllAsync(Keys.Latest);
        await (all ? redis.KeyDeleteAsync(Keys.Latest) : redis.HashDeleteAsync(Keys.Latest, "A"));
        await using var late = await LiveApi.StartUnreadyAsync(Redis, LiveApi.Audited);

        foreach (string path in new[] { "/api/v2/symbols", "/api/v2/tickers", "/api/v2/tickers?symbols=A", "/api/v2/movers",
            "/api/v2/tickers/A", "/api/v1/ticker/A" })
            await RefusedAsync(late, path, Keys.Latest);
        if (!all)
            await late.JsonAsync("/api/v2/tickers/B");
        Assert.Equal("A", (string?)(await api.JsonAsync("/api/v2/tickers/A"))["symbol"]); // from memory, which is right

        await redis.HashSetAsync(Keys.Latest, kept);
        await Wait.UntilAsync(() => late.Board.Status.IsInSync, "the board is whole");
        Assert.Equal(3, (await late.JsonAsync("/api/v2/symbols"))["symbols"]!.AsArray().Count);
        await UntilStateAsync(late, "Healthy", "");
    }

    [ContractFact]
    public async Task Change_with_a_damaged_record_is_not_taken_and_the_partition_is_loaded_instead()
    {
        await using var api = await StartAsync(isAudited: false); // or a message that is late would be found missing
        var state = new StateWriter(api.Redis) { HoldsMessages = true };
        long position = await state.ApplyAsync(1, Tick("A", 7777));
        var (channel, message) = Assert.Single(state.Held);
        int price = message.AsSpan().IndexOf("7777"u8);

        await state.SendAsync((channel, RecordText.Flipped(message, price)));

        await api.ReachedAsync(1, position);
        await Wait.UntilAsync(() => api.Counted("radar.board.reloads/unreadable of 1") == 1, "the reload is counted");
        Assert.Equal(7777m, (decimal)(await api.JsonAsync("/api/v2/tickers/A"))["p"]!);
    }

    [ContractFact]
    public async Task Stream_whose_missed_trades_are_gone_starts_over()
    {
        string id;
        await using (var before = await StartAsync())
        {
            id = before.Board.Status.Version.ToString();
            await new StateWriter(before.Redis).ApplyAsync(1, Tick("A", 9));
        }

        await using var api = await LiveApi.StartAsync(Redis, LiveApi.Audited);
        await api.Redis.GetDatabase().KeyDeleteAsync(Keys.Trades("A"));

        await using var stream = await api.StreamAsync("channels=tickers,trades", id);

        Assert.Equal("reset", (await stream.NextAsync(1))[0].Type);
        await UntilStateAsync(api, "Degraded", Sentence(Keys.Trades("A")));
    }

    /// <summary>An API whose board is whole, of a state with three symbols, two of them in one partition.</summary>
    private async Task<LiveApi> StartAsync(bool isAudited = true)
    {
        await using (var redis = await PatientRedis.ConnectAsync(Redis + ",allowAdmin=true"))
        {
            await StateWriter.FlushAsync(redis);
            var state = await new StateWriter(redis).BeginAsync();
            await state.ApplyAsync(1, Tick("A", 1, Noon - 86_400_000), Tick("A", 2), Tick("B", 3));
            await state.ApplyAsync(2, Tick("C", 4));
        }

        LiveApi api = await LiveApi.StartAsync(Redis, isAudited ? LiveApi.Audited : []);
        return api;
    }

    private static async Task RefusedAsync(LiveApi api, string path, RedisKey key)
    {
        using (var answer = await api.Http.GetAsync(new Uri(path, UriKind.Relative)))
        {
            JsonObject problem = await ProblemAsync(answer, HttpStatusCode.ServiceUnavailable);
            Assert.StartsWith(Sentence(key), (string?)problem["detail"], StringComparison.Ordinal);
        }

        await UntilStateAsync(api, "Degraded", Sentence(key));
    }

    /// <summary>What may be seen of a damaged key.</summary>
    private static string Sentence(RedisKey key) => "Partition 1: the " + key.ToString().Split(':')[2] switch
    {
        "latest" => "latest values are damaged in Redis; the log names the key.",
        var part => $"{part} of a symbol are damaged in Redis; the log names the key.",
    };

    private static Task UntilStateAsync(LiveApi api, string status, string description) => Wait.UntilAsync(
        async () =>
        {
            using var answer = await api.Http.GetAsync(new Uri("/health", UriKind.Relative));
            JsonNode state = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["checks"]!["state"]!;
            return (string?)state["status"] == status
                && ((string?)state["description"] ?? "").Contains(description, StringComparison.Ordinal);
        },
        $"health of the state is {status} {description}");
}

/// <summary>On the embedded Garnet.</summary>
public sealed class DamagedRecordsOnGarnetTests : DamagedRecordsContractTests, IDisposable
{
    private readonly EmbeddedRedis _garnet = EmbeddedRedis.Start();

    protected override string Redis => _garnet.Address;

    public void Dispose() => _garnet.Dispose();
}

/// <summary>On <c>redis-server</c> (or <c>valkey-server</c>).</summary>
public sealed class DamagedRecordsOnRedisTests(RedisOnPath server) : DamagedRecordsContractTests, IClassFixture<RedisOnPath>
{
    protected override string Redis => server.Address;
}
