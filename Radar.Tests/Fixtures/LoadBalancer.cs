using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace Radar.Tests.Fixtures;

/// <summary>
/// A load balancer in front of replicas, which asks each for <c>/ready</c> and repeats no request: what a replica fails, its client sees.
/// </summary>
internal sealed class LoadBalancer : IAsyncDisposable
{
    private const string Cluster = "api";

    private static readonly RouteConfig[] Routes =
        [new() { RouteId = "all", ClusterId = Cluster, Match = new RouteMatch { Path = "/{**path}" } }];

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);

    private readonly WebApplication _proxy;

    private LoadBalancer(WebApplication proxy) => _proxy = proxy;

    public Uri Address => new(_proxy.Urls.Single());

    public static async Task<LoadBalancer> StartAsync(params string[] replicas)
    {
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Services.AddReverseProxy().LoadFromMemory(Routes, [Of(replicas)]);
        var proxy = builder.Build();
        proxy.MapReverseProxy();
        await proxy.StartAsync();
        return new LoadBalancer(proxy);
    }

    /// <summary>From now on these are the replicas. One that is new gets requests at once.</summary>
    public void Set(IEnumerable<string> replicas) =>
        _proxy.Services.GetRequiredService<InMemoryConfigProvider>().Update(Routes, [Of(replicas)]);

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    private static ClusterConfig Of(IEnumerable<string> replicas) => new()
    {
        ClusterId = Cluster,
        LoadBalancingPolicy = "RoundRobin",
        Destinations = replicas.ToDictionary(replica => replica, replica => new DestinationConfig { Address = replica }),
        HealthCheck = new HealthCheckConfig
        {
            Active = new ActiveHealthCheckConfig
            {
                Enabled = true, Interval = ProbeInterval, Timeout = TimeSpan.FromSeconds(2), Path = "/ready",
            },
        },
        Metadata = new Dictionary<string, string> { ["ConsecutiveFailuresHealthPolicy.Threshold"] = "1" },
    };
}
