using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Page;
using Radar.Api.Streaming;
using Radar.Market;
using Radar.Standalone.Infrastructure;

namespace Radar.Tests.Page;

/// <summary>
/// The page with an API that speaks the contract and misbehaves on demand: drops connections, falls silent, is stale, resets, stops
/// and starts again. State outlives a restart, as Redis's does.
/// </summary>
internal sealed partial class FakeApi : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Guid, Client> _clients = new();
    private readonly FakeMarket _market;
    private WebApplication _app;

    private FakeApi(FakeMarket market, WebApplication app)
    {
        _market = market;
        _app = app;
    }

    public Uri Address { get; private set; } = null!;

    private SymbolRule Symbols { get; init; } = SymbolRule.Upper;

    /// <summary>For tests of silence, or of what heartbeats tell.</summary>
    public static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Pause between heartbeats. The page learns from it what silence is, and a machine that is busy for a moment would be silent to a
    /// page that hears them often.
    /// </summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromMinutes(1);

    public bool Stale { get; set; }

    /// <summary>Integrity marks in heartbeats, a JSON array; null is none.</summary>
    public string? Incomplete { get; set; }

    /// <summary>
    /// Kafka timestamp of the newest record, Unix ms, as heartbeats have it. Null is the market's, and where that is old, now: records of
    /// other symbols keep coming, so that a slow test is not a quiet market.
    /// </summary>
    public long? RecordMs { get; set; }

    /// <summary>Says nothing more, with connections left open.</summary>
    public bool Silent { get; set; }

    /// <summary>Streams that bring bars begin when this is done.</summary>
    public Task BarsBegin { get; set; } = Task.CompletedTask;

    /// <summary>Answers new streams with this problem.</summary>
    public string? Refusal { get; set; }

    /// <summary>What <c>/lag</c> says; null makes it a 503.</summary>
    public (long Messages, double Seconds)? Lag { get; set; } = (0, 0);

    /// <summary>Every stream that was asked for: its query and the id it resumed from, from the header or <c>since</c>.</summary>
    public ConcurrentQueue<(string Query, string? From)> Streams { get; } = new();

    public int Connected => _clients.Count;

    /// <param name="market">What it serves.</param>
    /// <param name="symbols">Whether case counts; null is that it does not.</param>
    public static async Task<FakeApi> StartAsync(FakeMarket market, SymbolRule? symbols = null)
    {
        var api = new FakeApi(market, null!) { Symbols = symbols ?? SymbolRule.Upper };
        await api.StartAsync(LoopbackPort.Free()); // nobody gets it by chance before it starts again
        market.Traded += api.Publish;
        return api;
    }

    /// <summary>Ends every connection at once, as a crash does; nothing listens any more.</summary>
    public async Task StopAsync()
    {
        DropConnections();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Listens again where it did.</summary>
    public Task StartAgainAsync() => StartAsync(Address.Port);

    public void DropConnections()
    {
        foreach (var client in _clients.Values)
            client.Abort();
    }

    /// <summary>Tells everybody; somebody must be listening.</summary>
    public void SendToAll(string name, string data)
    {
        Assert.Contains(_clients.Values, client => client.IsListening);
        foreach (var client in _clients.Values)
            client.Send(name, data);
    }

    /// <summary>Says that the past is void and what the present is.</summary>
    public void Reset(string reason)
    {
        SendToAll("reset", $$"""{"reason":"{{reason}}"}""");
        SendToAll("snapshot", _market.Snapshot(null));
    }

    public async ValueTask DisposeAsync()
    {
        _market.Traded -= Publish;
        await StopAsync();
    }

    private async Task StartAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        builder.Services.AddSingleton(Symbols);
        _app = builder.Build();
        _app.UseSecurityHeaders();
        PageEndpoint.Map(_app);
        MapReads(_app);
        _app.MapGet("/api/v2/stream", StreamAsync);
        _app.MapGet("/session", () => Results.Text("""{"auth":"none","caller":null}""", "application/json"));
        await _app.StartAsync();
        Address = new Uri(_app.Urls.Single());
    }

    private void Publish(FakeTrade trade)
    {
        foreach (var client in _clients.Values)
            Publish(client, trade);
    }

    private void Publish(Client client, FakeTrade trade)
    {
        if (!client.Wants(trade.Symbol))
            return;
        if (client.Channels.Contains("tickers"))
            client.Send("ticker", trade.Json);
        if (client.Channels.Contains("trades"))
            client.Send("trade", trade.Json);
        foreach (string timeframe in client.Channels.Where(channel => channel.StartsWith("bars.", StringComparison.Ordinal)))
            client.Send("bar", _market.NewestBar(trade.Symbol, timeframe["bars.".Length..]));
    }

    private async Task StreamAsync(HttpContext context)
    {
        string? from = context.Request.Headers["Last-Event-ID"].FirstOrDefault() ?? context.Request.Query["since"].FirstOrDefault();
        Streams.Enqueue((context.Request.QueryString.Value!, from));
        if (Refusal is { } refusal)
        {
            await ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, refusal);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        var client = new Client(context, _market);
        var id = Guid.NewGuid();
        try
        {
            if (client.Channels.Any(channel => channel.StartsWith("bars.", StringComparison.Ordinal)))
                await BarsBegin.WaitAsync(context.RequestAborted);
            _market.Still(() =>
            {
                if (from is null)
                    client.Send("snapshot", _market.Snapshot(client.Symbols));
                foreach (var missed in from is null ? [] : _market.Since(long.Parse(from.Split('-')[2], CultureInfo.InvariantCulture)))
                    Publish(client, missed);
                _clients[id] = client;
            });
            client.SendHeartbeat(this);
            await client.WriteAsync(this);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The page or the test ended it.
        }
        finally
        {
            _clients.TryRemove(id, out _);
            client.End();
        }
    }

    private static Task ProblemAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        return context.Response.WriteAsync($$"""{"title":"Problem","status":{{status}},"detail":"{{detail}}"}""");
    }

    /// <summary>One stream.</summary>
    private sealed class Client(HttpContext context, FakeMarket market)
    {
        private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
        private readonly CancellationToken _gone = context.RequestAborted;
        private readonly Lock _ending = new();
        private bool _hasEnded;

        public bool IsListening => !_gone.IsCancellationRequested;

        public HashSet<string>? Symbols { get; } = context.Request.Query["symbols"].FirstOrDefault() is { Length: > 0 } names
            && names != "*"
            ? names.Split(',').ToHashSet()
            : null;

        public IReadOnlyList<string> Channels { get; } = (context.Request.Query["channels"].FirstOrDefault() ?? "tickers").Split(',');

        public bool Wants(string symbol) => Symbols is null || Symbols.Contains(symbol);

        public void Abort()
        {
            lock (_ending)
            {
                if (!_hasEnded)
                    context.Abort();
            }
        }

        /// <summary>The server takes the context back, and nobody may touch it any more.</summary>
        public void End()
        {
            lock (_ending)
                _hasEnded = true;
        }

        public void Send(string name, string data) => _events.Writer.TryWrite(
            string.Create(CultureInfo.InvariantCulture, $"id: 1-0badcafe-{market.Offset}\nevent: {name}\ndata: {data}\n\n"));

        public void SendHeartbeat(FakeApi api)
        {
            bool stale = api.Stale; // before the lag, which tests set before it
            long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            long recordMs = api.RecordMs ?? (market.RecordMs is { } last ? now - last > 5000 ? now : last : 0);
            var frame = market.Still(() => StreamFrame.Heartbeat(
                now, (long)((api.Lag?.Seconds ?? 0) * 1000), stale, api.Incomplete, (int)api.Heartbeat.TotalMilliseconds, [recordMs]));
            string data = Encoding.UTF8.GetString(frame.Bytes.Span).Split('\n')[1];
            Send("heartbeat", data["data: ".Length..]);
        }

        public async Task WriteAsync(FakeApi api)
        {
            await context.Response.Body.FlushAsync(context.RequestAborted); // the connection is open, though there may be nothing to say
            using var timer = new PeriodicTimer(api.Heartbeat, TimeProvider.System);
            var beat = timer.WaitForNextTickAsync(context.RequestAborted).AsTask();
            var more = _events.Reader.WaitToReadAsync(context.RequestAborted).AsTask();
            while (true)
            {
                await Task.WhenAny(beat, more);
                context.RequestAborted.ThrowIfCancellationRequested();
                if (beat.IsCompleted)
                {
                    SendHeartbeat(api);
                    timer.Period = api.Heartbeat;
                    beat = timer.WaitForNextTickAsync(context.RequestAborted).AsTask();
                }

                if (more.IsCompleted)
                    more = _events.Reader.WaitToReadAsync(context.RequestAborted).AsTask();
                var text = new StringBuilder();
                while (_events.Reader.TryRead(out string? next))
                    text.Append(next);
                if (text.Length == 0 || api.Silent)
                    continue;
                await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
    }
}
