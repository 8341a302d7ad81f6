using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Radar.Api.Access;
using Radar.Tests.Api.Http.Access;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http.Limits;

/// <summary>How much a caller may ask, over HTTP.</summary>
public sealed class RequestLimitsTests
{
    /// <summary>So little per second that a test sees nothing of it.</summary>
    private static readonly string[] Slow = ["--Limits:UnitsPerSecond", "1", "--Limits:Burst", "40"];

    [Fact]
    public async Task Every_answer_says_what_is_left_and_the_end_is_429_with_the_time_to_wait()
    {
        await using var world = await AccessWorld.StartAsync(Slow);
        var client = await world.WithKeyAsync([Scopes.Read]);
        using var first = await client.GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));
        Assert.Equal("\"default\";q=40;w=40", Assert.Single(first.Headers.GetValues("RateLimit-Policy")));
        Assert.Matches("^\"default\";r=(39|40);t=[012]$", Assert.Single(first.Headers.GetValues("RateLimit")));

        using var refused = await UntilRefusedAsync(client, "/api/v2/symbols", atMost: 200);

        Assert.Matches("^\"default\";r=0;t=[0-9]+$", Assert.Single(refused.Headers.GetValues("RateLimit")));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        var problem = (await refused.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal(429, (int)problem["status"]!);
        Assert.StartsWith(
            "This key or token may use 1 units per second, and 40 at once", (string?)problem["detail"], StringComparison.Ordinal);

        // Another key has its own, and who was let in is not limited for the state of the process.
        using var other = await (await world.WithKeyAsync([Scopes.Read])).GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));
        using var alive = await client.GetAsync(new Uri("/alive", UriKind.Relative));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (other.StatusCode, alive.StatusCode));
    }

    [Fact]
    public async Task Who_asks_for_what_its_key_may_not_is_limited_as_well()
    {
        await using var world = await AccessWorld.StartAsync(Slow);
        var client = await world.WithKeyAsync([Scopes.Read]);

        using var refused = await UntilRefusedAsync(client, "/admin/keys", atMost: 200, otherwise: HttpStatusCode.Forbidden);

        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task Stream_costs_ten_reads()
    {
        await using var world = await AccessWorld.StartAsync(Slow);
        var client = await world.WithKeyAsync([Scopes.Stream]);

        int opened = 0;
        await Wait.UntilAsync(
            async () =>
            {
                using var answer = await EventStream.SendAsync(client);
                if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                    return Left(answer) < 10; // or it was asked faster than it learns from Redis what is left
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                return ++opened == 40;
            },
            "no stream more is let in");

        Assert.InRange(opened, 4, 6);
    }

    [Fact]
    public async Task Answer_with_many_items_costs_1_for_each_100_begun()
    {
        await using var world = await AccessWorld.StartAsync(Slow);
        await world.Api.TakeInAsync(0, [.. Enumerable.Range(0, 250).Select(i => ApiWorld.Tick("MANY", 1m, ApiWorld.Noon + i))]);
        var client = await world.WithKeyAsync([Scopes.Read]);

        long began = TimeProvider.System.GetTimestamp();
        int before = await LeftAsync(client, "/api/v2/trades/MANY?limit=100");
        int after = await LeftAsync(client, "/api/v2/trades/MANY?limit=250");

        // 3, and what the time between has given back
        Assert.InRange(before - after, 3 - Math.Ceiling(TimeProvider.System.GetElapsedTime(began).TotalSeconds), 3);
    }

    [Fact]
    public async Task Key_may_have_limits_of_its_own()
    {
        await using var world = await AccessWorld.StartAsync(Slow);
        var own = new KeyLimits(UnitsPerSecond: 2, Burst: 1000, Streams: 1);
        var client = world.Client((await world.NewKeyAsync([Scopes.Read, Scopes.Stream], [], own)).Secret.Reveal());
        using var answer = await client.GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));
        Assert.Equal("\"default\";q=1000;w=500", Assert.Single(answer.Headers.GetValues("RateLimit-Policy")));

        await using var stream = await EventStream.OpenAsync(client);
        using var second = await EventStream.SendAsync(client);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        Assert.Contains("1 streams of this key or token", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_is_asked_who_it_is_an_address_has_a_limit_if_that_is_set()
    {
        await using var world = await AccessWorld.StartAsync(["--Auth:Mode", "none", .. Slow]);
        using var refused = await UntilRefusedAsync(world.Nobody(), "/api/v2/symbols", atMost: 200);
        Assert.Contains("This address may use", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await using var open = await AccessWorld.StartAsync("--Auth:Mode", "none");
        using var answer = await open.Nobody().GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));
        Assert.False(answer.Headers.Contains("RateLimit"));
    }

    [Fact]
    public async Task Two_replicas_share_what_a_key_may_use()
    {
        await using var world = await AccessWorld.StartAsync("--Limits:UnitsPerSecond", "1", "--Limits:Burst", "400");
        var (_, secret) = await world.NewKeyAsync([Scopes.Read]);
        await using var replica = await world.StartReplicaAsync();
        var here = world.Client(secret.Reveal());
        using var there = new HttpClient { BaseAddress = replica.Http.BaseAddress };
        there.DefaultRequestHeaders.Authorization = new("Bearer", secret.Reveal());

        int admitted = 0;
        for (int i = 0; i < 1000; i++)
        {
            using var answer = await (i % 2 == 0 ? here : there).GetAsync(new Uri("/api/v2/tickers/BTCUSDT", UriKind.Relative));
            admitted += answer.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.InRange(admitted, 360, 440 + 60); // 60 s would give 60 more
    }

    [Fact]
    public async Task Without_Redis_nobody_waits_and_nobody_is_let_through_without_limit()
    {
        await using var world = await AccessWorld.StartAsync("--Limits:UnitsPerSecond", "1", "--Limits:Burst", "100");
        var client = await world.WithKeyAsync([Scopes.Read]);
        world.StopRedis();

        using var refused = await UntilRefusedAsync(client, "/api/v2/tickers/BTCUSDT", atMost: 250);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    private static async Task<int> LeftAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return Left(answer);
    }

    private static int Left(HttpResponseMessage answer) => int.Parse(
        Assert.Single(answer.Headers.GetValues("RateLimit")).Split("r=")[1].Split(';')[0],
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>
    /// Asks until nothing is left. A process that is asked faster than it learns from Redis what is left refuses as well, and goes on.
    /// </summary>
    private static async Task<HttpResponseMessage> UntilRefusedAsync(
        HttpClient client, string path, int atMost, HttpStatusCode otherwise = HttpStatusCode.OK)
    {
        using var limit = new CancellationTokenSource(Wait.Limit);
        for (int letIn = 0; letIn < atMost;)
        {
            var answer = await client.GetAsync(new Uri(path, UriKind.Relative), limit.Token);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests && Left(answer) == 0)
                return answer;
            letIn += answer.StatusCode == otherwise ? 1 : 0;
            Assert.True(answer.StatusCode == otherwise || answer.StatusCode == HttpStatusCode.TooManyRequests, $"{answer.StatusCode}");
            answer.Dispose();
        }

        throw new Xunit.Sdk.XunitException($"{atMost} requests were let in.");
    }
}
