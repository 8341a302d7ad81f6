using System.Globalization;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Connections;

/// <summary>A primary, its replica, and a Sentinel that promotes the replica a second after the primary is gone.</summary>
internal sealed class RedisSentinel : IAsyncDisposable
{
    private const string Service = "radar";

    private readonly RedisProcess _primary, _replica, _sentinel;

    private RedisSentinel(RedisProcess primary, RedisProcess replica, RedisProcess sentinel) =>
        (_primary, _replica, _sentinel) = (primary, replica, sentinel);

    /// <summary>As the client's connection string names it.</summary>
    public string Connection => $"{_sentinel.Address},serviceName={Service}";

    /// <summary>The one that is promoted.</summary>
    public string Replica => _replica.Address;

    public static async Task<RedisSentinel> StartAsync()
    {
        var primary = await RedisProcess.StartAsync(RedisProcess.Plain);
        var replica = await RedisProcess.StartAsync(port =>
        [
            .. RedisProcess.Plain(port), "--replicaof", $"127.0.0.1 {Number(primary.Port)}", "--repl-diskless-sync-delay", "0",
        ]);
        string configuration = $"""
            sentinel monitor {Service} 127.0.0.1 {Number(primary.Port)} 1
            sentinel down-after-milliseconds {Service} 1000
            sentinel failover-timeout {Service} 10000

            """;
        var sentinel = await RedisProcess.StartAsync(
            static port => ["--sentinel", "--port", Number(port)], configure: AsSentinel, configuration: configuration);
        var options = ConfigurationOptions.Parse(sentinel.Address + ",allowAdmin=true");
        AsSentinel(options);
        await using var client = await ConnectionMultiplexer.ConnectAsync(options);
        await Wait.UntilAsync(
            async () => ((RedisResult[])(await client.GetServers()[0].ExecuteAsync("SENTINEL", "REPLICAS", Service))!).Any(
                static known => (string?)known.ToDictionary()["flags"] == "slave"
                    && (string?)known.ToDictionary()["master-link-status"] == "ok"),
            "the Sentinel knows the replica, which has everything");
        return new RedisSentinel(primary, replica, sentinel);
    }

    /// <summary>Ends the primary as a crash would.</summary>
    public void KillPrimary() => _primary.Kill();

    public async ValueTask DisposeAsync()
    {
        await _sentinel.DisposeAsync();
        await _replica.DisposeAsync();
        await _primary.DisposeAsync();
    }

    private static void AsSentinel(ConfigurationOptions options) => (options.CommandMap, options.TieBreaker) = (CommandMap.Sentinel, "");

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}
