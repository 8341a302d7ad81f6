namespace Radar.Client;

// Reads of several symbols: each is one consistent read per partition.
public sealed partial class RadarClient
{
    /// <summary>A page of the symbols there are.</summary>
    /// <param name="prefix">What they begin with, in any case; null is anything.</param>
    /// <param name="limit">Most symbols on a page, 1 to 10000; null is 1000.</param>
    /// <param name="pageToken">Of the page before, whose <paramref name="prefix"/> was the same.</param>
    /// <param name="maxStaleness">Rather a 503 than a state further behind the topic than this, or it is unknown how far.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RadarApiException">The API answered with an error.</exception>
    public Task<SymbolsPage> GetSymbolsAsync(
        string? prefix = null, int? limit = null, string? pageToken = null, TimeSpan? maxStaleness = null,
        CancellationToken cancellationToken = default)
    {
        var path = new RequestPath("api/v2/symbols")
            .With("prefix", prefix).With("limit", limit).With("page_token", pageToken).WithMaxStaleness(maxStaleness);
        return _reader.GetAsync(path.Under(_base), RadarJson.Default.SymbolsPage, cancellationToken);
    }

    /// <summary>The symbols there are, in ordinal order; further pages are asked for when they are needed.</summary>
    /// <inheritdoc cref="GetSymbolsAsync"/>
    public IAsyncEnumerable<string> ListSymbolsAsync(
        string? prefix = null, TimeSpan? maxStaleness = null, CancellationToken cancellationToken = default) =>
        Pages.ListAsync<SymbolsPage, string>(
            token: null,
            async (token, cancel) => await GetSymbolsAsync(prefix, limit: null, token, maxStaleness, cancel).ConfigureAwait(false),
            page => (page.Symbols, page.NextPageToken),
            cancellationToken);

    /// <summary>A page of the newest trades of symbols.</summary>
    /// <param name="symbols">At most 100, in any case; unknown ones are left out of the answer. Null is all.</param>
    /// <param name="asOf">
    /// Point in time to answer for, which needs <paramref name="symbols"/>; exact, or refused with 400 where what is kept does not reach
    /// back so far.
    /// </param>
    /// <param name="limit">Most tickers on a page, 1 to 10000; null is 1000.</param>
    /// <param name="pageToken">Of the page before, where everything but <paramref name="limit"/> was the same.</param>
    /// <param name="maxStaleness">Rather a 503 than a state further behind the topic than this, or it is unknown how far.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RadarApiException">The API answered with an error.</exception>
    public Task<TickersPage> GetTickersAsync(
        IEnumerable<string>? symbols = null, DateTimeOffset? asOf = null, int? limit = null, string? pageToken = null,
        TimeSpan? maxStaleness = null, CancellationToken cancellationToken = default)
    {
        var path = new RequestPath("api/v2/tickers")
            .With("symbols", symbols).WithUpTo("as_of", asOf).With("limit", limit).With("page_token", pageToken)
                .WithMaxStaleness(maxStaleness);
        return _reader.GetAsync(path.Under(_base), RadarJson.Default.TickersPage, cancellationToken);
    }

    /// <summary>The newest trades of symbols, in their ordinal order; further pages are asked for when they are needed.</summary>
    /// <inheritdoc cref="GetTickersAsync"/>
    public IAsyncEnumerable<Ticker> ListTickersAsync(
        IEnumerable<string>? symbols = null, DateTimeOffset? asOf = null, TimeSpan? maxStaleness = null,
        CancellationToken cancellationToken = default)
    {
        string[]? names = symbols?.ToArray();
        return Pages.ListAsync<TickersPage, Ticker>(
            token: null,
            async (token, cancel) => await GetTickersAsync(names, asOf, limit: null, token, maxStaleness, cancel).ConfigureAwait(false),
            page => (page.Tickers, page.NextPageToken),
            cancellationToken);
    }

    /// <summary>Newest trade, minute, day and day before, of several symbols.</summary>
    /// <param name="symbols">1 to 100, in any case; unknown ones are left out of the answer.</param>
    /// <param name="asOf">Point in time to answer for; exact, or refused with 400 where what is kept does not reach back so far.</param>
    /// <param name="maxStaleness">Rather a 503 than a state further behind the topic than this, or it is unknown how far.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RadarApiException">The API answered with an error.</exception>
    public async Task<SnapshotsAnswer> GetSnapshotsAsync(
        IEnumerable<string> symbols, DateTimeOffset? asOf = null, TimeSpan? maxStaleness = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(symbols);
        var path = new RequestPath("api/v2/snapshots").With("symbols", symbols).WithUpTo("as_of", asOf).WithMaxStaleness(maxStaleness);
        var answer = await _reader.GetAsync(path.Under(_base), RadarJson.Default.SnapshotsAnswer, cancellationToken).ConfigureAwait(false);
        return answer with { Snapshots = [.. answer.Snapshots.Select(Named)] };
    }

    /// <summary>The symbols that moved most since the close of the day before.</summary>
    /// <param name="top">Most symbols in each list, 1 to 50; null is 10.</param>
    /// <param name="maxStaleness">Rather a 503 than a state further behind the topic than this, or it is unknown how far.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RadarApiException">The API answered with an error.</exception>
    public Task<MoversAnswer> GetMoversAsync(int? top = null, TimeSpan? maxStaleness = null, CancellationToken cancellationToken = default)
    {
        var path = new RequestPath("api/v2/movers").With("top", top).WithMaxStaleness(maxStaleness);
        return _reader.GetAsync(path.Under(_base), RadarJson.Default.MoversAnswer, cancellationToken);
    }

    /// <summary>How far the state is behind the topic, measured when asked.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RadarApiException">The API answered with an error.</exception>
    public Task<Lag> GetLagAsync(CancellationToken cancellationToken = default) =>
        _reader.GetAsync(new RequestPath("api/v2/lag").Under(_base), RadarJson.Default.Lag, cancellationToken);

    /// <summary>A page of the records that were refused on their way into the state, the newest first.</summary>
    /// <param name="limit">Most of them on a page, 1 to 100; null is 20.</param>
    /// <param name="pageToken">Of the page before.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RadarApiException">The API answered with an error.</exception>
    public Task<DeadLettersPage> GetDeadLettersAsync(
        int? limit = null, string? pageToken = null, CancellationToken cancellationToken = default)
    {
        var path = new RequestPath("api/v2/dead-letters").With("limit", limit).With("page_token", pageToken);
        return _reader.GetAsync(path.Under(_base), RadarJson.Default.DeadLettersPage, cancellationToken);
    }

    /// <summary>Its items have their symbol from the snapshot only.</summary>
    private static Snapshot Named(Snapshot snapshot) => snapshot with
    {
        LatestTrade = snapshot.LatestTrade with { Symbol = snapshot.Symbol },
        MinuteBar = snapshot.MinuteBar with { Symbol = snapshot.Symbol, Timeframe = Timeframe.Minute },
        DailyBar = snapshot.DailyBar with { Symbol = snapshot.Symbol, Timeframe = Timeframe.Day },
        PreviousDailyBar = snapshot.PreviousDailyBar is { } before ? before with { Symbol = snapshot.Symbol, Timeframe = Timeframe.Day }
            : null,
    };
}
