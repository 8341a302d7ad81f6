using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.Consumer;

/// <summary>
/// Unhealthy while a partition of this process does not advance, or Kafka hands out none; says which and why. Degraded while an operator
/// holds them.
/// </summary>
internal sealed class LanesHealthCheck(KafkaTickSource source, OperatorPause pause) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        var lanes = source.Lanes;
        var troubled = lanes.Select(lane => (lane.Partition, lane.Trouble)).Where(lane => lane.Trouble is not null).OrderBy(lane => lane.Partition).ToList();
        if (troubled.Count > 0)
            return HealthCheckResult.Unhealthy($"Partition {troubled[0].Partition} of {troubled.Count} that do not advance: {troubled[0].Trouble}");
        if (source.Trouble is { } trouble)
            return HealthCheckResult.Unhealthy(trouble);
        return pause.Since is { } since
            ? HealthCheckResult.Degraded($"Paused by an operator since {ConsumerControl.Text(since)}; `resume` ends it.")
            : HealthCheckResult.Healthy($"{lanes.Count} partitions, {source.PausedPartitions} of them paused");
    }
}
