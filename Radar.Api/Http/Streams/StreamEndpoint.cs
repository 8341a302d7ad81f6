using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Radar.Api.Access;
using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Api.Http.Access;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Limits;
using Radar.Api.Http.OpenApi;
using Radar.Api.Limits;
using Radar.Api.Queries;
using Radar.Api.Streaming;

namespace Radar.Api.Http.Streams;

/// <summary><c>GET /api/v2/stream</c>: server-sent events.</summary>
internal sealed class StreamEndpoint(
    StreamHub hub, StreamCatchUp catchUp, StreamMetrics metrics, Staleness staleness, FreshnessGuard freshness, SpellingGuard spelling,
    RequestDeadline deadlines, UnknownSymbols unknownSymbols, LiveBoard board, StreamHeartbeat heartbeat, SymbolAccess access,
    IOptions<ApiOptions> options, IOptions<LimitOptions> limits, TimeProvider time)
{
    /// <summary>
    /// What the system keeps of a connection's bytes that the client has not taken; Linux makes it twice as many. Left to itself it goes
    /// up to 4 MB (net.ipv4.tcp_wmem), and 300 clients that read nothing take 1.1 GB of the machine, or of the container's limit, which
    /// no budget of this process sees. A client 100 ms away gets some 2 MB a second with it.
    /// </summary>
    private const int SendBufferBytes = 128 * 1024;

    public static readonly ApiOperation Operation = new(
        "stream",
        "Changes as they happen, as server-sent events",
        """
        Each event has an `id` (a version of all partitions, as lists have it in `meta.version`), an `event` and one line of `data` in
        JSON, of which the schema is named here:

        - `snapshot` (SnapshotData): first; not after a resume that worked.
        - `unknown` (UnknownData): once at the beginning, where symbols were asked for that have no trade so far. They may be misspelt,
          and are sent once they trade. With `strict=true` they are a 404.
        - `ticker` (TickerItem): a symbol's newest trade; only the last where a client is slower than the market.
        - `trade` (TickerItem), of channel `trades`: every trade.
        - `bar` (BarData), of channels `bars.1Min` …: a symbol's newest bar, each time it changes.
        - `updated_bar` (BarData): an older bar that a late trade corrected.
        - `heartbeat` (HeartbeatData): once the client is up to date, and then every `interval_ms`.
        - `reset` (ResetData): what the client knows is void; a `snapshot` follows at once.
        - `shutdown` (ShutdownData): a planned stop; connect again after the time that it names.

        A client that connects again with the last `id` goes on where it was: tickers from any id, trades and bars while retention
        reaches back.
        """,
        StreamParameters.All,
        typeof(string),
        "id: 1-9f86d081-4711-80-n-12\nevent: ticker\ndata: " + Examples.Ticker + "\n\n",
        RouteKind.Stream) { Scope = Scopes.Stream };

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/v2/stream", static (HttpContext context, StreamEndpoint endpoint) => endpoint.RunAsync(context))
            .WithTags("v2").WithMetadata(new TakesTickets()).NeedScope(app, Scopes.Stream).WithCost(RequestCost.Stream)
            .Describe(Operation);

    private async Task<IResult> RunAsync(HttpContext context)
    {
        if (StreamParameters.Read(context.Request, Caller.Of(context)?.Symbols, spelling.Symbols, out var error) is not { } request)
            return Problems.BadParameter(error!);
        if (access.Check(context, request.Symbols ?? []) is { } forbidden)
            return forbidden;
        if (hub.Enter(request, context.Connection.RemoteIpAddress, OwnerOf(context), out string refusal) is not { } client)
            return Refused("limit", Problems.Unavailable(refusal));

        // The server's own least rate would end a stream whose client takes nothing for 5 s, whatever Api:StreamWriteTimeoutMs is. It
        // counts again for what is left to send when the stream has ended.
        var rate = context.Features.Get<IHttpMinResponseDataRateFeature>();
        var usualRate = rate?.MinDataRate;
        try
        {
            if (await CheckAsync(context, client) is { } problem)
                return problem;
            if (rate is not null)
                rate.MinDataRate = null;
            using var over = CallerLifetime.End(context, time);
            await StreamAsync(context, client);
            return Results.Empty;
        }
        catch (OperationCanceledException)
        {
            return Results.Empty; // the client left before the stream began
        }
        finally
        {
            if (rate is not null)
                rate.MinDataRate = usualRate;
            hub.Leave(client);
        }
    }

    private StreamOwner? OwnerOf(HttpContext context) =>
        Caller.Of(context) is { } caller ? new(caller.Name, caller.Limits?.Streams ?? limits.Value.StreamsPerCaller) : null;

    /// <summary>The problem where the stream cannot begin.</summary>
    private async Task<ProblemResult?> CheckAsync(HttpContext context, StreamClient client)
    {
        Deadline deadline = deadlines.Begin();
        if (!await catchUp.IsReadyAsync(deadline.Left, context.RequestAborted))
            return Refused("loading", Problems.Unavailable("The state is being read from Redis. Try again."));
        if (spelling.Check() is { } other)
            return Refused("spelling", other);
        if (client.Request.MaxStalenessMs is { } max
            && (await freshness.MeasureAsync(max, deadline, context) ?? FreshnessGuard.Check(staleness.WorstLagMs(), max)) is { } stale)
            return Refused("stale", stale);
        if (client.Request.IsStrict && catchUp.Unknown(client.Request) is { Count: > 0 } unknown)
        {
            return Refused("unknown", unknownSymbols.Problem(
                string.Join(", ", unknown.Take(10)), nothingIngested: false, StreamParameters.Symbols.Name));
        }

        return catchUp.TryPrepare(client) ? null : Refused("memory", Problems.Unavailable(StreamBudgetException.Detail));
    }

    private async Task StreamAsync(HttpContext context, StreamClient client)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is { Socket: var socket })
            socket.SendBufferSize = SendBufferBytes;
        TraceResponse.Set(context.Response);
        context.Response.ContentType = ApiOperation.EventStream;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // proxies that collect answers would collect for ever
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        var output = new StreamOutput(
            context.Response.BodyWriter, context.Abort, options.Value.StreamWriteTimeoutMs, hub.Budget, time, context.RequestAborted);
        try
        {
            await output.BeginAsync();
            await new StreamSession(
                client, output, hub, catchUp, metrics, time, reached => heartbeat.Of(board.Status, reached)).RunAsync();
        }
        catch (OperationCanceledException)
        {
            metrics.Disconnected(output.TimedOut ? "write_timeout" : "client"); // it has gone, or did not take what it was sent in time
        }
        catch (StreamBudgetException)
        {
            metrics.Disconnected("memory"); // it comes back with its last id
        }
    }

    private ProblemResult Refused(string reason, ProblemResult problem)
    {
        metrics.Refused(reason);
        return problem;
    }
}
