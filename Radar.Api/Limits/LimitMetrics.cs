using System.Diagnostics.Metrics;
using Radar.Market;

namespace Radar.Api.Limits;

/// <summary>Who was limited.</summary>
internal sealed class LimitMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _limited = meters.Create(TelemetryNames.Api)
        .CreateCounter<long>(
            "radar.limits.refused", "{request}", "Requests that were refused with 429, since their caller's units were used up.");

    public void Limited() => _limited.Add(1);
}
