using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Radar.Api.Freshness;

/// <summary>
/// Degraded while the error budget of the freshness objective is used up too fast. Never unhealthy: late answers are better than none.
/// </summary>
internal sealed class ObjectiveHealthCheck(FreshnessObjective objective, LagMeter lag, IOptions<ApiOptions> options) : IHealthCheck
{
    /// <summary>Fewer events are no basis for a share of one in a hundred.</summary>
    public const int EventsMin = 100;

    /// <summary>A burn ends where the short window is this far below its limit; at the limit itself the report would flap.</summary>
    private const double ReturnShare = 0.8;

    /// <summary>
    /// The long window shows that it matters, the short one that it goes on. A burn at the limit uses up the share of the budget within the
    /// long window: of 30 days, 14.4 times too fast, 6 times and once, as the alert rules in docs/alerts.yaml have it.
    /// </summary>
    private static readonly Burn[] Burns =
    [
        new(TimeSpan.FromHours(1), TimeSpan.FromMinutes(5), 0.02, "hour"),
        new(TimeSpan.FromHours(6), TimeSpan.FromMinutes(30), 0.05, "6 hours"),
        new(TimeSpan.FromDays(3), TimeSpan.FromHours(6), 0.10, "3 days"),
    ];

    private readonly Lock _gate = new();
    private readonly bool[] _burning = new bool[Burns.Length];

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    internal HealthCheckResult Check()
    {
        long waiting = objective.Waiting(lag.Latest);
        var (met, missed) = objective.Counts(objective.Period);
        var data = new Dictionary<string, object>
        {
            ["events"] = met + missed, ["missed"] = missed, ["waiting"] = waiting, ["target"] = objective.Target,
            ["limit_ms"] = options.Value.ObjectiveMs, ["period_days"] = options.Value.ObjectiveDays,
        };
        string wanted = Invariant(
            $"the objective is {options.Value.ObjectivePercent} % within {options.Value.ObjectiveMs} ms over ")
                + Invariant($"{options.Value.ObjectiveDays} days");
        lock (_gate)
        {
            for (int i = 0; i < Burns.Length; i++)
            {
                if (IsBurning(i, waiting) is { } burnt)
                    return HealthCheckResult.Degraded(Invariant(
                        $"Too many events are late: in the last {Burns[i].LongName} the error budget was used up {burnt:0.0} times too ")
                            + Invariant($"fast, and {LimitOf(Burns[i]):0.0} is the limit; {wanted}."), data: data);
            }
        }

        return HealthCheckResult.Healthy(met + missed == 0
            ? Invariant($"No event yet; {wanted}.")
            : Invariant($"{Math.Floor(10_000.0 * met / (met + missed)) / 100:0.##} % of {met + missed} events were visible in time; ")
                + Invariant($"{wanted}."), data);
    }

    /// <returns>The burn rate of the long window, where that and the one of the short window are over the limit; otherwise null.</returns>
    private double? IsBurning(int i, long waiting)
    {
        Burn burn = Burns[i];
        var (met, missed) = objective.Counts(burn.Long);
        double limit = LimitOf(burn), burnt = objective.BurnRate(burn.Long, waiting);
        _burning[i] = objective.Age >= burn.Short && met + missed + waiting >= EventsMin && burnt > limit
            && objective.BurnRate(burn.Short, waiting) > (_burning[i] ? ReturnShare * limit : limit);
        return _burning[i] ? burnt : null;
    }

    private double LimitOf(Burn burn) => burn.Share * (objective.Period / burn.Long);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Burn(TimeSpan Long, TimeSpan Short, double Share, string LongName);
}
