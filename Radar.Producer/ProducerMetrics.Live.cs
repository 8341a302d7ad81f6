using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Radar.Market;

namespace Radar.Producer;

/// <content>Of the live sources.</content>
internal sealed partial class ProducerMetrics
{
    private readonly ConcurrentDictionary<(string Fact, string Venue, string? Reason), long> _live = new();

    /// <summary>Reconnects, and attempts that failed.</summary>
    public void LiveReconnect(string venue, string reason) => Add("reconnects", venue, reason, 1);

    /// <summary>Trades are missing between two that came.</summary>
    public void LiveGap(string venue) => Add("gaps", venue, null, 1);

    /// <summary>Trades that could not be had.</summary>
    public void LiveMissed(string venue, long trades) => Add("missed", venue, null, trades);

    /// <summary>Trades that came by REST.</summary>
    public void LiveRefilled(string venue, long trades) => Add("refilled", venue, null, trades);

    /// <summary>A trade was received again.</summary>
    public void LiveDuplicate(string venue) => Add("duplicates", venue, null, 1);

    /// <summary>A trade of a symbol that was not asked for.</summary>
    public void LiveUnasked(string venue) => Add("unasked", venue, null, 1);

    /// <summary>A gap of a venue whose trades are not numbered may not be filled whole.</summary>
    public void LiveUncertain(string venue) => Add("uncertain", venue, null, 1);

    /// <summary>A message cannot be read.</summary>
    public void LiveBroken(string venue) => Add("broken", venue, null, 1);

    /// <summary>The venue refused a symbol or a request.</summary>
    public void LiveRefused(string venue) => Add("refused", venue, null, 1);

    /// <summary>
    /// A total over all venues: <c>reconnects</c>, of a reason or of all, <c>gaps</c>, <c>missed</c>, <c>refilled</c>, <c>duplicates</c>,
    /// <c>broken</c>, <c>refused</c>, <c>unasked</c> or <c>uncertain</c>.
    /// </summary>
    public long Live(string fact, string? reason = null) =>
        _live.Where(count => count.Key.Fact == fact && (reason is null || count.Key.Reason == reason)).Sum(count => count.Value);

    private void AddLive(Meter meter)
    {
        Observe("reconnects", "{connection}", "Reconnects to venues, and attempts that failed, by reason.");
        Observe("gaps", "{gap}", "Times that trades were missing between two that came.");
        Observe("missed", "{trade}", "Trades that connections lost and REST did not give.", "radar.producer.live.missed.trades");
        Observe("refilled", "{trade}", "Trades that connections lost and REST gave.", "radar.producer.live.refilled.trades");
        Observe("duplicates", "{trade}", "Trades that were received again and left out.", "radar.producer.live.duplicate.trades");
        Observe("unasked", "{trade}", "Trades of symbols that were not asked for, left out.", "radar.producer.live.unasked.trades");
        Observe("uncertain", "{gap}", "Gaps of venues that do not number their trades, of which some may be missing.",
            "radar.producer.live.uncertain.gaps");
        Observe("broken", "{message}", "Messages of venues that cannot be read.", "radar.producer.live.broken.messages");
        Observe("refused", "{request}", "Symbols and requests that venues refused.", "radar.producer.live.refused.requests");

        void Observe(string fact, string unit, string description, string? name = null) =>
            meter.CreateObservableCounter(name ?? "radar.producer.live." + fact, () => Counts(fact), unit, description);
    }

    private IEnumerable<Measurement<long>> Counts(string fact)
    {
        foreach (var ((counted, venue, reason), count) in _live)
        {
            if (counted == fact)
            {
                yield return reason is null
                    ? new(count, [new(TelemetryNames.Venue, venue)])
                    : new(count, [new(TelemetryNames.Venue, venue), new(TelemetryNames.Reason, reason)]);
            }
        }
    }

    private void Add(string fact, string venue, string? reason, long count)
    {
        if (count > 0)
            _live.AddOrUpdate((fact, venue, reason), count, (_, sum) => sum + count);
    }
}
