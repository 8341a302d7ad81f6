using System.Collections.Concurrent;
using System.Globalization;
using Radar.Market;
using Radar.Producer.Venues.Protocol;
using Radar.ServiceDefaults;

namespace Radar.Producer.Live;

/// <summary>Counts and logs what happens on a venue's connections. One broken message a second is logged; all are counted.</summary>
internal sealed class LiveReport(string venue, ProducerMetrics metrics, TimeProvider time, ILogger logger)
{
    private const int ShownRanges = 5;
    private const int UnaskedMax = 100;
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    private readonly ThrottledLog _brokenLog = new(time, TellEvery);

    // A name is logged once; beyond these a venue makes names up.
    private readonly ConcurrentDictionary<string, bool> _unasked = [];

    public void Opened(Uri endpoint, int symbols) => Log.LiveOpened(logger, venue, symbols, endpoint);

    public void NotOpened(Uri endpoint, string fault, TimeSpan wait)
    {
        metrics.LiveReconnect(venue, "refused");
        Log.LiveNotOpened(logger, venue, endpoint, LogText.Of(fault).TrimEnd('.'), (long)wait.TotalMilliseconds);
    }

    public void Ended(Uri endpoint, FeedEnd end, string detail)
    {
        string reason = end.ToString().ToLowerInvariant();
        metrics.LiveReconnect(venue, reason);
        if (end is FeedEnd.Lifetime or FeedEnd.Shutdown)
            Log.LiveReplaced(logger, venue, endpoint, reason);
        else
            Log.LiveEnded(logger, venue, endpoint, reason, LogText.Of(detail).TrimEnd('.'));
    }

    public void Duplicate() => metrics.LiveDuplicate(venue);

    public void Renumbered(in Tick tick) => Log.LiveRenumbered(logger, venue, LogText.Of(tick.Symbol), LogText.Of(tick.TradeId.ToString()));

    public void GapFound(in Gap gap)
    {
        metrics.LiveGap(venue);
        if (gap.IsNumbered)
            Log.LiveGapFound(logger, venue, gap.Symbol, gap.First, gap.Last);
    }

    /// <summary>A gap is dealt with.</summary>
    /// <param name="refilled">What became of it.</param>
    /// <param name="reachesBack">Where ids do not count: whether what was found begins before the gap.</param>
    public void GapDone(Refilled refilled, bool reachesBack)
    {
        if (!refilled.Gap.IsNumbered)
        {
            UnnumberedGapDone(refilled, reachesBack);
            return;
        }

        metrics.LiveRefilled(venue, refilled.Trades.Count);
        long missed = refilled.Missed.Sum(range => range.Last - range.First + 1);
        if (missed == 0)
        {
            Log.LiveGapFilled(logger, venue, refilled.Gap.Symbol, refilled.Trades.Count, refilled.Gap.First, refilled.Gap.Last);
            return;
        }

        metrics.LiveMissed(venue, missed);
        Log.LiveMissed(logger, venue, refilled.Gap.Symbol, missed, Ranges(refilled.Missed), refilled.Trades.Count,
            LogText.Of(refilled.Why));
    }

    /// <summary>A trade of a symbol that was not asked for.</summary>
    public void Unasked(in Tick tick)
    {
        metrics.LiveUnasked(venue);
        if (IsNews(tick.Symbol))
            Log.LiveUnasked(logger, venue, LogText.Of(tick.Symbol));
    }

    /// <summary>A message of a channel that was not subscribed to.</summary>
    public void UnaskedChannel(string channel)
    {
        metrics.LiveUnasked(venue);
        if (IsNews("@" + channel))
            Log.LiveUnaskedChannel(logger, venue, LogText.Of(channel));
    }

    /// <summary>The venue refuses a symbol; null is something else.</summary>
    public void Refused(string? symbol, string text)
    {
        metrics.LiveRefused(venue);
        text = LogText.Of(text);
        if (symbol is not null)
            Log.LiveSymbolRefused(logger, venue, symbol, text);
        else
            Log.LiveError(logger, venue, text);
    }

    public void NoSymbols() => Log.LiveNoSymbols(logger, venue);

    public void Unnamed(in Tick tick)
    {
        metrics.LiveBroken(venue);
        if (_brokenLog.IsDue(out long untold))
        {
            Log.LiveBroken(
                logger, venue,
                $"Producer:SymbolFormat makes no symbol of '{LogText.Of(tick.Symbol)}' at '{LogText.Of(tick.Venue ?? "")}'", "", untold);
        }
    }

    public void Broken(string fault, ReadOnlySpan<byte> message)
    {
        metrics.LiveBroken(venue);
        if (_brokenLog.IsDue(out long untold))
            Log.LiveBroken(logger, venue, LogText.Line(fault), MessageNames.Of(message), untold);
    }

    private bool IsNews(string name) => _unasked.Count < UnaskedMax && _unasked.TryAdd(name, true);

    private void UnnumberedGapDone(Refilled refilled, bool reachesBack)
    {
        // Of what was found, the trades before the gap were sent.
        int count = refilled.Trades.Count(trade => trade.TimestampMs >= refilled.Gap.SinceMs);
        metrics.LiveRefilled(venue, count);
        if (refilled.ReachesEnd && reachesBack)
            return;
        metrics.LiveUncertain(venue);
        Log.LiveMayMiss(
            logger, venue, refilled.Gap.Symbol, Rfc3339.Format(refilled.Gap.SinceMs), count, LogText.Of(refilled.Why));
    }

    private static string Ranges(IReadOnlyList<(long First, long Last)> ranges) => string.Join(
        ", ",
        ranges.Take(ShownRanges)
            .Select(range => range.First == range.Last
                ? range.First.ToString(CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{range.First}–{range.Last}"))
            .Concat(ranges.Count > ShownRanges ? [$"and {ranges.Count - ShownRanges} more ranges"] : []));
}
