using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api.Access;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http.Access;

/// <summary>An API that asks for keys, with an administrator's key and two symbols.</summary>
internal sealed class AccessWorld : IAsyncDisposable
{
    private EmbeddedRedis? _redis;
    private readonly List<HttpClient> _clients = [];

    private readonly string[] _settings;

    private AccessWorld(EmbeddedRedis redis, ApiWorld api, string[] settings) => (_redis, Api, _settings) = (redis, api, settings);

    public ApiWorld Api { get; }

    public KeyAdministration Keys => Api.App.Services.GetRequiredService<KeyAdministration>();

    public static async Task<AccessWorld> StartAsync(params string[] more)
    {
        var redis = EmbeddedRedis.Start();
        string[] settings = ["--Auth:Mode", "keys", .. more];
        var api = await ApiWorld.StartAsync(redis.Address, kafka: null, fresh: false, settings);
        await api.TakeInAsync(0, [ApiWorld.Tick("BTCUSDT", 10m, ApiWorld.Noon - 86_400_000), ApiWorld.Tick("BTCUSDT", 11m)]);
        await api.TakeInAsync(1, [ApiWorld.Tick("ETHUSDT", 5m, ApiWorld.Noon - 86_400_000), ApiWorld.Tick("ETHUSDT", 6m)]);
        return new AccessWorld(redis, api, settings);
    }

    /// <summary>Another process of the same API, which knows the keys.</summary>
    public async Task<ApiWorld> StartReplicaAsync()
    {
        var replica = await ApiWorld.StartAsync(_redis!.Address, kafka: null, fresh: true, _settings);
        await replica.App.Services.GetRequiredService<KnownKeys>().RefreshAsync();
        return replica;
    }

    /// <summary>A client without a key.</summary>
    public HttpClient Nobody() => Client(null);

    /// <summary>A client with a new key that the API knows.</summary>
    public async Task<HttpClient> WithKeyAsync(string[] scopes, params string[] symbols) =>
        Client((await NewKeyAsync(scopes, symbols)).Secret.Reveal());

    /// <summary>A new key that the API knows.</summary>
    public Task<(ApiKey Key, KeySecret Secret)> NewKeyAsync(string[] scopes, params string[] symbols) =>
        NewKeyAsync(scopes, symbols, limits: null);

    /// <summary>The same with limits of its own.</summary>
    public async Task<(ApiKey Key, KeySecret Secret)> NewKeyAsync(string[] scopes, string[] symbols, KeyLimits? limits)
    {
        var made = await Keys.CreateAsync("test", scopes, symbols, lifetime: null, limits, "test");
        await Api.App.Services.GetRequiredService<KnownKeys>().RefreshAsync();
        return made;
    }

    /// <summary>A client that sends a token or a key.</summary>
    public HttpClient Client(string? bearer)
    {
        var client = new HttpClient { BaseAddress = Api.Http.BaseAddress };
        if (bearer is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        _clients.Add(client);
        return client;
    }

    public void StopRedis()
    {
        _redis?.Dispose();
        _redis = null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await Api.DisposeAsync();
        StopRedis();
    }
}
