using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Radar.Api.Access;
using Radar.Market;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Api.Access;

/// <summary>Keys in Redis, and what a process knows of them.</summary>
public sealed class KnownKeysTests : IAsyncLifetime
{
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(55));
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private ConnectionMultiplexer _client = null!;
    private ApiKeyRecords _records = null!;
    private KeyAdministration _administration = null!;
    private KnownKeys _known = null!;

    public async Task InitializeAsync()
    {
        _client = await PatientRedis.ConnectAsync(_redis.Address);
        _records = new ApiKeyRecords(_client);
        _administration = new KeyAdministration(
            _records, new AccessMetrics(_services.GetRequiredService<IMeterFactory>()), SymbolRule.Upper, _time,
            NullLogger<KeyAdministration>.Instance);
        _known = new KnownKeys(_records, SymbolRule.Upper, _time, NullLogger<KnownKeys>.Instance);
        await _known.RefreshAsync();
    }

    public async Task DisposeAsync()
    {
        _known.Dispose();
        await _client.DisposeAsync();
        await _services.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task Key_counts_until_it_is_revoked_and_its_streams_end()
    {
        var (key, secret) = await CreateAsync();
        Assert.Null(Find(secret)); // not seen yet
        await _known.RefreshAsync();
        var found = Find(secret)!;
        Assert.Equal(key.Id, found.Key.Id);
        Assert.Null(Find(KeySecret.OfId(key.Id)));

        await _administration.RevokeAsync(key.Id, "test");
        await _known.RefreshAsync();

        Assert.Null(Find(secret));
        Assert.True(found.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task Change_of_one_key_leaves_the_others_as_they_are()
    {
        var (_, secret) = await CreateAsync();
        await _known.RefreshAsync();
        var found = Find(secret);
        await CreateAsync();

        await _known.RefreshAsync();

        Assert.Same(found, Find(secret));
        Assert.False(found!.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task Key_that_expires_is_refused_at_once_and_its_streams_end_with_the_next_look()
    {
        var (_, secret) = await CreateAsync(TimeSpan.FromDays(1));
        await _known.RefreshAsync();
        var found = Find(secret)!;

        _time.Advance(TimeSpan.FromDays(1));

        Assert.Null(Find(secret));
        await _known.RefreshAsync();
        Assert.True(found.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task Two_secrets_count_until_the_older_is_retired_or_rotated_out()
    {
        var (key, first) = await CreateAsync();
        var second = await _administration.RotateAsync(key.Id, "test");
        await _known.RefreshAsync();
        Assert.All([first, second], secret => Assert.NotNull(Find(secret)));

        var third = await _administration.RotateAsync(key.Id, "test");
        await _known.RefreshAsync();
        Assert.Null(Find(first));
        Assert.All([second, third], secret => Assert.NotNull(Find(secret)));

        await _administration.RetireAsync(key.Id, "test");
        await _known.RefreshAsync();
        Assert.Null(Find(second));
        Assert.NotNull(Find(third));
    }

    [Fact]
    public async Task Secret_is_nowhere_in_Redis()
    {
        var (_, secret) = await CreateAsync();

        string dump = await RedisDump.OfAsync(_client, "*");

        Assert.Contains(secret.Id, dump, StringComparison.Ordinal);
        Assert.DoesNotContain(secret.Secret, dump, StringComparison.Ordinal);
        Assert.DoesNotContain(secret.Secret, secret.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_that_cannot_be_read_is_no_key_and_spoils_no_other()
    {
        var (_, secret) = await CreateAsync();
        await _records.TryReplaceAsync("0123456789ab", null, "{");

        await _known.RefreshAsync();

        Assert.NotNull(Find(secret));
    }

    [Fact]
    public async Task Two_administrators_at_once_lose_no_change()
    {
        var (key, _) = await CreateAsync();

        var secrets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _administration.RotateAsync(key.Id, "test")));

        await _known.RefreshAsync();
        Assert.Equal(ApiKey.SecretsMax, secrets.Count(secret => Find(secret) is not null));
    }

    [Fact]
    public async Task Key_that_cannot_be_is_refused_with_its_reason()
    {
        foreach (var (name, scopes, symbols, parameter) in new (string?, string[], string[], string)[]
            { (null, [Scopes.Read], [], "name"), ("a\nb", [Scopes.Read], [], "name"), ("a", [], [], "scopes"),
                ("a", ["market.write"], [], "scopes"), ("a", [Scopes.Read], ["A B"], "symbols") })
        {
            var e = await Assert.ThrowsAsync<KeyRequestException>(
                () => _administration.CreateAsync(name, scopes, symbols, lifetime: null, limits: null, "test"));
            Assert.Equal(parameter, e.Parameter);
        }

        await Assert.ThrowsAsync<KeyRequestException>(() => _administration.RevokeAsync("0123456789ab", "test"));
    }

    private KnownKey? Find(KeySecret secret) => _known.Find(secret.Id, secret.Hash());

    private Task<(ApiKey Key, KeySecret Secret)> CreateAsync(TimeSpan? lifetime = null) =>
        _administration.CreateAsync("charts", [Scopes.Read], symbols: null, lifetime, limits: null, "test");
}
