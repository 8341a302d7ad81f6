using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api;
using Radar.Api.Access;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http.Access;

/// <summary>Who may do what with which key, over HTTP.</summary>
public sealed partial class KeyAccessTests : IAsyncLifetime
{
    private static readonly string[] Open = ["/alive", "/ready", "/health", "/docs/index.html", "/openapi/v1.json", "/"];
    private static readonly string[] Reads =
    [
        "/api/v1/ticker/BTCUSDT", "/api/v1/history/BTCUSDT", "/api/v2/symbols", "/api/v2/tickers", "/api/v2/tickers/BTCUSDT",
        "/api/v2/snapshots?symbols=BTCUSDT", "/api/v2/movers", "/api/v2/trades/BTCUSDT", "/api/v2/bars/BTCUSDT",
    ];

    private AccessWorld _world = null!;

    public async Task InitializeAsync() => _world = await AccessWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Without_a_key_only_the_document_and_the_state_of_the_process_are_open()
    {
        var nobody = _world.Nobody();

        foreach (string path in Open)
        {
            using var answer = await nobody.GetAsync(new Uri(path, UriKind.Relative));
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode}");
        }

        Assert.Equal(["status"], (await nobody.GetFromJsonAsync<JsonObject>("/health"))!.Select(member => member.Key));
        foreach (string path in (string[])[.. Reads, "/api/v2/lag", "/api/v2/dead-letters", "/api/v2/stream", "/admin/keys"])
        {
            using var answer = await nobody.GetAsync(new Uri(path, UriKind.Relative));
            await IsRefusedAsync(answer, HttpStatusCode.Unauthorized, "Bearer realm=\"radar\"", "needs a key or a token");
        }
    }

    [Fact]
    public void Every_route_asks_for_a_scope_or_is_open_on_purpose()
    {
        string[] open = ["openapi/v1.json", "health", "ready", "alive", "session"];
        var routes = _world.Api.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<IAuthorizeData>() is null)
            .Select(route => route.RoutePattern.RawText!.TrimStart('/'))
            .Where(route => !Radar.Api.Http.Page.PageFile.All().Any(file => file.Path.TrimStart('/') == route));

        Assert.Equal(open.Order(), routes.Distinct().Order());
    }

    [Fact]
    public async Task Key_opens_what_its_scopes_are_for_and_nothing_else()
    {
        var reader = await _world.WithKeyAsync([Scopes.Read]);

        foreach (string path in Reads)
        {
            using var answer = await reader.GetAsync(new Uri(path, UriKind.Relative));
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {await answer.Content.ReadAsStringAsync()}");
            Assert.Equal("Authorization, Cookie, X-Api-Key", string.Join(", ", answer.Headers.Vary));
        }

        foreach (var (path, scope) in new[]
            { ("/api/v2/stream", "market.stream"), ("/api/v2/dead-letters", "admin"), ("/admin/keys", "admin") })
        {
            using var answer = await reader.GetAsync(new Uri(path, UriKind.Relative));
            await IsRefusedAsync(
                answer, HttpStatusCode.Forbidden, $"error=\"insufficient_scope\", scope=\"{scope}\"", $"needs the scope {scope}");
            Assert.True(answer.Headers.Contains("RateLimit"), path); // what is refused is counted, too
        }

        Assert.Equal(["status"], (await reader.GetFromJsonAsync<JsonObject>("/health"))!.Select(member => member.Key));
        var admin = await _world.WithKeyAsync([Scopes.Admin]);
        Assert.NotNull((await admin.GetFromJsonAsync<JsonObject>("/health"))!["checks"]);
        using var read = await admin.GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, read.StatusCode);
    }

    [Fact]
    public async Task Document_says_how_to_ask_and_what_each_route_needs()
    {
        var api = (await _world.Nobody().GetFromJsonAsync<JsonObject>("/openapi/v1.json"))!;

        Assert.Equal(["bearer", "key"], api["components"]!["securitySchemes"]!.AsObject().Select(scheme => scheme.Key).Order());
        foreach (var (path, scope) in new[]
            { ("/api/v2/symbols", "market.read"), ("/api/v2/stream", "market.stream"), ("/api/v2/dead-letters", "admin") })
        {
            var operation = api["paths"]![path]!["get"]!;
            Assert.Equal(["bearer", "key"], operation["security"]!.AsArray().Select(any => any!.AsObject().Single().Key).Order());
            Assert.EndsWith($"Needs the scope `{scope}`.", (string?)operation["description"], StringComparison.Ordinal);
            Assert.NotNull(operation["responses"]!["401"]);
            Assert.Contains(scope, operation["responses"]!["403"]!.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Key_is_taken_from_either_header()
    {
        var (_, secret) = await _world.NewKeyAsync([Scopes.Read]);
        var client = _world.Nobody();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/symbols");
        request.Headers.Add("X-Api-Key", secret.Reveal());

        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Wrong_key_is_refused_and_not_repeated()
    {
        var (key, _) = await _world.NewKeyAsync([Scopes.Read]);
        string[] all = [KeySecret.OfId(key.Id).Reveal(), KeySecret.New().Reveal(), "rk_x_y", "rk_" + new string('a', 5000)];
        foreach (string wrong in all)
        {
            using var answer = await _world.Client(wrong).GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));
            string body = await IsRefusedAsync(answer, HttpStatusCode.Unauthorized, "error=\"invalid_token\"", "unknown, revoked or over");
            Assert.DoesNotContain(wrong, body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.e30.")]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("rk_without_bearer")]
    public async Task Header_without_a_key_is_refused_as_such_where_only_keys_are_taken_unless_another_header_has_one(string header)
    {
        var client = _world.Nobody();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
        using var refused = await client.GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));
        await IsRefusedAsync(refused, HttpStatusCode.Unauthorized, "error=\"invalid_token\"", "carries no key of Radar");

        client.DefaultRequestHeaders.Add("X-Api-Key", (await _world.NewKeyAsync([Scopes.Read])).Secret.Reveal());
        using var answer = await client.GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Revoked_key_is_refused_and_its_open_stream_ends()
    {
        var (key, secret) = await _world.NewKeyAsync([Scopes.Read, Scopes.Stream]);
        var client = _world.Client(secret.Reveal());
        await using var stream = await EventStream.OpenAsync(client);
        Assert.Equal("snapshot", (await stream.AnyAsync())!.Type);

        await _world.Keys.RevokeAsync(key.Id, "test");

        while (await stream.AnyAsync() is not null)
        {
            // heartbeats, until the stream ends
        }

        using var answer = await client.GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Administrators_make_list_rotate_and_revoke_keys()
    {
        var admin = await _world.WithKeyAsync([Scopes.Admin]);
        using var made = await admin.PostAsJsonAsync(
            "/admin/keys", new { name = "charts", scopes = new[] { "market.read" }, symbols = new[] { "btc*" }, expires_in_days = 30 });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var created = (await made.Content.ReadFromJsonAsync<JsonObject>())!;
        string id = (string)created["record"]!["id"]!, first = (string)created["key"]!;

        Assert.Equal("BTC*", (string?)Assert.Single((await ListAsync())["symbols"]!.AsArray()));
        Assert.DoesNotContain(first.Split('_')[2], (await ListAsync()).ToJsonString(), StringComparison.Ordinal);
        using var rotated = await admin.PostAsync(new Uri($"/admin/keys/{id}/rotate", UriKind.Relative), null);
        string second = (string)(await rotated.Content.ReadFromJsonAsync<JsonObject>())!["key"]!;
        foreach (string key in new[] { first, second })
            await StatusAsync(key, HttpStatusCode.OK);
        Assert.Equal(2, (int)(await ListAsync())["secrets"]!);
        using var retired = await admin.PostAsync(new Uri($"/admin/keys/{id}/retire", UriKind.Relative), null);
        await StatusAsync(first, HttpStatusCode.Unauthorized);
        await StatusAsync(second, HttpStatusCode.OK);
        using var revoked = await admin.DeleteAsync(new Uri($"/admin/keys/{id}", UriKind.Relative));
        await StatusAsync(second, HttpStatusCode.Unauthorized);
        using var again = await admin.DeleteAsync(new Uri($"/admin/keys/{id}", UriKind.Relative));
        Assert.Equal(
            (HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.NotFound),
            (retired.StatusCode, revoked.StatusCode, again.StatusCode));

        const string Right = "{\"name\":\"x\",\"scopes\":[\"market.read\"],";
        foreach (var (body, reason) in new[]
            {
                ("", "The body is JSON"), ("[]", "The body is JSON"), ("{\"name\":\"x\"}", "needs scopes"),
                ("{\"name\":\"x\",\"scopes\":[\"root\"]}", "needs scopes"), ("{\"nam\":\"x\"}", "The member nam is unknown"),
                (Right + "\"symbols\":[null]}", "is not a symbol"), (Right + "\"expires_in_days\":1e300}", "at most 36500 days"),
                (Right + "\"expires_in_days\":\"5\"}", "The member expires_in_days"),
                (Right + "\"limits\":{\"x\":1}}", "The member limits.x"),
            })
        {
            using var bad = await admin.PostAsync(
                new Uri("/admin/keys", UriKind.Relative), new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
            string answer = await bad.Content.ReadAsStringAsync();
            Assert.True(bad.StatusCode == HttpStatusCode.BadRequest, $"{body}: {bad.StatusCode}");
            Assert.Contains(reason, answer, StringComparison.Ordinal);
        }

        async Task<JsonNode> ListAsync() => (await admin.GetFromJsonAsync<JsonObject>("/admin/keys"))!["keys"]!.AsArray()
            .Single(key => (string?)key!["id"] == id)!;

        Task StatusAsync(string key, HttpStatusCode status) => Wait.UntilAsync(
            async () =>
            {
                using var answer = await _world.Client(key).GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));
                return answer.StatusCode == status;
            },
            $"the key is answered with {status}");
    }

    [Fact]
    public async Task Keys_count_on_while_Redis_is_away()
    {
        var client = await _world.WithKeyAsync([Scopes.Read]);

        _world.StopRedis();

        using var known = await client.GetAsync(new Uri("/api/v2/tickers/BTCUSDT", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
    }

    [Fact]
    public async Task Keys_that_could_never_be_read_are_an_outage_and_no_refusal()
    {
        await using var api = ApiService.Build(
        [
            "--urls", "http://127.0.0.1:0", "--ConnectionStrings:redis", "127.0.0.1:1,connectTimeout=200", "--ConnectionStrings:kafka",
            "127.0.0.1:1", "--Auth:Mode", "keys", "--Logging:LogLevel:Default", "None",
        ]);
        await api.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(api.Urls.Single()) };
        http.DefaultRequestHeaders.Add("X-Api-Key", KeySecret.New().Reveal());

        using var answer = await http.GetAsync(new Uri("/api/v2/symbols", UriKind.Relative));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("keys are being read", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await api.StopAsync();
    }

    private static async Task<string> IsRefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string challenge, string detail)
    {
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{answer.RequestMessage!.RequestUri}: {answer.StatusCode} {body}");
        Assert.Contains(challenge, string.Join(", ", answer.Headers.WwwAuthenticate), StringComparison.Ordinal);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains(detail, body, StringComparison.Ordinal);
        return body;
    }
}
