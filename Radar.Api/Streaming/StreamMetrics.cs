using System.Diagnostics.Metrics;
using Radar.Market;

namespace Radar.Api.Streaming;

/// <summary>Streams and what goes through them.</summary>
internal sealed class StreamMetrics
{
    private readonly UpDownCounter<long> _clients;
    private readonly Counter<long> _published;
    private readonly Counter<long> _ended;

    public StreamMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(TelemetryNames.Api);
        _clients = meter.CreateUpDownCounter<long>("radar.stream.clients", "{client}", "Open streams.");
        _published = meter.CreateCounter<long>("radar.stream.published", "{symbol}", "Changed symbols that were given to streams.");
        _ended = meter.CreateCounter<long>("radar.stream.ended", "{stream}", "Streams that Radar ended or held up, and why.");
    }

    public void Entered() => _clients.Add(1);

    public void Left() => _clients.Add(-1);

    public void Published(int symbols) => _published.Add(symbols);

    /// <param name="reason"><c>conflated</c>, <c>too_slow</c>, <c>refused</c>, <c>shutdown</c> or <c>reset</c>.</param>
    public void Ended(string reason) => _ended.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
