using System.Diagnostics.Metrics;
using Radar.Market;

namespace Radar.Api.Access;

/// <summary>Who was refused, and what administrators did.</summary>
internal sealed class AccessMetrics
{
    private readonly Counter<long> _refused;
    private readonly Counter<long> _administered;

    public AccessMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(TelemetryNames.Api);
        _refused = meter.CreateCounter<long>("radar.access.refused", "{request}", "Requests that were refused with 401 or 403, and why.");
        _administered = meter.CreateCounter<long>("radar.access.administered", "{act}", "What was done to keys, by kind.");
    }

    /// <param name="reason"><c>no_credentials</c>, <c>bad_credentials</c>, <c>scope</c> or <c>symbol</c>.</param>
    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Reason, reason));

    /// <param name="act"><c>create</c>, <c>rotate</c>, <c>retire</c> or <c>revoke</c>.</param>
    public void Administered(string act) => _administered.Add(1, new KeyValuePair<string, object?>("radar.access.act", act));
}
