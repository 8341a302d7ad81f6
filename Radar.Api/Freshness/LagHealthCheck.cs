using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Radar.Api.Freshness;

/// <summary>
/// Degraded while the state is behind or it is unknown how far. Never unhealthy: an orchestrator that replaced the API because a consumer
/// is slow would take away the answers that still can be given.
/// </summary>
internal sealed class LagHealthCheck(LagMeter meter, LagStatus status, IOptions<ApiOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var sample = meter.Latest;
        var verdict = status.Take(sample);
        return Task.FromResult(
            meter.Damage is { } damage ? HealthCheckResult.Degraded(damage) : Describe(sample, verdict, options.Value.StaleAfterMs));
    }

    /// <summary>The health that a measurement amounts to.</summary>
    internal static HealthCheckResult Describe(LagSample? sample, LagVerdict verdict, int staleAfterMs)
    {
        if (sample is null)
            return HealthCheckResult.Degraded("Lag is unknown: Kafka or Redis does not answer, or the topic does not exist yet.");

        double limit = staleAfterMs / 1000.0;
        var worst = sample.Worst;
        var data = new Dictionary<string, object>
        {
            ["messages"] = sample.Messages, ["seconds"] = sample.Seconds, ["limit_seconds"] = limit, ["worst_partition"] = worst.Number,
            ["worst_messages"] = worst.Messages, ["worst_seconds"] = worst.Seconds, ["held_back"] = sample.HeldBack,
        };
        foreach (var partition in sample.Partitions)
        {
            if (partition.Foreign)
            {
                return HealthCheckResult.Degraded(
                    partition.Difference is { } difference
                        ? Invariant($"{difference}. Consumers do not go on: see their health.")
                        : Invariant($"Partition {partition.Number}: the state is at offset {partition.Position}, and the topic ends at ")
                            + Invariant($"{partition.End}: it was recreated or truncated."),
                    data: data);
            }
        }

        string lag = sample.Messages == 0
            ? "0 messages, 0 s behind"
            : Invariant($"{sample.Messages} messages, {sample.Seconds:0.0} s behind, worst is partition {worst.Number} ({worst.Messages} ")
                + Invariant($"messages, {worst.Seconds:0.0} s)");
        if (sample.HeldBack > 0)
            lag += Invariant($"; {sample.HeldBack} of them are held back by a transaction that a producer has not ended ")
                + Invariant($"(kafka-transactions.sh find-hanging)");
        string limits = Invariant($"the limit is {limit:0.###} s (Api:StaleAfterMs)");
        if (!verdict.IsBehind)
            return HealthCheckResult.Healthy($"{lag}; {limits}.", data);
        return HealthCheckResult.Degraded(
            sample.Seconds > limit
                ? $"{lag}; {limits}."
                : Invariant($"{lag}; {limits}, and it was exceeded or unknown: healthy after {LagStatus.GoodSamplesMin} measurements in ")
                    + Invariant($"a row under {limit * LagStatus.ReturnShare:0.###} s, {verdict.GoodSamples} so far."),
            data: data);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
