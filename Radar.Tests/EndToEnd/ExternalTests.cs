using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.EndToEnd;

/// <summary>The AppHost on servers that somebody else runs.</summary>
[Collection(OneAppHostAtATime.Name)]
public sealed class ExternalTests
{
    [RequiresFact(Need.KafkaHome, Need.RedisServer)]
    public async Task Healthy_start_and_stop_log_nothing_at_Warning_or_above()
    {
        await using var kafka = await ApacheKafka.StartAsync(Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!);
        await using var redis = await RedisServer.StartAsync();
        await using var host = await RunningAppHost.StartAsync(
        [
            .. SharedAppHost.Common, "--Infrastructure=external", "--ConnectionStrings:kafka=" + kafka.BootstrapServers,
            "--ConnectionStrings:redis=" + redis.Address,
        ]);

        var complaints = await Complaints.OfStartAsync(host);
        Complaints.AssertNone([.. complaints, .. await Complaints.OfStopAsync(host, DateTimeOffset.MinValue)]);
    }
}
