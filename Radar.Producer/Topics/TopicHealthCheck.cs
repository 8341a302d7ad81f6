using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.Producer.Topics;

/// <summary>Degraded while nothing is read of the other topic.</summary>
internal sealed class TopicHealthCheck(TopicWorker worker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(worker.Trouble is { } trouble ? HealthCheckResult.Degraded(trouble) : HealthCheckResult.Healthy());
}
