namespace Radar.Client;

/// <summary>
/// What a stream delivers: changes (<see cref="TickerEvent"/>, <see cref="TradeEvent"/>, <see cref="BarEvent"/>), the whole state
/// (<see cref="SnapshotEvent"/>), and how the stream itself fares (<see cref="StreamSignal"/>).
/// </summary>
public abstract record StreamEvent
{
    private protected StreamEvent()
    {
    }

    /// <summary>
    /// Where the stream can be resumed behind this event, as the <c>since</c> of <see cref="RadarClient.StreamAsync"/>, by this or any
    /// other process. Null before the first snapshot, and in signals before that.
    /// </summary>
    public string? Id { get; internal set; }
}

/// <summary>The newest trade of a symbol is another one.</summary>
/// <param name="Ticker">That trade. A client that does not keep up gets the newest only.</param>
public sealed record TickerEvent(Ticker Ticker) : StreamEvent;

/// <summary>
/// A trade was made. Trades of a symbol come in the order of the topic, each once, and none is left out without a <see cref="StreamGap"/>.
/// </summary>
/// <param name="Trade">The trade.</param>
public sealed record TradeEvent(Trade Trade) : StreamEvent;

/// <summary>A bar has changed.</summary>
/// <param name="Bar">As it is now.</param>
/// <param name="IsCorrection">False for the newest bar of its symbol; true for an older one, which a late trade has corrected.</param>
public sealed record BarEvent(Bar Bar, bool IsCorrection) : StreamEvent;

/// <summary>The newest trades of all symbols of the stream: what it begins with, whatever its channels, and what follows a gap.</summary>
/// <param name="Tickers">In ordinal order of the symbols.</param>
public sealed record SnapshotEvent(IReadOnlyList<Ticker> Tickers) : StreamEvent;

/// <summary>How the stream itself fares. Nobody has to listen to signals: the stream goes on by itself.</summary>
public abstract record StreamSignal : StreamEvent
{
    private protected StreamSignal()
    {
    }
}

/// <summary>There is a connection: the first, or another one after an interruption.</summary>
/// <param name="Resumes">The stream goes on behind an earlier event, and not from a snapshot.</param>
public sealed record StreamConnected(bool Resumes) : StreamSignal;

/// <summary>There is no connection: it has broken, or could not be made. What was received last grows old.</summary>
/// <param name="Reason">A sentence for people.</param>
/// <param name="RetryIn">Time to the next attempt.</param>
/// <param name="Attempts">Attempts that have failed one after the other; 0 where the API announced its stop.</param>
public sealed record StreamInterrupted(string Reason, TimeSpan RetryIn, int Attempts) : StreamSignal;

/// <summary>
/// Events are missing, and never come: between the last event and this there may have been others that the API no longer has. A
/// <see cref="SnapshotEvent"/> follows, so tickers are right again at once. Trades and bars of that time have to be read, with
/// <see cref="RadarClient.ListTradesAsync"/> and <see cref="RadarClient.ListBarsAsync"/>, as far as the API keeps them.
/// </summary>
/// <param name="Reason">A sentence for people.</param>
public sealed record StreamGap(string Reason) : StreamSignal;

/// <summary>
/// Symbols that were asked for and have no trade so far: they may be misspelt. They are delivered once they trade. Comes with each
/// connection where there are any.
/// </summary>
/// <param name="Symbols">In ordinal order.</param>
public sealed record StreamUnknownSymbols(IReadOnlyList<string> Symbols) : StreamSignal;

/// <summary>The API is alive, whether anything changes or not.</summary>
/// <param name="Time">The API's clock.</param>
/// <param name="Lag">How far its state is behind the topic; null where that is unknown.</param>
/// <param name="Stale">The lag is unknown or larger than the API is set up to accept: what the stream delivers may be old.</param>
/// <param name="Incomplete">As <see cref="Meta.Incomplete"/>, of all partitions; null where the state lacks nothing.</param>
public sealed record StreamHeartbeat(
    DateTimeOffset Time, TimeSpan? Lag, bool Stale, IReadOnlyList<IncompletePart>? Incomplete = null) : StreamSignal;
