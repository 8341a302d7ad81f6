using System.Diagnostics.Metrics;
using System.Globalization;
using Radar.Market;

namespace Radar.Api.Board;

/// <summary>How the board is fed.</summary>
internal sealed class BoardMetrics
{
    private readonly Counter<long> _changes;
    private readonly Counter<long> _reloads;

    public BoardMetrics(IMeterFactory meters, LiveBoard board)
    {
        Meter meter = meters.Create(TelemetryNames.Api);
        _changes = meter.CreateCounter<long>("radar.board.changes", "{change}", "Changes that the board took from Redis.");
        _reloads = meter.CreateCounter<long>("radar.board.reloads", "{reload}", "Partitions that were loaded whole, and why.");
        meter.CreateObservableGauge(
            "radar.board.whole", () => board.Status.IsInSync ? 1 : 0, "{board}", "1 while the board follows every partition.");
    }

    public void Applied(int partition)
    {
        if (_changes.Enabled)
            _changes.Add(1, Of(partition));
    }

    public void Reloaded(int partition, string reason)
    {
        if (_reloads.Enabled)
            _reloads.Add(1, Of(partition), new(TelemetryNames.Reason, reason));
    }

    private static KeyValuePair<string, object?> Of(int partition) =>
        new(TelemetryNames.DestinationPartition, partition.ToString(CultureInfo.InvariantCulture));
}
