using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Radar.Tests.Fixtures;

/// <summary>
/// A load balancer in front of replicas, which asks each for <c>/ready</c> and repeats no request: what a replica fails, its client sees.
/// </summary>
internal sealed class LoadBalancer : IAsyncDisposable
{
    private const string Cluster = "api";

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);

    private readonly WebApplication _proxy;

    private LoadBalancer(WebApplication proxy) => _proxy = proxy;

    public Uri Address => new(_proxy.Urls.Single());

    public static async Task<LoadBalancer> StartAsync(params string[] replicas)
    {
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var destinations = replicas.ToDictionary(replica => replica, replica => new DestinationConfig { Address = replica });
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = Cluster, Match = new RouteMatch { Path = "/{**path}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = Cluster, LoadBalancingPolicy = "RoundRobin", Destinations = destinations,
                    HealthCheck = new HealthCheckConfig
                    {
                        Active = new ActiveHealthCheckConfig
                        {
                            Enabled = true, Interval = ProbeInterval, Timeout = TimeSpan.FromSeconds(2), Path = "/ready",
                        },
                    },
                    Metadata = new Dictionary<string, string> { ["ConsecutiveFailuresHealthPolicy.Threshold"] = "1" },
                },
            ]);
        var proxy = builder.Build();
        proxy.MapReverseProxy();
        await proxy.StartAsync();
        return new LoadBalancer(proxy);
    }

    /// <summary>Waits until the replica was found ready, or no longer is.</summary>
    public Task UntilAsync(string replica, bool ready) => Wait.UntilAsync(
        () => _proxy.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster(Cluster, out var cluster)
            && cluster.Destinations[replica].Health.Active == (ready ? DestinationHealth.Healthy : DestinationHealth.Unhealthy),
        $"{replica} is {(ready ? "" : "not ")}ready");

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();
}
