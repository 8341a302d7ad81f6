using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.Producer.Topics;

/// <summary>Why nothing is read of the other topic, or nothing comes of it, for the health check; null where records are, or could be.</summary>
internal sealed class TopicStatus
{
    private volatile string? _trouble = "not started";

    public string? Trouble
    {
        get => _trouble;
        set => _trouble = value;
    }
}

/// <summary>Degraded while nothing is read of the other topic.</summary>
internal sealed class TopicHealthCheck(TopicStatus status) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(status.Trouble is { } trouble ? HealthCheckResult.Degraded(trouble) : HealthCheckResult.Healthy());
}
