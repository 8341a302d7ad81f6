using System.Net;
using Microsoft.Extensions.Options;
using Radar.Api.Access;
using Radar.Client;
using Radar.Tests.Api.Http.Access;

namespace Radar.Tests.Client;

/// <summary>What the client sends of who it is, and what it makes of refusals.</summary>
public sealed class CredentialsTests
{
    [Fact]
    public async Task Key_opens_reads_and_streams_and_refusals_are_told_apart()
    {
        await using var world = await AccessWorld.StartAsync();
        var address = world.Api.Http.BaseAddress!;
        using var http = new HttpClient();
        var (_, reads) = await world.NewKeyAsync([Scopes.Read], "BTC*");
        var (_, streams) = await world.NewKeyAsync([Scopes.Stream]);
        var reader = new RadarClient(http, new RadarClientOptions { BaseAddress = address, Key = reads.Reveal() });
        var streamer = new RadarClient(http, new RadarClientOptions { BaseAddress = address, Key = streams.Reveal() });
        var nobody = new RadarClient(http, new RadarClientOptions { BaseAddress = address });

        Assert.Equal(11m, (await reader.GetTickerAsync("BTCUSDT"))!.Price);
        Assert.Equal(HttpStatusCode.Forbidden, (await RefusedAsync(() => reader.GetTickerAsync("ETHUSDT"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await RefusedAsync(() => nobody.GetTickerAsync("BTCUSDT"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await RefusedAsync(() => FirstAsync(reader))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await RefusedAsync(() => FirstAsync(nobody))).Status);
        Assert.NotNull(await FirstAsync(streamer));
    }

    [Fact]
    public async Task Stream_of_a_key_that_is_revoked_ends_with_the_refusal()
    {
        await using var world = await AccessWorld.StartAsync();
        using var http = new HttpClient();
        var (key, secret) = await world.NewKeyAsync([Scopes.Stream]);
        var client = new RadarClient(
            http, new RadarClientOptions { BaseAddress = world.Api.Http.BaseAddress, Key = secret.Reveal(), ReconnectDelayMs = 1 });
        bool isRevoked = false;

        var refused = await RefusedAsync(async () =>
        {
            await foreach (var _ in client.StreamAsync(StreamChannels.Tickers))
            {
                if (!isRevoked)
                    await world.Keys.RevokeAsync(key.Id, "test");
                isRevoked = true;
            }
        });

        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
    }

    [Fact]
    public async Task Token_that_is_refused_is_asked_for_again_once()
    {
        string[] given = ["old", "new", "newer", "newest"];
        var refused = new List<bool>();
        await using var api = await MisbehavingApi.StartAsync(
            Answer(401), Answer(200), Answer(401), Answer(401));
        var client = api.Client(configure: options => options.AccessToken = request =>
        {
            refused.Add(request.WasRefused);
            return ValueTask.FromResult<string?>(given[refused.Count - 1]);
        });

        await client.GetSymbolsAsync();
        Assert.Equal([false, true], refused);
        Assert.Equal(HttpStatusCode.Unauthorized, (await RefusedAsync(() => client.GetSymbolsAsync())).Status);

        Assert.Equal([false, true, false, true], refused);
        foreach (string token in given)
            Assert.Equal("Bearer " + token, (await api.CallAsync()).Authorization);

        const string Meta = """{"version":"-","event_time":null,"age_ms":null,"lag_ms":null,"stale":true}""";

        static Func<ApiCall, Task> Answer(int status) => call => status == 200
            ? call.AnswerAsync(status, "application/json", """{"symbols":[],"next_page_token":null,"meta":""" + Meta + "}")
            : call.AnswerAsync(status, "application/problem+json", """{"title":"Unauthorized","status":401}""");
    }

    [Fact]
    public void Key_and_token_at_once_are_a_mistake()
    {
        using var http = new HttpClient();

        var wrong = Assert.Throws<OptionsValidationException>(() => new RadarClient(http, new RadarClientOptions
        {
            BaseAddress = new Uri("http://127.0.0.1:8000"),
            Key = "rk_",
            AccessToken = _ => ValueTask.FromResult<string?>(null),
        }));

        Assert.Contains("not both", wrong.Message, StringComparison.Ordinal);
    }

    private static async Task<RadarApiException> RefusedAsync(Func<Task> ask) =>
        await Assert.ThrowsAsync<RadarApiException>(ask);

    private static async Task<StreamEvent?> FirstAsync(RadarClient client)
    {
        await foreach (var next in client.StreamAsync(StreamChannels.Tickers))
            return next;
        return null;
    }
}
