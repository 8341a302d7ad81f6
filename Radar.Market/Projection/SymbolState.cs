namespace Radar.Market.Projection;

/// <summary>
/// The projection of one symbol: latest trade, newest trades, bars, day figures. Owned by one partition's processor; no locks, no broker,
/// no clock. After the same records in the same order the state is the same, however they were cut into batches.
/// </summary>
internal sealed class SymbolState
{
    private readonly Bar _minute = new(0);
    private readonly BarWindow[] _windows;

    public SymbolState(string symbol, long[] retentionMs)
    {
        Symbol = symbol;
        _windows = [.. Timeframe.All.Select(timeframe => new BarWindow(timeframe, retentionMs[timeframe.Index]))];
    }

    public string Symbol { get; }

    /// <summary>The newest trade by (timestamp, offset); null before the first.</summary>
    public LatestTrade? Latest { get; private set; }

    /// <summary>True where <see cref="Latest"/> moved since the last write.</summary>
    public bool LatestChanged { get; private set; }

    /// <summary>Indexes in the batch of the trades that are not written yet, in order.</summary>
    public List<int> Trades { get; } = [];

    /// <summary>The bars, by <see cref="Timeframe.Index"/>.</summary>
    public IReadOnlyList<BarWindow> Windows => _windows;

    /// <summary>Newest event time seen while looking ahead; see <see cref="CollectBarsToLoad"/>.</summary>
    private long HighestPendingMs { get; set; } = -1;

    /// <summary>Close of the newest daily bar before the current one; null where there is none.</summary>
    public decimal? PreviousClose => _windows[Timeframe.Day.Index].Previous?.Close;

    /// <summary>Open of the daily bar that holds the newest trade.</summary>
    public decimal DayOpen => _windows[Timeframe.Day.Index].Current!.Open;

    /// <summary>Sets what the store had of this symbol.</summary>
    public void Load(LatestTrade latest) => Latest = latest;

    /// <summary>
    /// Looks ahead at a trade of the coming batch, in order, and names the stored bars that <see cref="Apply"/> will need.
    /// </summary>
    public void CollectBarsToLoad(long timestampMs, HashSet<(SymbolState State, Timeframe Timeframe, long OpenTime)> needed)
    {
        long highMs = Math.Max(HighestPendingMs, Latest?.TimestampMs ?? -1);
        HighestPendingMs = Math.Max(highMs, timestampMs);
        if (highMs < 0 || timestampMs >= Timeframe.Minute.OpenTime(highMs))
            return;
        foreach (BarWindow window in _windows)
        {
            long openTime = window.Timeframe.OpenTime(timestampMs);
            if (openTime >= window.Horizon(highMs) && !window.Holds(openTime))
                needed.Add((this, window.Timeframe, openTime));
        }
    }

    /// <summary>
    /// True where the trade is of a minute before that of the newest, so that it corrects bars that were published before.
    /// </summary>
    public bool IsLate(in Tick tick) => Latest is { } latest && tick.TimestampMs < Timeframe.Minute.OpenTime(latest.TimestampMs);

    /// <summary>Folds one trade in.</summary>
    /// <param name="tick">The trade.</param>
    /// <param name="offset">Its Kafka offset, larger than any before.</param>
    /// <param name="traceParent">The trace that sent it, or null.</param>
    /// <returns>How many timeframes it came too late for: 0 but for trades older than the retention.</returns>
    public int Apply(in Tick tick, long offset, string? traceParent)
    {
        long highMs = Latest?.TimestampMs ?? -1;
        var order = new EventOrder(tick.TimestampMs, offset);
        if (tick.TimestampMs >= highMs)
        {
            Latest = new LatestTrade(tick, offset, traceParent);
            LatestChanged = true;
        }
        else if (tick.TimestampMs < Timeframe.Minute.OpenTime(highMs))
        {
            return ApplyLate(tick, order, highMs);
        }

        long minute = Timeframe.Minute.OpenTime(tick.TimestampMs);
        if (_minute.Count > 0 && _minute.OpenTime != minute)
            FoldMinute();
        if (_minute.Count == 0)
            _minute.Reset(minute);
        _minute.Add(tick.Price, tick.Size, order);
        return 0;
    }

    /// <summary>
    /// Brings every bar up to date. Trades of the newest minute are summed up first and reach the five timeframes only here, so that a
    /// trade costs one addition and not five.
    /// </summary>
    public void Fold()
    {
        if (_minute.Count > 0)
            FoldMinute();
    }

    /// <summary>Everything is written.</summary>
    public void Written()
    {
        LatestChanged = false;
        Trades.Clear();
        HighestPendingMs = -1;
        foreach (BarWindow window in _windows)
            window.Written();
    }

    private int ApplyLate(in Tick tick, EventOrder order, long highMs)
    {
        int tooLate = 0;
        foreach (BarWindow window in _windows)
        {
            long openTime = window.Timeframe.OpenTime(tick.TimestampMs);
            if (openTime < window.Horizon(highMs))
                tooLate++;
            else
                window.At(openTime).Add(tick.Price, tick.Size, order);
        }

        return tooLate;
    }

    private void FoldMinute()
    {
        foreach (BarWindow window in _windows)
            window.At(window.Timeframe.OpenTime(_minute.OpenTime)).Merge(_minute);
        _minute.Reset(0);
    }
}

/// <summary>A symbol's newest trade, with the offset and the trace that brought it.</summary>
internal sealed class LatestTrade(in Tick tick, long offset, string? traceParent)
{
    private readonly Tick _tick = tick;

    /// <summary>The trade; of one that was loaded, only symbol, price and time are known.</summary>
    public ref readonly Tick TickRef => ref _tick;

    public long TimestampMs => _tick.TimestampMs;

    public long Offset { get; } = offset;

    public string? TraceParent { get; } = traceParent;
}
