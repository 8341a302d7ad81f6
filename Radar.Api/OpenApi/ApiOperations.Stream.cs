using Radar.Api.Streaming;

namespace Radar.Api.OpenApi;

/// <summary>Server-sent events.</summary>
internal static partial class ApiOperations
{
    public static readonly ApiOperation Stream = new(
        "stream",
        "Changes as they happen, as server-sent events",
        """
        Each event has an `id` (a version of all partitions, as lists have it in `meta.version`), an `event` and one line of `data` in JSON:

        - `snapshot` `{"tickers":[{"symbol","t","p","s","i","side","venue"}]}`: first; not after a resume that worked.
        - `ticker` `{"symbol","t","p","s","i","side","venue"}`: a symbol's newest trade; only the last where a client is slower than the market.
        - `trade`, of channel `trades`: every trade, with the same members.
        - `bar` `{"symbol","timeframe","t","o","h","l","c","v","n","vw"}`, of channels `bars.1Min` …: a symbol's newest bar, each time it changes.
        - `updated_bar`: the same of an older bar that a late trade corrected.
        - `heartbeat` `{"t","lag_ms","stale"}`: every few seconds.
        - `reset` `{"reason"}`: what the client knows is void; a `snapshot` follows at once.
        - `shutdown` `{"retry_ms"}`: a planned stop; connect again after that time.

        A client that connects again with the last `id` goes on where it was: tickers from any id, trades and bars while retention reaches back.
        """,
        StreamRequest.QueryParameters,
        typeof(string),
        "id: 1-9f86d081-4711-80-n-12\nevent: ticker\ndata: " + TickerExample + "\n\n",
        RouteKind.Stream);
}
