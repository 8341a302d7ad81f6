using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Radar.Api.Access;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using Radar.Tests.Fixtures.Otlp;

namespace Radar.Tests.Standalone;

/// <summary>No secret that a run was given, or gave, is in anything that it prints, exports or answers.</summary>
public sealed class SecretsTests : IAsyncLifetime
{
    private const string Password = "redis-7c1e-password";
    private const string ControlKey = "control-key-with-more-than-32-characters";

    private readonly KeySecret _key = KeySecret.New();
    private readonly KeySecret _wrong = KeySecret.New();
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly List<string> _given = [];

    private WebApplication _collector = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        _collector = builder.Build();
        _collector.MapPost("/v1/{signal}", async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _seen.Enqueue(Encoding.Latin1.GetString(body.ToArray())); // text lies in protobuf as it is
        });
        await _collector.StartAsync();
    }

    public async Task DisposeAsync() => await _collector.DisposeAsync();

    [RequiresFact(Need.RedisServer, Need.Signals)]
    public async Task Run_with_keys_tickets_sessions_and_failures_shows_none()
    {
        await using var redis = await RedisServer.StartAsync();
        await using (var admin = await PatientRedis.ConnectAsync(redis.Address + ",allowAdmin=true"))
        {
            var now = TimeProvider.System.GetUtcNow();
            var key = new ApiKey(_key.Id, "all", [.. Scopes.All], [new KeptSecret(_key.Hash(), now)], now);
            await new ApiKeyRecords(admin).TryReplaceAsync(key.Id, before: null, key.Format());
            await admin.GetServers()[0].ConfigSetAsync("requirepass", Password);
        }

        int port = LoopbackPort.Free();
        var environment = OtlpSettings.Often(_collector.Urls.Single());
        environment["Control__Key"] = ControlKey;
        using var process = new ServiceProcess(
            "Radar.Standalone", environment, "--urls", $"http://127.0.0.1:{port}", "--redis", $"{redis.Address},password={Password}",
            "--Auth:Mode=keys", "--Producer:TracesPerSymbolPerSecond=1000", "--Logging:LogLevel:Default=Debug");
        using var http = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
        };
        await UseAsync(http);
        redis.Kill(); // errors of every kind follow
        await Wait.UntilAsync(
            async () => (await AskAsync(http, HttpMethod.Get, "/api/v2/bars/BTCUSDT?timeframe=1Min", _key)).StatusCode
                == HttpStatusCode.ServiceUnavailable,
            "Redis is missed");
        await AskAsync(http, HttpMethod.Post, "/api/v2/stream-tickets", _key);
        await AskAsync(http, HttpMethod.Get, "/health", _key);
        process.Signal("TERM");
        await process.ExitCodeAsync();

        string seen = string.Concat(_seen) + process.Output;
        Assert.Contains("/api/v2/stream", seen, StringComparison.Ordinal); // spans, logs and metrics have come
        Assert.Contains("radar.lag.seconds", seen, StringComparison.Ordinal);
        foreach (string secret in (string[])[_key.Secret, _wrong.Secret, Password, ControlKey, .. _given])
            Assert.DoesNotContain(secret, seen, StringComparison.Ordinal);
    }

    /// <summary>Everything that takes a secret, and shows one once.</summary>
    private async Task UseAsync(HttpClient http)
    {
        await Wait.UntilAsync(
            async () => (await AskAsync(http, HttpMethod.Get, "/api/v2/tickers/BTCUSDT", _key)).StatusCode == HttpStatusCode.OK,
            "the key opens a ticker");
        string[] paths = ["/api/v2/symbols", "/health", "/metrics", "/admin/keys", "/docs/index.html", "/", "/openapi/v1.json"];
        foreach (string path in paths)
        {
            await AskAsync(http, HttpMethod.Get, path, _key);
            await AskAsync(http, HttpMethod.Get, path, _wrong);
        }

        var session = await AskAsync(http, HttpMethod.Post, "/session", _key);
        _given.Add(Assert.Single(session.Headers.GetValues("Set-Cookie")).Split('=', 2)[1].Split(';')[0]);
        await AskAsync(http, HttpMethod.Get, "/api/v2/symbols", key: null);

        var ticketed = await AskAsync(http, HttpMethod.Post, "/api/v2/stream-tickets", _key, isShown: false);
        string ticket = (string)(await ticketed.Content.ReadFromJsonAsync<JsonObject>())!["ticket"]!;
        _given.Add(ticket);
        await using (var stream = await EventStream.OpenAsync(http, "ticket=" + ticket))
            Assert.Equal("snapshot", (await stream.AnyAsync())!.Type);
        using (var used = await EventStream.SendAsync(http, "ticket=" + ticket))
            Assert.Equal(HttpStatusCode.Unauthorized, used.StatusCode);

        using var made = new HttpRequestMessage(HttpMethod.Post, "/admin/keys")
        {
            Content = JsonContent.Create(new { name = "new", scopes = new[] { "market.read" } }),
        };
        made.Headers.Authorization = new("Bearer", _key.Reveal());
        using var answer = await http.SendAsync(made);
        _given.Add(((string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["key"]!).Split('_')[2]);
        using var control = new HttpRequestMessage(HttpMethod.Post, "/control/verify")
        {
            Content = JsonContent.Create(new { symbol = "BTCUSDT" }),
        };
        control.Headers.Add("X-Radar-Control-Key", ControlKey);
        using var verified = await http.SendAsync(control);
        _seen.Enqueue(await verified.Content.ReadAsStringAsync());
    }

    /// <summary>Asks, and keeps the answer's body among what is searched.</summary>
    private async Task<HttpResponseMessage> AskAsync(HttpClient http, HttpMethod method, string path, KeySecret? key, bool isShown = true)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is { } shown)
            request.Headers.Add("X-Api-Key", shown.Reveal());
        try
        {
            var answer = await http.SendAsync(request);
            if (isShown)
                _seen.Enqueue(await answer.Content.ReadAsStringAsync());
            return answer;
        }
        catch (HttpRequestException)
        {
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable); // it does not listen yet
        }
    }
}
