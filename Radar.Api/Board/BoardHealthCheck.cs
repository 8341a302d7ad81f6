using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Market;

namespace Radar.Api.Board;

/// <summary>
/// Unhealthy until the board was in sync for the first time: a new API takes requests only then. Degraded while it is not later on: what
/// it has is still served, and answers report how old it is. Unhealthy too where the state spells symbols by another rule: every read is
/// refused then.
/// </summary>
internal sealed class BoardHealthCheck(LiveBoard board, SymbolRule symbols) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        BoardStatus status = board.Status;
        return Task.FromResult(
            status.OtherSpelling(symbols) is { } other ? HealthCheckResult.Unhealthy(other)
            : status.IsInSync ? HealthCheckResult.Healthy()
            : status.WasInSync ? HealthCheckResult.Degraded(
                "The board does not follow every partition; reads go to Redis where it answers.")
            : HealthCheckResult.Unhealthy("The board is being loaded from Redis for the first time."));
    }
}
