namespace Radar.Market.Projection;

/// <summary>
/// The projection of one symbol, computed from its log alone: the state that Redis has to hold, to check it. Everything is kept
/// in memory, about 1 KB per bar.
/// </summary>
public sealed class SymbolFold
{
    private readonly SymbolState _state;
    private readonly int _tradesRetained;
    private readonly Queue<(Tick Tick, long Offset)> _trades = new();

    /// <summary>A symbol without any tick.</summary>
    /// <param name="symbol">As the ticks have it.</param>
    /// <param name="options">Those of the consumer.</param>
    public SymbolFold(string symbol, ProjectionOptions options)
    {
        _state = new SymbolState(symbol, options.RetentionMs());
        _tradesRetained = options.TradesRetained;
    }

    /// <summary>Ticks that were added.</summary>
    public long Ticks { get; private set; }

    /// <summary>The newest trade; null before the first tick.</summary>
    internal LatestTrade? Latest => _state.Latest;

    /// <summary>The trades that are kept, in offset order.</summary>
    internal IReadOnlyCollection<(Tick Tick, long Offset)> Trades => _trades;

    /// <summary>Adds the next tick of the symbol; offsets rise.</summary>
    public void Add(in Tick tick, long offset)
    {
        _state.Apply(tick, offset, traceParent: null);
        _trades.Enqueue((tick, offset));
        if (_trades.Count > _tradesRetained)
            _trades.Dequeue();
        Ticks++;
    }

    /// <summary>The bars that are kept, in time order.</summary>
    internal IReadOnlyList<Bar> Bars(Timeframe timeframe)
    {
        if (_state.Latest is not { } latest)
            return [];
        _state.Fold();
        BarWindow window = _state.Windows[timeframe.Index];
        long horizon = window.Horizon(latest.TimestampMs);
        return [.. window.Dirty.Where(bar => bar.OpenTime >= horizon).OrderBy(bar => bar.OpenTime)];
    }
}
