using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.Consumer;

/// <summary>Unhealthy while a partition of this process does not advance; says which and why.</summary>
internal sealed class LanesHealthCheck(KafkaTickSource source) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var lanes = source.Lanes;
        var troubled = lanes.Where(lane => lane.Trouble is not null).OrderBy(lane => lane.Partition).ToList();
        return Task.FromResult(troubled.Count == 0
            ? HealthCheckResult.Healthy($"{lanes.Count} partitions")
            : HealthCheckResult.Unhealthy($"Partition {troubled[0].Partition} of {troubled.Count} that do not advance: {troubled[0].Trouble}"));
    }
}
