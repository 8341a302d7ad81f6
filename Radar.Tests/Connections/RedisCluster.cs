using System.Globalization;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Connections;

/// <summary>A Redis Cluster of three masters.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16_384, Masters = 3;

    private readonly List<RedisProcess> _servers = [];

    /// <summary>All of them.</summary>
    public string Addresses => string.Join(',', _servers.Select(static server => server.Address));

    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster();
        var buses = new List<int>();
        for (int i = 0; i < Masters; i++)
        {
            int bus = LoopbackPort.Free();
            buses.Add(bus);
            cluster._servers.Add(await RedisProcess.StartAsync(port =>
            [
                .. RedisProcess.Plain(port), "--cluster-enabled", "yes", "--cluster-port", bus.ToString(CultureInfo.InvariantCulture),
                "--cluster-node-timeout", "5000",
            ]));
        }

        for (int i = 0; i < Masters; i++)
        {
            await using var client = await PatientRedis.ConnectAsync(cluster._servers[i].Address + ",allowAdmin=true");
            IServer server = client.GetServers()[0];
            await server.ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", Slots * i / Masters, (Slots * (i + 1) / Masters) - 1);
            if (i > 0)
                await server.ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", cluster._servers[0].Port, buses[0]);
        }

        foreach (var server in cluster._servers)
        {
            await using var client = await PatientRedis.ConnectAsync(server.Address + ",allowAdmin=true");
            await Wait.UntilAsync(
                async () => ((string)(await client.GetServers()[0].ExecuteAsync("CLUSTER", "INFO"))!).Contains(
                    "cluster_state:ok", StringComparison.Ordinal),
                "the cluster is complete");
        }

        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }
}
