using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Radar.Api;
using Radar.Api.Access;
using Radar.ServiceDefaults;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http.Access;

/// <summary>Tokens of an issuer, whose keys are found by discovery.</summary>
public sealed class TokenAccessTests : IAsyncLifetime
{
    private const string Audience = "radar";

    private readonly RSA _rsa = RSA.Create(2048);
    private WebApplication _issuer = null!;
    private AccessWorld _world = null!;

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    private string Issuer => _issuer.Urls.Single();

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        _issuer = builder.Build();
        _issuer.MapGet("/.well-known/openid-configuration", () => Results.Json(
            new Dictionary<string, string> { ["issuer"] = Issuer, ["jwks_uri"] = Issuer + "/keys" }));
        var parameters = _rsa.ExportParameters(false);
        _issuer.MapGet("/keys", () => Results.Json(new Dictionary<string, object>
        {
            ["keys"] = new[]
            {
                new Dictionary<string, string>
                {
                    ["kty"] = "RSA", ["kid"] = "1", ["use"] = "sig", ["alg"] = "RS256",
                    ["n"] = Base64UrlEncoder.Encode(parameters.Modulus), ["e"] = Base64UrlEncoder.Encode(parameters.Exponent),
                },
            },
        }));
        await _issuer.StartAsync();
        _world = await AccessWorld.StartAsync(
            "--Auth:Mode", "keys,jwt", "--Auth:Issuer", Issuer, "--Auth:Audience", Audience, "--Auth:AllowHttpMetadata", "true");
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _issuer.DisposeAsync();
        _rsa.Dispose();
    }

    [Theory]
    [InlineData("scope", "openid market.read")]
    [InlineData("scp", "market.read")]
    public async Task Token_of_the_issuer_is_taken_with_its_scopes(string claim, string scopes)
    {
        await KnowIssuerAsync();
        var client = _world.Client(Token((claim, scopes)));

        await AnswersAsync(client, "/api/v2/symbols", HttpStatusCode.OK);
        await AnswersAsync(client, "/api/v2/stream", HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Scopes_may_be_a_list_and_keys_count_beside_tokens()
    {
        await KnowIssuerAsync();
        var client = _world.Client(Token(("scp", new[] { "market.read", "market.stream" })));

        await AnswersAsync(client, "/api/v2/symbols", HttpStatusCode.OK);
        await using var stream = await EventStream.OpenAsync(client);
        Assert.Equal("snapshot", (await stream.AnyAsync())!.Type);
        await AnswersAsync(await _world.WithKeyAsync([Scopes.Read]), "/api/v2/symbols", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Token_that_is_not_for_this_api_is_refused_with_the_reason()
    {
        await KnowIssuerAsync();
        using var stranger = RSA.Create(2048);
        foreach (var (token, reason) in new[]
            {
                (Token(("scope", Scopes.Read), audience: "other"), "another audience"),
                (Token(("scope", Scopes.Read), issuer: "https://other.example"), "another issuer"),
                (Token(("scope", Scopes.Read), expires: Now.AddHours(-1)), "over"),
                (Token(("scope", Scopes.Read), expires: Now.AddSeconds(-30)), "over"), // a stream or session of it would end at once
                (Token(("scope", Scopes.Read), key: stranger), "not valid"),
                ("not.a.token", "not valid"),
            })
        {
            string body = await AnswersAsync(_world.Client(token), "/api/v2/symbols", HttpStatusCode.Unauthorized);
            Assert.Contains(reason, body, StringComparison.Ordinal);
            Assert.DoesNotContain(token, body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Stream_ends_with_its_token()
    {
        await KnowIssuerAsync();
        HttpStatusCode status = HttpStatusCode.Unauthorized;
        for (int seconds = 2; status == HttpStatusCode.Unauthorized && seconds < 60; seconds *= 2)
        {
            var client = _world.Client(Token(("scope", Scopes.Stream), expires: Now.AddSeconds(seconds)));
            using var stream = await EventStream.SendAsync(client);
            status = stream.StatusCode; // on a busy machine the token is over before it is shown
            try
            {
                await stream.Content.ReadAsStringAsync().WaitAsync(Wait.Limit); // snapshot and heartbeats, until the stream ends
            }
            catch (HttpRequestException)
            {
                // Its connection is cut.
            }
        }

        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Token_that_counts_for_years_opens_a_stream()
    {
        await KnowIssuerAsync();
        await using var stream = await EventStream.OpenAsync(_world.Client(Token(("scope", Scopes.Stream), expires: Now.AddYears(2))));

        Assert.Equal("snapshot", (await stream.AnyAsync())!.Type);
    }

    [Fact]
    public async Task Issuer_that_does_not_answer_is_an_outage_and_no_refusal()
    {
        var client = _world.Client(Token(("scope", Scopes.Read)));
        await _issuer.StopAsync();

        string body = await AnswersAsync(client, "/api/v2/symbols", HttpStatusCode.ServiceUnavailable);

        Assert.Contains("The issuer of the tokens does not answer", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_is_not_over_while_Redis_does_not_answer_where_its_keys_are()
    {
        await KnowIssuerAsync();
        string token = Token(("scope", Scopes.Read));
        using var signedIn = await SignInAsync(_world.Client(token));
        string cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie")).Split(';')[0];
        await using var relay = new FreezableRelay(_world.Api.App.Services.GetRequiredService<RedisServers>().Addresses);
        relay.Freeze();
        using var lines = new LogLines();
        await using var replica = ApiService.Build(
        [
            "--urls=http://127.0.0.1:0", $"--ConnectionStrings:redis={relay.Address},connectTimeout=500",
            "--ConnectionStrings:kafka=127.0.0.1:1", "--Auth:Mode=jwt", $"--Auth:Issuer={Issuer}", $"--Auth:Audience={Audience}",
            "--Auth:AllowHttpMetadata=true", "--Logging:Console:LogLevel:Default=None",
        ]);
        replica.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await replica.StartAsync();
        using var browser = new HttpClient { BaseAddress = new Uri(replica.Urls.Single()) };
        browser.DefaultRequestHeaders.Add("Cookie", cookie);
        using var client = new HttpClient { BaseAddress = browser.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        foreach (string path in (string[])["/api/v2/symbols", "/session"])
        {
            Assert.Contains("where the keys of sessions are", await AnswersAsync(browser, path, HttpStatusCode.ServiceUnavailable),
                StringComparison.Ordinal);
        }

        using (var refused = await SignInAsync(client))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.DoesNotContain("   at ", lines.Text, StringComparison.Ordinal);
        relay.Thaw();
        await Wait.UntilAsync(
            async () =>
            {
                using var answer = await browser.GetAsync(new Uri("/session", UriKind.Relative));
                return (await answer.Content.ReadAsStringAsync()).Contains("tester", StringComparison.Ordinal);
            },
            "the session counts");
    }

    private static Task<HttpResponseMessage> SignInAsync(HttpClient client) =>
        client.PostAsync(new Uri("/session", UriKind.Relative), null);

    /// <summary>Waits until the API has the issuer's keys: on a busy machine a request may not wait for them long enough.</summary>
    private async Task KnowIssuerAsync()
    {
        var client = _world.Client(Token(("scope", Scopes.Read)));
        await Wait.UntilAsync(
            async () =>
            {
                using var answer = await client.GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));
                return answer.StatusCode == HttpStatusCode.OK;
            },
            "the API has the issuer's keys");
    }

    private static async Task<string> AnswersAsync(HttpClient client, string path, HttpStatusCode status)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{path}: {answer.StatusCode} {body}");
        return body;
    }

    private string Token(
        (string Name, object Value) scopes, string audience = Audience, string? issuer = null, DateTime? expires = null, RSA? key = null) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Issuer,
            Audience = audience,
            Expires = expires ?? Now.AddHours(1),
            Claims = new Dictionary<string, object> { ["sub"] = "tester", [scopes.Name] = scopes.Value },
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(key ?? _rsa) { KeyId = "1" }, SecurityAlgorithms.RsaSha256),
        });
}
