using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.ServiceDefaults;

namespace Radar.Producer.Topics;

/// <summary>
/// Why nothing is read of the other topic, or nothing comes of it, for the health check; null where records are, or could be.
/// </summary>
internal sealed class TopicStatus(TimeProvider time, SymbolVenues venues)
{
    private volatile string? _unhealthyReason = "not started";

    public string? UnhealthyReason
    {
        get => _unhealthyReason;
        set => _unhealthyReason = value;
    }

    /// <summary>Where two venues meet under one symbol.</summary>
    public SymbolVenues Venues { get; } = venues;

    /// <summary>What should be looked at though records go on.</summary>
    public HealthNotices Notices { get; } = new(time);
}

/// <summary>Degraded while nothing is read of the other topic, and for a while after a record failed unexpectedly.</summary>
internal sealed class TopicHealthCheck(TopicStatus status) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((status.UnhealthyReason ?? status.Notices.Now) is { } reason ? HealthCheckResult.Degraded(reason)
            : HealthCheckResult.Healthy());
}
