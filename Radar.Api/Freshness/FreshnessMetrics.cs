using System.Diagnostics.Metrics;
using Radar.Market;

namespace Radar.Api.Freshness;

/// <summary>How long events take to become visible, and what that means for the objective.</summary>
internal sealed class FreshnessMetrics
{
    private static readonly KeyValuePair<string, object?> Met = new(MetricNames.Result, "met");
    private static readonly KeyValuePair<string, object?> Missed = new(MetricNames.Result, "missed");

    private readonly Histogram<double> _eventToVisible;
    private readonly Counter<long> _events;

    public FreshnessMetrics(IMeterFactory meters, FreshnessObjective objective, LagMeter lag)
    {
        Meter meter = meters.Create(TelemetryNames.Api);
        _eventToVisible = meter.CreateHistogram<double>(
            "radar.event_to_visible", "s", "Time from a record's Kafka timestamp until reads serve it.", null, MetricNames.EventSeconds);
        _events = meter.CreateCounter<long>(
            "radar.objective.events", "{event}", "Events that became visible within the objective's limit (met) or later (missed).");
        meter.CreateObservableGauge(
            "radar.objective.target", () => objective.Target, "1", "Share of events that the objective wants to be in time.");
        meter.CreateObservableGauge(
            "radar.objective.limit", () => objective.Limit.TotalSeconds, "s", "Time within which an event is in time.");
        meter.CreateObservableGauge(
            "radar.objective.burn_rate", () => BurnRates(objective, lag), "1", "How many times too fast the error budget is used up.");
    }

    /// <summary>Events became visible after <paramref name="seconds"/>. Each is a measurement, without attributes.</summary>
    public void Visible(double seconds, int events)
    {
        for (int i = 0; i < events && _eventToVisible.Enabled; i++)
            _eventToVisible.Record(seconds);
    }

    /// <summary>Events in time, and others.</summary>
    public void Counted(long met, long missed)
    {
        if (!_events.Enabled)
            return;
        _events.Add(met, Met); // also 0, so that the first that is missed is a rise
        _events.Add(missed, Missed);
    }

    /// <summary>Only of windows that have passed since the process began: a shorter history would be another window's.</summary>
    private static IEnumerable<Measurement<double>> BurnRates(FreshnessObjective objective, LagMeter lag)
    {
        long waiting = objective.Waiting(lag.Latest);
        foreach (BurnWindow window in FreshnessObjective.Windows)
        {
            if (objective.Age >= window.Length)
                yield return new(objective.BurnRate(window.Length, waiting),
                    new KeyValuePair<string, object?>(MetricNames.Window, window.Name));
        }
    }
}
