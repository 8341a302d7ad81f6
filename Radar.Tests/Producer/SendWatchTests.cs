using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Radar.Producer;
using Radar.Producer.Control;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer;

/// <summary>A broker that acknowledges nothing.</summary>
public sealed class SendWatchTests
{
    [Fact]
    public async Task Ticks_wait_for_a_broker_that_is_gone_which_is_reported_once_and_none_is_lost()
    {
        using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic("waits", 1);
        kafka.CreateTopic("waits.dlq", 1);
        using var redis = EmbeddedRedis.Start();
        using var lines = new LogLines();
        await using var path = new RadarPath(kafka, redis.Address, "waits", "--Kafka:Partitions=1", "--Kafka:TopicIdentity=waits");
        using var api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        var producer = await path.StartAsync(
            args =>
            {
                var host = ProducerService.Build(args);
                host.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
                return host;
            },
            [
                "--Producer:Source=synthetic", "--Producer:Synthetic:PastMinutes=0", "--Producer:Synthetic:Count=3000",
                "--Producer:Synthetic:Rate=20", "--Logging:LogLevel:Default=Information", "--Logging:Console:LogLevel:Default=None",
            ]);
        var health = producer.Services.GetRequiredService<HealthCheckService>();
        await Wait.UntilAsync(async () => await path.CountAsync() > 0, "the path runs");

        await ((IServerSwitch)kafka).StopAsync();
        var report = await Wait.ForAsync(
            () => health.CheckHealthAsync(), static found => found.Entries["sending"].Status == HealthStatus.Degraded,
            _ => Task.FromResult("it is logged: " + lines.Text));
        Assert.Contains("acknowledges nothing of topic waits", report.Entries["sending"].Description, StringComparison.Ordinal);
        await ((IServerSwitch)kafka).StartAsync(CancellationToken.None);

        // Not before, or a busy machine is done when the broker goes.
        RateControl.Set(new RateRequest(Rate: 0), producer.Services.GetRequiredService<ITickSource>());
        await RadarPath.ProducedAsync(producer);
        await RadarPath.BacklogAppliedAsync(api);
        Assert.Equal(3000, await path.CountAsync());
        await Wait.ForAsync(
            () => health.CheckHealthAsync(), static found => found.Entries["sending"].Status == HealthStatus.Healthy,
            _ => Task.FromResult("it is healthy again: " + lines.Text));
        Assert.Single(lines.Lines, static line => line.Contains("Kafka at", StringComparison.Ordinal)
            && line.Contains("acknowledges nothing", StringComparison.Ordinal) && line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, "2", "partition 0 has 1 in-sync replicas, and min.insync.replicas is 2: bring brokers back")]
    [InlineData(2, "2", null)]
    [InlineData(1, null, null)]
    public void Partition_with_too_few_replicas_is_the_reason(int inSync, string? least, string? reason) =>
        Assert.Equal(reason, SendWatch.FewReplicas(0, inSync, least));
}
