using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Radar.Client;

/// <summary>
/// Reads Radar's API, and streams what changes. Safe for use by several threads; <see cref="RadarClientRegistration.AddRadarClient"/>
/// makes it.
/// </summary>
/// <remarks>
/// <para>Symbols may be given in any case, unless the API has <c>Producer:SymbolCase=keep</c>: case counts then. Every list has a limit;
/// <c>List…Async</c> turns the pages.</para>
/// <para>Errors: <see cref="RadarApiException"/> where the API answers with one (400 names the parameter, 503 asks to try again),
/// <see cref="HttpRequestException"/> where it does not answer, <see cref="OperationCanceledException"/> for a cancellation or a timeout
/// of the HTTP client. A symbol that the API does not know is no error: what belongs to it is null, or empty.</para>
/// </remarks>
public sealed partial class RadarClient
{
    private readonly Func<HttpClient> _http;
    private readonly RadarClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ApiReader _reader;
    private readonly Uri _base;

    internal RadarClient(Func<HttpClient> http, RadarClientOptions options, TimeProvider time, ILogger logger)
    {
        (_http, _options, _time, _logger) = (http, options, time, logger);
        _reader = new ApiReader(http, new Credentials(options), time);
        // Without a slash at its end the last part of a path would be replaced.
        Uri address = options.BaseAddress!;
        _base = address.AbsolutePath.EndsWith('/') ? address : new UriBuilder(address) { Path = address.AbsolutePath + "/" }.Uri;
    }

    /// <summary>Makes a client without a service provider.</summary>
    /// <param name="http">Sends the requests; its owner disposes of it.</param>
    /// <param name="options">Null takes the defaults, and <see cref="HttpClient.BaseAddress"/> as the API's.</param>
    /// <param name="time">Clock of the streams' waits; null is the system's.</param>
    /// <param name="logger">Logs interruptions and gaps of streams; null logs nothing.</param>
    /// <exception cref="OptionsValidationException">An option is out of range, or there is no address.</exception>
    public RadarClient(
        HttpClient http, RadarClientOptions? options = null, TimeProvider? time = null, ILogger<RadarClient>? logger = null)
        : this(() => http, Checked(http, options), time ?? TimeProvider.System, logger ?? NullLogger<RadarClient>.Instance)
    {
    }

    /// <summary>The newest trade of a symbol.</summary>
    /// <param name="symbol">In any case.</param>
    /// <param name="asOf">Point in time to answer for; exact, or refused with 400 where what is kept does not reach back so far.</param>
    /// <param name="maxStaleness">Rather a 503 than a state further behind the topic than this, or it is unknown how far.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Null where the API does not know the symbol.</returns>
    /// <exception cref="RadarApiException">The API answered with an error.</exception>
    public Task<TickerAnswer?> GetTickerAsync(
        string symbol, DateTimeOffset? asOf = null, TimeSpan? maxStaleness = null, CancellationToken cancellationToken = default) =>
        _reader.FindAsync(TickerUri(symbol, asOf, maxStaleness), RadarJson.Default.TickerAnswer, cancellationToken);

    /// <summary>Asks for a ticker again, in a way that costs almost nothing where it has not changed (<c>If-None-Match</c>).</summary>
    /// <param name="known">An earlier answer, without <c>asOf</c>.</param>
    /// <param name="maxStaleness">Rather a 503 than a state further behind the topic than this, or it is unknown how far.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>
    /// <paramref name="known"/> itself where the state is still the same, so that its <see cref="Meta.Age"/> and <see cref="Meta.Lag"/>
    /// are of then; else a new answer. Null where the API no longer knows the symbol.
    /// </returns>
    /// <exception cref="RadarApiException">The API answered with an error.</exception>
    public Task<TickerAnswer?> RefreshTickerAsync(
        TickerAnswer known, TimeSpan? maxStaleness = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(known);
        return _reader.FindAsync(
            TickerUri(known.Symbol, asOf: null, maxStaleness), RadarJson.Default.TickerAnswer, known, known.Meta.Version,
            cancellationToken);
    }

    /// <summary>A page of a symbol's trades, of which the API keeps the newest thousand unless it is set up otherwise.</summary>
    /// <param name="symbol">In any case.</param>
    /// <param name="query">Which; null is all, oldest first.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Null where the API does not know the symbol.</returns>
    /// <exception cref="RadarApiException">The API answered with an error.</exception>
    public async Task<TradesPage?> GetTradesAsync(string symbol, HistoryQuery? query = null, CancellationToken cancellationToken = default)
    {
        var uri = With(RequestPath.Of("api/v2/trades/", symbol), query).Under(_base);
        var page = await _reader.FindAsync(uri, RadarJson.Default.TradesPage, cancellationToken).ConfigureAwait(false);
        return page is null ? null : page with { Trades = [.. page.Trades.Select(trade => trade with { Symbol = page.Symbol })] };
    }

    /// <summary>A symbol's trades; further pages are asked for when they are needed.</summary>
    /// <returns>Nothing where the API does not know the symbol. Where it no longer does at a later page, the list throws.</returns>
    /// <inheritdoc cref="GetTradesAsync"/>
    public IAsyncEnumerable<Trade> ListTradesAsync(
        string symbol, HistoryQuery? query = null, CancellationToken cancellationToken = default) =>
        Pages.ListAsync(
            query?.PageToken,
            (token, cancel) => GetTradesAsync(symbol, PageOf(query, token), cancel),
            page => (page.Trades, page.NextPageToken),
            cancellationToken);

    /// <summary>A page of a symbol's bars.</summary>
    /// <param name="symbol">In any case.</param>
    /// <param name="timeframe">Their length.</param>
    /// <param name="query">Which; null is all that are kept, oldest first.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Null where the API does not know the symbol.</returns>
    /// <exception cref="RadarApiException">The API answered with an error.</exception>
    public async Task<BarsPage?> GetBarsAsync(
        string symbol, Timeframe timeframe = Timeframe.Minute, HistoryQuery? query = null, CancellationToken cancellationToken = default)
    {
        var uri = With(RequestPath.Of("api/v2/bars/", symbol).With("timeframe", Timeframes.NameOf(timeframe)), query).Under(_base);
        var page = await _reader.FindAsync(uri, RadarJson.Default.BarsPage, cancellationToken).ConfigureAwait(false);
        return page is null
            ? null
            : page with { Bars = [.. page.Bars.Select(bar => bar with { Symbol = page.Symbol, Timeframe = timeframe })] };
    }

    /// <summary>A symbol's bars; further pages are asked for when they are needed.</summary>
    /// <returns>Nothing where the API does not know the symbol. Where it no longer does at a later page, the list throws.</returns>
    /// <inheritdoc cref="GetBarsAsync"/>
    public IAsyncEnumerable<Bar> ListBarsAsync(
        string symbol, Timeframe timeframe = Timeframe.Minute, HistoryQuery? query = null, CancellationToken cancellationToken = default) =>
        Pages.ListAsync(
            query?.PageToken,
            (token, cancel) => GetBarsAsync(symbol, timeframe, PageOf(query, token), cancel),
            page => (page.Bars, page.NextPageToken),
            cancellationToken);

    private static RadarClientOptions Checked(HttpClient http, RadarClientOptions? options)
    {
        ArgumentNullException.ThrowIfNull(http);
        options ??= new RadarClientOptions { BaseAddress = http.BaseAddress };
        var result = new RadarClientOptionsValidator().Validate(name: null, options);
        return result.Succeeded ? options
            : throw new OptionsValidationException(nameof(RadarClientOptions), typeof(RadarClientOptions), result.Failures);
    }

    private static HistoryQuery? PageOf(HistoryQuery? query, string? token) =>
        token is null ? query : (query ?? new HistoryQuery()) with { PageToken = token };

    private static RequestPath With(RequestPath path, HistoryQuery? query) => query is null ? path : path
        .WithFrom("start", query.Start)
        .WithUpTo("end", query.End)
        .With("sort", query.NewestFirst ? "desc" : null)
        .With("limit", query.Limit)
        .With("page_token", query.PageToken)
        .WithUpTo("as_of", query.AsOf)
        .WithMaxStaleness(query.MaxStaleness);

    private Uri TickerUri(string symbol, DateTimeOffset? asOf, TimeSpan? maxStaleness) =>
        RequestPath.Of("api/v2/tickers/", symbol).WithUpTo("as_of", asOf).WithMaxStaleness(maxStaleness).Under(_base);
}

internal static class Pages
{
    /// <summary>Every item of every page.</summary>
    /// <param name="token">Of the page to begin with; null is the first.</param>
    /// <param name="read">Reads the page of a token. A first page that is null is an empty list.</param>
    /// <param name="items">Items of a page, and the token of the next.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RadarApiException">A later page is null: the list would look complete without being so.</exception>
    public static async IAsyncEnumerable<TItem> ListAsync<TPage, TItem>(
        string? token,
        Func<string?, CancellationToken, Task<TPage?>> read,
        Func<TPage, (IReadOnlyList<TItem> Items, string? Next)> items,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where TPage : class
    {
        do
        {
            if (await read(token, cancellationToken).ConfigureAwait(false) is not { } page)
            {
                if (token is null)
                    yield break;
                throw new RadarApiException(
                    HttpStatusCode.NotFound, "The API no longer knows the symbol: the list ends before its last page.");
            }

            (var found, token) = items(page);
            foreach (TItem item in found)
                yield return item;
        }
        while (token is not null);
    }
}
