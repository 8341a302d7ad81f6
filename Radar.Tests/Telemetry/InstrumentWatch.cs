using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Radar.Tests.Telemetry;

/// <summary>
/// Which instruments of Radar are published, and with which attributes they measure; of this process, so that the caller says whose.
/// </summary>
internal sealed class InstrumentWatch : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, byte>> _seen = [];

    public InstrumentWatch()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!instrument.Meter.Name.StartsWith("Radar.", StringComparison.Ordinal))
                return;
            _seen.TryAdd(instrument, []);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Measured(instrument, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Measured(instrument, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Measured(instrument, tags));
        _listener.Start();
    }

    /// <summary>Instruments of the given factories' meters, with the attributes that they had so far.</summary>
    public IReadOnlyDictionary<Instrument, IReadOnlyCollection<string>> Of(params IMeterFactory[] factories)
    {
        _listener.RecordObservableInstruments();
        return _seen
            .Where(entry => factories.Any(factory => ReferenceEquals(entry.Key.Meter.Scope, factory)))
            .ToDictionary(entry => entry.Key, entry => (IReadOnlyCollection<string>)entry.Value.Keys);
    }

    public static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "UpDownCounter" or "ObservableUpDownCounter" => "up-down counter",
        "Gauge" or "ObservableGauge" => "gauge",
        var name => name.ToLowerInvariant(),
    };

    public void Dispose() => _listener.Dispose();

    private void Measured(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
            _seen[instrument].TryAdd(tag.Key, 0);
    }
}
