using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// Degraded where the state of a partition lacks records that it should have; answers report it in <c>meta.incomplete</c>.
/// </summary>
internal sealed class IntegrityHealthCheck(LiveBoard board) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string? marks = board.Status.Version.Incomplete;
        int begunLate = IntegrityMarks.Read(marks).Count(mark => mark.IsLateBegin);
        return Task.FromResult(
            IntegrityMarks.Summary([marks]) is { } lost ? HealthCheckResult.Degraded(lost)
            : HealthCheckResult.Healthy(
                begunLate > 0 ? $"{begunLate} partitions were begun after the topic had dropped its first records." : null));
    }
}
