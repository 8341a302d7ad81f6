namespace Radar.Market.Projection;

/// <summary>
/// The bars of one symbol and timeframe that are in memory: the newest, the one before it, and, until the next write, older ones
/// that late trades touched.
/// </summary>
internal sealed class BarWindow(Timeframe timeframe, long retentionMs)
{
    private readonly Dictionary<long, Bar> _older = [];
    private readonly List<Bar> _dirty = [];
    private long _writtenOpenTime = -1;

    public Timeframe Timeframe { get; } = timeframe;

    /// <summary>The bar that holds the symbol's newest event; null before the first.</summary>
    public Bar? Current { get; private set; }

    /// <summary>The newest bar before <see cref="Current"/>; null where there is none inside retention, as in the store.</summary>
    public Bar? Previous { get; private set; }

    /// <summary>Bars changed since the last write.</summary>
    public IReadOnlyList<Bar> Dirty => _dirty;

    /// <summary>True where a newer bar began since the last write, so that the oldest may have to go.</summary>
    public bool Advanced => Current is not null && Current.OpenTime != _writtenOpenTime;

    /// <summary>Open time of the oldest bar that is kept, Unix ms, while the newest event is at <paramref name="highMs"/>.</summary>
    public long Horizon(long highMs) => Timeframe.OpenTime(highMs) - retentionMs;

    /// <summary>True where <see cref="At"/> needs nothing from the store.</summary>
    public bool Holds(long openTime) =>
        Current is null || openTime >= Current.OpenTime || openTime == Previous?.OpenTime || Previous is null
            || _older.ContainsKey(openTime);

    /// <summary>
    /// The bar that begins at <paramref name="openTime"/>, created where there is none; it counts as changed from now on.
    /// </summary>
    public Bar At(long openTime)
    {
        Bar bar = Find(openTime) ?? Make(openTime);
        if (!bar.Dirty)
        {
            bar.Dirty = true;
            _dirty.Add(bar);
        }

        return bar;
    }

    /// <summary>Adds what the store had: the newest bars first, single older ones later.</summary>
    public void Load(Bar bar)
    {
        if (Find(bar.OpenTime) is null)
            Insert(bar);
    }

    /// <summary>Everything is written: forget what is only needed for writing.</summary>
    public void Written()
    {
        foreach (Bar bar in _dirty)
            bar.Dirty = false;
        _dirty.Clear();
        _older.Clear();
        _writtenOpenTime = Current?.OpenTime ?? -1;
    }

    private Bar? Find(long openTime)
    {
        if (Current?.OpenTime == openTime)
            return Current;
        return Previous?.OpenTime == openTime ? Previous : _older.GetValueOrDefault(openTime);
    }

    private Bar Make(long openTime)
    {
        var bar = new Bar(openTime);
        Insert(bar);
        return bar;
    }

    private void Insert(Bar bar)
    {
        if (Current is null || bar.OpenTime > Current.OpenTime)
            (bar, Current) = (Current!, bar);
        if (bar is not null && (Previous is null || bar.OpenTime > Previous.OpenTime))
            (bar, Previous) = (Previous!, bar);
        if (bar is not null)
            _older[bar.OpenTime] = bar;
        if (Previous?.OpenTime < Horizon(Current.OpenTime))
            Previous = null;
    }
}
