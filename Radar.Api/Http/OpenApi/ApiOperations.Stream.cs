using Radar.Api.Http.Contract;
using Radar.Api.Streaming;

namespace Radar.Api.Http.OpenApi;

/// <summary>Server-sent events.</summary>
internal static partial class ApiOperations
{
    /// <summary>What the events carry, beside items that REST has too.</summary>
    public static readonly Type[] StreamEvents = [typeof(SnapshotData), typeof(BarData), typeof(HeartbeatData), typeof(ResetData), typeof(ShutdownData)];

    public static readonly ApiOperation Stream = new(
        "stream",
        "Changes as they happen, as server-sent events",
        """
        Each event has an `id` (a version of all partitions, as lists have it in `meta.version`), an `event` and one line of `data` in JSON, of
        which the schema is named here:

        - `snapshot` (SnapshotData): first; not after a resume that worked.
        - `ticker` (TickerItem): a symbol's newest trade; only the last where a client is slower than the market.
        - `trade` (TickerItem), of channel `trades`: every trade.
        - `bar` (BarData), of channels `bars.1Min` …: a symbol's newest bar, each time it changes.
        - `updated_bar` (BarData): an older bar that a late trade corrected.
        - `heartbeat` (HeartbeatData): every few seconds.
        - `reset` (ResetData): what the client knows is void; a `snapshot` follows at once.
        - `shutdown` (ShutdownData): a planned stop; connect again after the time that it names.

        A client that connects again with the last `id` goes on where it was: tickers from any id, trades and bars while retention reaches back.
        """,
        StreamRequest.QueryParameters,
        typeof(string),
        "id: 1-9f86d081-4711-80-n-12\nevent: ticker\ndata: " + TickerExample + "\n\n",
        RouteKind.Stream);
}
