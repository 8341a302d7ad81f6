using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Api.Faults;
using Radar.Market.Store;

namespace Radar.Api.Freshness;

/// <summary>
/// Degraded where a symbol lives in two partitions: producers with different partitioners share the topic. The newest trade is served,
/// but each partition has only its own part of the history.
/// </summary>
internal sealed class SymbolsHealthCheck(SymbolDirectory directory, FailureLog failures, TimeProvider time) : IHealthCheck
{
    private const int NamedMax = 5;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var shared = await directory.SharedAsync(cancellationToken).WaitAsync(Timeout, time, cancellationToken);
            if (shared.IsEmpty)
                return HealthCheckResult.Healthy();
            string named = string.Join(
                ", ", shared.Take(NamedMax).Select(symbol => $"{symbol.Symbol} in partitions {symbol.First} and {symbol.Second}"));
            string more = shared.Length > NamedMax ? $" and {shared.Length - NamedMax} more" : "";
            return HealthCheckResult.Degraded(
                $"Two partitions have the same symbol: {named}{more}. Let all producers of the topic use one partitioner.");
        }
        catch (DamagedStateException e)
        {
            failures.StateDamaged(e);
            return HealthCheckResult.Degraded(e.Explanation.Public);
        }
        catch (Exception e) when (StoreFaults.IsAway(e))
        {
            return HealthCheckResult.Degraded("Unknown: Redis does not answer.");
        }
    }
}
