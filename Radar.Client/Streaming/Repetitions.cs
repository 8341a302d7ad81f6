namespace Radar.Client.Streaming;

/// <summary>
/// Hides what the API sends again. Of one change it sends tickers and bars first, and then the trades, which alone have exact ids:
/// a client that is cut off in between and resumes gets the tickers and bars of that change again. What equals the last one sent of the
/// same symbol, or of the same bar, is no news and is passed over. Trades are never compared: two may be alike and both be real.
/// </summary>
internal sealed class Repetitions
{
    /// <summary>Most items remembered, which is more than the API puts into one change; what does not fit may be delivered twice.</summary>
    public const int ItemsMax = 100_000;

    private readonly Dictionary<Key, object> _told = [];

    /// <summary>The change that the items are of may be complete: another ticker or bar is of the next one.</summary>
    private bool _isClosed;

    /// <summary>After an interruption, until everything has been received that may be sent again.</summary>
    private bool _isAwaited;

    /// <summary>Items remembered now.</summary>
    public int Count => _told.Count;

    /// <summary>An event was received.</summary>
    /// <param name="received">The event.</param>
    /// <param name="advances">Its id is another one than that of the event before.</param>
    /// <returns>False where it is no news.</returns>
    public bool IsNew(StreamEvent received, bool advances)
    {
        switch (received)
        {
            case TickerEvent { Ticker: var ticker }:
                return IsNew(new Key(ticker.Symbol, null, default), ticker, advances);
            case BarEvent { Bar: var bar }:
                return IsNew(new Key(bar.Symbol, bar.Timeframe, bar.OpenTime), bar, advances);
            case TradeEvent:
                _isClosed = true;
                return true;
            case StreamHeartbeat or SnapshotEvent: // are sent when all that was missed has been
                _isAwaited = false;
                _told.Clear();
                return true;
            default:
                return true;
        }
    }

    /// <summary>The connection is lost.</summary>
    public void Interrupted() => _isAwaited = true;

    private bool IsNew(in Key key, object item, bool advances)
    {
        if (_isClosed && !_isAwaited)
            _told.Clear();
        _isClosed = advances;
        bool known = _told.TryGetValue(key, out object? last);
        if (known && item.Equals(last))
            return false;
        if (known || _told.Count < ItemsMax)
            _told[key] = item;
        return true;
    }

    private readonly record struct Key(string Symbol, Timeframe? Timeframe, DateTimeOffset OpenTime);
}
