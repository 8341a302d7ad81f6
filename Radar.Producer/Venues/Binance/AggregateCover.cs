using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Binance;

/// <summary>
/// Counts each trade of a symbol once where a capture has trades both singly and in aggregates of consecutive ids.
/// </summary>
/// <remarks>
/// An aggregate is a repeat where one of its trades came singly. One that runs ahead of the single trades waits, for those may come
/// a moment later: if the next single trade lies within it, it was a repeat; if the single trades pass it by, or are silent for
/// <see cref="TimeoutMs"/> of aggregates or until the end, they do not contain it, and it counts. Where no single trade has come yet,
/// or they fell silent, aggregates count at once, and a single trade of one that counted is a repeat. So whatever part of the time
/// either stream was recorded, nothing counts twice, and nothing is lost but the rest of an aggregate of which the single trades were
/// recorded in part.
/// </remarks>
internal sealed class AggregateCover
{
    /// <summary>Two connections of one recorder are not further apart, in milliseconds of the venue's time.</summary>
    public const int TimeoutMs = 10_000;

    private const int HeldMax = 10_000;

    private readonly IdRanges _singles = new();
    private readonly IdRanges _aggregates = new();
    private readonly Queue<(Tick Tick, long First, long Last)> _held = [];
    private long _lastSingle = -1;
    private bool _singlesAreTold;

    /// <summary>Takes a single trade, and adds it with what waited for it.</summary>
    /// <param name="tick">Its id is an integer.</param>
    /// <param name="trades">Only ever added to.</param>
    /// <param name="repeats">Number of aggregates that waited and were repeats.</param>
    /// <returns>False where an aggregate had the trade before.</returns>
    public bool Single(in Tick tick, List<Tick> trades, out int repeats)
    {
        long id = tick.TradeId.Number!.Value;
        bool isNew = !_aggregates.Overlaps(id, id);
        _singles.Add(id, id);
        (_lastSingle, _singlesAreTold, repeats) = (id, true, 0);
        while (_held.TryPeek(out var aggregate))
        {
            bool isRepeat = _singles.Overlaps(aggregate.First, aggregate.Last);
            if (!isRepeat && aggregate.First > id)
                break;
            _held.Dequeue();
            if (isRepeat)
                repeats++;
            else
                Count(aggregate.Tick, aggregate.First, aggregate.Last, trades);
        }

        if (isNew)
            trades.Add(tick);
        return isNew;
    }

    /// <summary>Takes an aggregate of the trades <paramref name="first"/> to <paramref name="last"/>.</summary>
    /// <returns><see cref="VenueMessage.Trades"/>, <see cref="VenueMessage.NoTrade"/> or <see cref="VenueMessage.Held"/>.</returns>
    public VenueMessage Aggregate(in Tick tick, long first, long last, List<Tick> trades)
    {
        if (_singles.Overlaps(first, last))
            return VenueMessage.NoTrade;
        if (!_singlesAreTold || last < _lastSingle)
        {
            Count(tick, first, last, trades);
            return VenueMessage.Trades;
        }

        _held.Enqueue((tick, first, last));
        if (tick.TimestampMs - _held.Peek().Tick.TimestampMs <= TimeoutMs && _held.Count < HeldMax)
            return VenueMessage.Held;
        _singlesAreTold = false;
        End(trades);
        return VenueMessage.Trades;
    }

    /// <summary>No single trade will come: adds what waited for one.</summary>
    public void End(List<Tick> trades)
    {
        while (_held.TryDequeue(out var aggregate))
            Count(aggregate.Tick, aggregate.First, aggregate.Last, trades);
    }

    private void Count(in Tick tick, long first, long last, List<Tick> trades)
    {
        _aggregates.Add(first, last);
        trades.Add(tick);
    }

    /// <summary>
    /// Ids in ranges, in the order of their coming: ids are consecutive, so that there is one range from one gap to the next.
    /// </summary>
    private sealed class IdRanges
    {
        // A capture with more interruptions than this forgets the oldest.
        private const int RangesMax = 1024;

        private readonly List<(long First, long Last)> _ranges = [];

        public void Add(long first, long last)
        {
            if (_ranges is [.., var newest] && first >= newest.First && first <= newest.Last + 1)
            {
                _ranges[^1] = (newest.First, Math.Max(newest.Last, last));
                return;
            }

            if (_ranges.Count == RangesMax)
                _ranges.RemoveAt(0);
            _ranges.Add((first, last));
        }

        public bool Overlaps(long first, long last)
        {
            for (int i = _ranges.Count - 1; i >= 0; i--)
            {
                if (first <= _ranges[i].Last && last >= _ranges[i].First)
                    return true;
            }

            return false;
        }
    }
}
