using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api.Access;
using Radar.Market.Store;
using Radar.Tests.Api.Streaming;

namespace Radar.Tests.Api.Http.Access;

/// <summary>The page's sign-in: a cookie instead of a key.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private static readonly Uri Session = new("/session", UriKind.Relative);

    private AccessWorld _world = null!;

    public async Task InitializeAsync() => _world = await AccessWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Key_is_sent_once_and_the_cookie_may_then_what_the_key_may()
    {
        var (key, secret) = await _world.NewKeyAsync([Scopes.Read, Scopes.Stream], "BTC*");
        using var browser = Browser();
        Assert.Null((await browser.GetFromJsonAsync<JsonObject>(Session))!["caller"]);

        string cookie = await SignInAsync(browser, secret);

        foreach (string attribute in (string[])["path=/", "samesite=strict", "httponly"])
            Assert.Contains(attribute, cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(secret.Secret, cookie, StringComparison.Ordinal);
        var session = (await browser.GetFromJsonAsync<JsonObject>(Session))!;
        Assert.Equal(
            """{"auth":"keys","caller":{"name":"test","scopes":["market.read","market.stream"],"symbols":["BTC*"],"expires":null}}""",
            session.ToJsonString());
        await AnswersAsync(browser, "/api/v2/tickers/BTCUSDT", HttpStatusCode.OK);
        await AnswersAsync(browser, "/api/v2/tickers/ETHUSDT", HttpStatusCode.Forbidden);
        await AnswersAsync(browser, "/api/v2/dead-letters", HttpStatusCode.Forbidden);
        await using (var stream = await EventStream.OpenAsync(browser))
            Assert.Equal("BTCUSDT", Assert.Single((await stream.AnyAsync())!.Tickers).Item1);

        await _world.Keys.RevokeAsync(key.Id, "test");
        await _world.Api.App.Services.GetRequiredService<KnownKeys>().RefreshAsync();

        await AnswersAsync(browser, "/api/v2/tickers/BTCUSDT", HttpStatusCode.Unauthorized, "The session is over. Sign in again.");
        Assert.Null((await browser.GetFromJsonAsync<JsonObject>(Session))!["caller"]);
    }

    [Fact]
    public async Task Session_ends_with_the_secret_that_it_was_made_with()
    {
        var (key, secret) = await _world.NewKeyAsync([Scopes.Read]);
        using var browser = Browser();
        await SignInAsync(browser, secret);
        await _world.Keys.RotateAsync(key.Id, "test");
        await _world.Api.App.Services.GetRequiredService<KnownKeys>().RefreshAsync();
        await AnswersAsync(browser, "/api/v2/symbols", HttpStatusCode.OK);

        await _world.Keys.RetireAsync(key.Id, "test");
        await _world.Api.App.Services.GetRequiredService<KnownKeys>().RefreshAsync();

        await AnswersAsync(browser, "/api/v2/symbols", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Signing_out_takes_the_cookie_away()
    {
        var (_, secret) = await _world.NewKeyAsync([Scopes.Read]);
        using var browser = Browser();
        await SignInAsync(browser, secret);

        using var request = new HttpRequestMessage(HttpMethod.Delete, Session);
        using var answer = await browser.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await AnswersAsync(browser, "/api/v2/symbols", HttpStatusCode.Unauthorized, "needs a key or a token");
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Origin", "https://elsewhere.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("X-Nothing", "1", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    public async Task Cookie_changes_nothing_for_other_sites(string header, string value, bool counts)
    {
        var (_, secret) = await _world.NewKeyAsync([Scopes.Admin]);
        using var browser = Browser();
        await SignInAsync(browser, secret);
        await AnswersAsync(browser, "/admin/keys", HttpStatusCode.OK);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/admin/keys")
        {
            Content = JsonContent.Create(new { name = "x", scopes = new[] { "market.read" } }),
        };
        request.Headers.Add(header, value);
        using var answer = await browser.SendAsync(request);

        Assert.Equal(counts ? HttpStatusCode.Created : HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Session_makes_no_session()
    {
        var (_, secret) = await _world.NewKeyAsync([Scopes.Read]);
        using var browser = Browser();
        await SignInAsync(browser, secret);
        using var request = new HttpRequestMessage(HttpMethod.Post, Session);
        request.Headers.Add("Sec-Fetch-Site", "same-origin");

        using var answer = await browser.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var nobody = await _world.Nobody().PostAsync(Session, null);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    [Fact]
    public async Task What_cookies_are_encrypted_with_is_in_Redis_so_that_another_replica_reads_them()
    {
        var (_, secret) = await _world.NewKeyAsync([Scopes.Read]);
        using var browser = Browser();
        string cookie = (await SignInAsync(browser, secret)).Split(';')[0];
        Assert.NotEmpty(_world.Api.App.Services.GetRequiredService<SessionKeyRecords>().Read());

        await using var replica = await _world.StartReplicaAsync();
        using var http = new HttpClient { BaseAddress = replica.Http.BaseAddress };
        http.DefaultRequestHeaders.Add("Cookie", cookie);

        await AnswersAsync(http, "/api/v2/symbols", HttpStatusCode.OK);
        http.DefaultRequestHeaders.Remove("Cookie");
        http.DefaultRequestHeaders.Add("Cookie", cookie[..^6] + "abcdef");
        await AnswersAsync(http, "/api/v2/symbols", HttpStatusCode.Unauthorized);
    }

    private static async Task AnswersAsync(HttpClient http, string path, HttpStatusCode status, string detail = "")
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{path}: {answer.StatusCode} {body}");
        Assert.Contains(detail, body, StringComparison.Ordinal);
    }

    /// <summary>Signs in, and gives the cookie as it was set.</summary>
    private static async Task<string> SignInAsync(HttpClient browser, KeySecret secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Session);
        request.Headers.Authorization = new("Bearer", secret.Reveal());
        using var answer = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Assert.Single(answer.Headers.GetValues("Set-Cookie"));
    }

    private HttpClient Browser() => new(new HttpClientHandler { CookieContainer = new CookieContainer() }, disposeHandler: true)
    {
        BaseAddress = _world.Api.Http.BaseAddress,
    };
}
