using System.Diagnostics.Metrics;
using Radar.Market;

namespace Radar.Api.Streaming;

/// <summary>Streams and what goes through them. Nothing here identifies a client.</summary>
internal sealed class StreamMetrics
{
    private readonly Meter _meter;
    private readonly UpDownCounter<long> _clients;
    private readonly Counter<long> _published;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _conflations;
    private readonly Counter<long> _resets;
    private readonly Counter<long> _disconnects;
    private readonly Histogram<double> _eventToPushed;

    public StreamMetrics(IMeterFactory meters)
    {
        Meter meter = _meter = meters.Create(TelemetryNames.Api);
        _clients = meter.CreateUpDownCounter<long>("radar.stream.clients", "{client}", "Open streams.");
        _published = meter.CreateCounter<long>("radar.stream.published", "{symbol}", "Changed symbols that were given to streams.");
        _refused = meter.CreateCounter<long>("radar.stream.refused", "{stream}", "Streams that did not begin, by reason.");
        _conflations = meter.CreateCounter<long>(
            "radar.stream.conflations", "{conflation}", "Times that a slow client's waiting tickers were dropped for newer ones.");
        _resets = meter.CreateCounter<long>(
            "radar.stream.resets", "{reset}", "Streams that started over, since what they missed is not kept.");
        _disconnects = meter.CreateCounter<long>("radar.stream.disconnects", "{stream}", "Streams that ended, by reason.");
        _eventToPushed = meter.CreateHistogram<double>(
            "radar.event_to_pushed", "s",
            "Time from the oldest record's Kafka timestamp in a write to a client until the connection took it.", null,
            MetricNames.EventSeconds);
    }

    /// <summary>Exports how much waits.</summary>
    /// <returns>The same.</returns>
    public StreamBudget Publish(StreamBudget budget)
    {
        _meter.CreateObservableGauge(
            "radar.stream.waiting.bytes", () => budget.Held, "By", "Bytes that wait for the clients of all streams.");
        return budget;
    }

    public void Entered() => _clients.Add(1);

    public void Left() => _clients.Add(-1);

    public void Published(int symbols) => _published.Add(symbols);

    /// <param name="reason"><c>limit</c>, <c>loading</c>, <c>stale</c> or <c>memory</c>.</param>
    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Reason, reason));

    public void Conflated() => _conflations.Add(1);

    public void Reset() => _resets.Add(1);

    /// <param name="reason">
    /// <c>client</c> (it left), <c>too_slow</c> (too much waited), <c>write_timeout</c> (it took nothing), <c>memory</c> (too much waits
    /// for all) or <c>shutdown</c>.
    /// </param>
    public void Disconnected(string reason) => _disconnects.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Reason, reason));

    /// <summary>A client's connection took what waited.</summary>
    /// <param name="recordMs">Kafka timestamp of the oldest record in it, Unix ms; 0 where that is unknown.</param>
    /// <param name="nowMs">Unix ms.</param>
    public void Pushed(long recordMs, long nowMs)
    {
        if (_eventToPushed.Enabled && recordMs > 0)
            _eventToPushed.Record(MetricNames.SecondsSince(recordMs, nowMs));
    }
}
