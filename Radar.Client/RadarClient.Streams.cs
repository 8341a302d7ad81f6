using System.Runtime.CompilerServices;
using Radar.Client.Streaming;

namespace Radar.Client;

// Streams: they end only when they are left or cancelled, or where the API refuses what is asked.
public sealed partial class RadarClient
{
    /// <summary>
    /// The newest trade of each symbol: first of all that there are, then whenever it is another one. A reader that does not keep up
    /// gets the newest only; after a gap all are delivered again.
    /// </summary>
    /// <param name="symbols">In any case; null is all, those included that come up later.</param>
    /// <param name="onSignal">Receives how the stream fares, between two items and on the reader's own thread; null ignores it.</param>
    /// <param name="cancellationToken">Ends the stream, which then throws.</param>
    /// <inheritdoc cref="StreamAsync"/>
    public IAsyncEnumerable<Ticker> StreamTickersAsync(
        IEnumerable<string>? symbols = null, Action<StreamSignal>? onSignal = null, CancellationToken cancellationToken = default) =>
        OnlyAsync<Ticker>(
            StreamAsync(StreamChannels.Tickers, symbols, since: null, CancellationToken.None),
            static received => received switch
            {
                TickerEvent { Ticker: var ticker } => [ticker],
                SnapshotEvent { Tickers: var tickers } => tickers,
                _ => [],
            },
            onSignal,
            cancellationToken);

    /// <summary>
    /// Every trade from now on, each once, those of one symbol in the order of the topic. Interruptions leave nothing out as long as the
    /// API still has what came meanwhile. Where it does not, the stream goes on behind a gap: <paramref name="onSignal"/> receives a
    /// <see cref="StreamGap"/>, and the log a warning. <see cref="ListTradesAsync"/> reads what is kept of that time.
    /// </summary>
    /// <inheritdoc cref="StreamTickersAsync"/>
    public IAsyncEnumerable<Trade> StreamTradesAsync(
        IEnumerable<string>? symbols = null, Action<StreamSignal>? onSignal = null, CancellationToken cancellationToken = default) =>
        OnlyAsync<Trade>(
            StreamAsync(StreamChannels.Trades, symbols, since: null, CancellationToken.None),
            static received => received is TradeEvent { Trade: var trade } ? [trade] : [],
            onSignal,
            cancellationToken);

    /// <summary>
    /// Bars, whenever they change: the newest of each symbol, and older ones that late trades correct. What is delivered replaces the bar
    /// with the same symbol and open time. After a gap, <see cref="ListBarsAsync"/> reads what was missed.
    /// </summary>
    /// <param name="timeframe">Their length: one that is stored, up to <see cref="Timeframe.Day"/>.</param>
    /// <param name="symbols">In any case; null is all, those included that come up later.</param>
    /// <param name="onSignal">Receives how the stream fares, between two items and on the reader's own thread; null ignores it.</param>
    /// <param name="cancellationToken">Ends the stream, which then throws.</param>
    /// <inheritdoc cref="StreamAsync"/>
    public IAsyncEnumerable<Bar> StreamBarsAsync(
        Timeframe timeframe = Timeframe.Minute, IEnumerable<string>? symbols = null, Action<StreamSignal>? onSignal = null,
        CancellationToken cancellationToken = default) =>
        OnlyAsync<Bar>(
            StreamAsync(StreamChannelNames.Of(timeframe), symbols, since: null, CancellationToken.None),
            static received => received is BarEvent { Bar: var bar } ? [bar] : [],
            onSignal,
            cancellationToken);

    /// <summary>
    /// Everything that the API streams of some channels and symbols, and how the stream fares. A connection that breaks, falls silent or
    /// brings nonsense is replaced, after a random wait that grows, and the stream goes on behind the last event; where the API cannot
    /// do that, a <see cref="StreamGap"/> reports it. Nothing is read ahead: a reader that is too slow is the API's to deal with.
    /// </summary>
    /// <param name="channels">What is delivered.</param>
    /// <param name="symbols">In any case; null is all, those included that come up later.</param>
    /// <param name="since">
    /// Where to go on: the <see cref="StreamEvent.Id"/> of an event, or the <see cref="Meta.Version"/> of a list of several symbols. Null
    /// begins with a snapshot.
    /// </param>
    /// <param name="cancellationToken">Ends the stream, which then throws.</param>
    /// <exception cref="RadarApiException">
    /// The API refuses what is asked, such as a symbol that is none, and always will; or the stream is refused before it was there once,
    /// as where the address is wrong. Errors that pass are tried again for ever.
    /// </exception>
    /// <exception cref="OperationCanceledException">The stream was cancelled; its connection is closed.</exception>
    public IAsyncEnumerable<StreamEvent> StreamAsync(
        StreamChannels channels, IEnumerable<string>? symbols = null, string? since = null, CancellationToken cancellationToken = default)
    {
        var uri = new RequestPath("api/v2/stream").With("symbols", symbols).With("channels", StreamChannelNames.Text(channels))
            .Under(_base);
        return SessionAsync(uri, since, cancellationToken);
    }

    private async IAsyncEnumerable<StreamEvent> SessionAsync(
        Uri uri, string? since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var session = new StreamSession(_reader, uri, since, _options, _time, _logger, Random.Shared.NextDouble);
        while (true)
            yield return await session.NextAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async IAsyncEnumerable<T> OnlyAsync<T>(
        IAsyncEnumerable<StreamEvent> stream, Func<StreamEvent, IReadOnlyList<T>> items, Action<StreamSignal>? onSignal,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (StreamEvent received in stream.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (received is StreamSignal signal)
            {
                onSignal?.Invoke(signal);
                continue;
            }

            foreach (T item in items(received))
                yield return item;
        }
    }
}
