using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Market.Store;

namespace Radar.Api.Faults;

/// <summary>
/// Degraded while something in Redis is known to be damaged: reads of it are refused, all others are answered.
/// </summary>
internal sealed class StateHealthCheck(StateDamage damage, FailureLog failures, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await damage.RecheckAsync(failures.DamageFound).WaitAsync(Timeout, time, cancellationToken);
        }
        catch (Exception e) when (StoreFaults.IsAway(e))
        {
            // Whether it is mended is not known, so it is not.
        }

        if (damage.Now is not var (first, keys))
            return HealthCheckResult.Healthy();
        var data = new Dictionary<string, object> { ["keys"] = keys };
        string others = keys == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{keys} keys are damaged. ");
        return HealthCheckResult.Degraded(others + first.Explanation.Public, data: data);
    }
}
