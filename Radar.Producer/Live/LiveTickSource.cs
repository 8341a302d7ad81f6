using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Producer.Venues;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Live;

/// <summary>Trades of a venue as they happen, over as many connections as its symbols need.</summary>
internal sealed class LiveTickSource : ITickSource, IDisposable
{
    // A page of 1000 trades is about 200 KB.
    private const int AnswerBytesMax = 16 << 20;

    private readonly ProducerOptions _options;
    private readonly VenueProtocol _venue;
    private readonly TimeProvider _time;
    private readonly LiveReport _report;
    private readonly Channel<Tick> _ticks;
    private readonly HttpClient _http;
    private SymbolFormat? _format;
    private TickOutput? _output;
    private Task? _feeds;

    public LiveTickSource(IOptions<ProducerOptions> options, ProducerMetrics metrics, TimeProvider time, ILogger<LiveTickSource> logger)
    {
        _options = options.Value;
        _time = time;
        _venue = VenueRegistry.FindLive(_options.Source)?.FindMarket(_options.Live.Market)?.NewProtocol()
            ?? throw new InvalidOperationException("Producer:Source and Producer:Live:Market were checked at start.");
        _report = new LiveReport(_venue.Name, metrics, time, logger);
        _ticks = Channel.CreateBounded<Tick>(new BoundedChannelOptions(_options.Live.QueueTicksMax) { SingleReader = true });
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            MaxResponseContentBufferSize = AnswerBytesMax,
            Timeout = Timeout.InfiniteTimeSpan, // GapRefill has its own
        };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("radar"); // Coinbase wants one
    }

    public string Description =>
        $"{_venue.Name}, live, {_options.Live.Symbols.Count} {(_options.Live.Symbols.Count == 1 ? "symbol" : "symbols")}, {Endpoint}";

    /// <summary>Whether the queue is full and the venue is not read until Kafka has taken some of it.</summary>
    internal bool WaitsForReader => _output?.IsFull ?? false;

    private Uri Endpoint => new(_options.Live.WebSocketUrl ?? _venue.WebSocketUrl);

    private Uri? RestEndpoint => (_options.Live.RestUrl ?? _venue.RestUrl) is { Length: > 0 } url ? new Uri(url) : null;

    public void Open(CancellationToken cancellationToken = default)
    {
        // What can be wrong is configuration, and was checked at start. That a venue is away is no reason not to start.
        _format = SymbolFormat.TryCreate(_options.SymbolFormat, SymbolRule.Of(_options.SymbolCase), out var format)
            ? format
            : throw new InvalidOperationException("Producer:SymbolFormat was checked at start.");
    }

    public async ValueTask<int> ReadAsync(Memory<Tick> ticks, CancellationToken cancellationToken)
    {
        _feeds ??= RunAsync(cancellationToken);
        try
        {
            int count = 0;
            while (count == 0 && await _ticks.Reader.WaitToReadAsync(cancellationToken))
            {
                while (count < ticks.Length && _ticks.Reader.TryRead(out ticks.Span[count]))
                    count++;
            }

            return count;
        }
        catch (OperationCanceledException)
        {
            await _feeds;
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Runs the feeds to their end; never throws, the reader of the ticks does.</summary>
    private async Task RunAsync(CancellationToken stop)
    {
        var live = _options.Live;
        var limits = _venue.Limits;
        using var connectPace = new Pace(limits.ConnectEvery, _time);
        using var sendPace = new Pace(limits.SendEvery, _time);
        using var restPace = new Pace(limits.RestEvery, _time);
        var refill = new GapRefill(_venue, RestEndpoint, live, _http, restPace, _time);
        _output = new TickOutput(_ticks.Writer, _format!, _report);
        int perConnection = live.SymbolsPerConnection > 0 ? live.SymbolsPerConnection : limits.SymbolsPerConnection;
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var feeds = live.Symbols.Select(symbol => limits.SymbolsHaveCase ? symbol : symbol.ToUpperInvariant()).Chunk(perConnection)
            .Select(symbols => new LiveFeed(
                _venue, symbols, Endpoint, live, refill, connectPace, sendPace, _output, _report, _time).RunAsync(all.Token))
            .ToList();
        try
        {
            while (feeds.Count > 0)
            {
                var done = await Task.WhenAny(feeds);
                feeds.Remove(done);
                await done;
                _report.NoSymbols();
            }

            _ticks.Writer.TryComplete();
        }
        catch (Exception e)
        {
            await all.CancelAsync();
            await Task.WhenAll(feeds).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _ticks.Writer.TryComplete(e);
        }
    }
}
