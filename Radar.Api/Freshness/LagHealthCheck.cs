using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Radar.Api.Freshness;

/// <summary>
/// Degraded while the state is behind or nobody knows how far. Never unhealthy: an orchestrator that replaced the API because a consumer
/// is slow would take away the answers that still can be given.
/// </summary>
internal sealed class LagHealthCheck(LagMeter meter, IOptions<ApiOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (meter.Latest is not { } sample)
            return HealthCheckResult.Degraded("Lag is unknown: Kafka or Redis does not answer, or the topic does not exist yet.");

        var data = new Dictionary<string, object> { ["messages"] = sample.Messages, ["seconds"] = sample.Seconds };
        foreach (var partition in sample.Partitions)
        {
            if (partition.Foreign)
            {
                return HealthCheckResult.Degraded(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Partition {partition.Number}: the state, at offset {partition.Position}, was made from another log than the topic, which ends at {partition.End}: that was made anew or cut off, or the state is another topic's."), data: data);
            }
        }

        string lag = string.Create(CultureInfo.InvariantCulture, $"{sample.Messages} messages, {sample.Seconds:0.0} s");
        return sample.Seconds * 1000 > options.Value.StaleAfterMs
            ? HealthCheckResult.Degraded($"{lag} behind; more than {options.Value.StaleAfterMs} ms is stale (Api:StaleAfterMs).", data: data)
            : HealthCheckResult.Healthy(lag, data);
    }
}
