using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.Consumer;

/// <summary>Unhealthy while a partition of this process does not advance, or Kafka hands out none; says which and why.</summary>
internal sealed class LanesHealthCheck(KafkaTickSource source) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        var lanes = source.Lanes;
        var troubled = lanes.Select(lane => (lane.Partition, lane.Trouble)).Where(lane => lane.Trouble is not null).OrderBy(lane => lane.Partition).ToList();
        if (troubled.Count > 0)
            return HealthCheckResult.Unhealthy($"Partition {troubled[0].Partition} of {troubled.Count} that do not advance: {troubled[0].Trouble}");
        return source.Trouble is { } trouble
            ? HealthCheckResult.Unhealthy(trouble)
            : HealthCheckResult.Healthy($"{lanes.Count} partitions, {source.PausedPartitions} of them paused");
    }
}
