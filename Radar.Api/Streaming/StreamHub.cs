using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using Radar.Api.Board;
using Radar.Market.Store;

namespace Radar.Api.Streaming;

/// <summary>
/// Gives every change of the board to the clients that want it: encoded once, put into each client's own queue, waiting for nobody. All
/// of it happens in the board's order, so that every client hears the changes as they were made.
/// </summary>
internal sealed class StreamHub(LiveBoard board, StreamMetrics metrics, IOptions<ApiOptions> options)
{
    /// <summary>Bytes of changes kept for clients that come back; about a second of a very busy topic, minutes of a usual one.</summary>
    private const long JournalBytesMax = 16 * 1024 * 1024;

    private readonly HashSet<StreamClient> _clients = [];
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private readonly StreamRoutes _routes = new();
    private StreamJournal[] _journals = [];
    private BoardVersion _version = BoardVersion.Empty;
    private bool _stopping;

    /// <summary>What waits for all clients.</summary>
    public StreamBudget Budget { get; } = metrics.Publish(new StreamBudget(options.Value.StreamWaitingBytesMax));

    /// <summary>Lets a client in, if there is room.</summary>
    /// <returns>Null where there is not; <paramref name="refusal"/> then says why.</returns>
    public StreamClient? Enter(StreamRequest request, IPAddress? address, out string refusal)
    {
        var limits = options.Value;
        lock (board.Order)
        {
            int same = address is null ? 0 : _perAddress.GetValueOrDefault(address);
            refusal = _stopping ? "This API process is stopping. Connect again; another one answers."
                : _clients.Count >= limits.StreamClientsMax
                    ? $"All {limits.StreamClientsMax} streams of this API process are taken (Api:StreamClientsMax). Try again later."
                : same >= limits.StreamClientsPerAddressMax
                    ? $"{same} streams are open from this address, and no more are allowed (Api:StreamClientsPerAddressMax). Close one."
                : "";
            if (refusal.Length > 0)
                return null;
            var client = new StreamClient(request, address, limits.StreamQueueBytesMax, Budget);
            _clients.Add(client);
            if (address is not null)
                _perAddress[address] = same + 1;
            metrics.Entered();
            return client;
        }
    }

    public void Leave(StreamClient client)
    {
        lock (board.Order)
        {
            _routes.Remove(client);
            _clients.Remove(client);
            if (client.Address is { } address && --CollectionsMarshal.GetValueRefOrNullRef(_perAddress, address) == 0)
                _perAddress.Remove(address);
            metrics.Left();
        }

        client.Dispose();
    }

    /// <summary>
    /// From here on the client hears every change, unless what it misses before that is not here. Nothing is encoded yet: others wait
    /// for the board's order meanwhile.
    /// </summary>
    /// <param name="client">Entered.</param>
    /// <param name="from">What the client has.</param>
    /// <returns>How it is to be brought up to date.</returns>
    public StreamJoin Join(StreamClient client, BoardVersion from)
    {
        lock (board.Order)
        {
            _routes.Remove(client);
            if (!board.IsLoaded)
                return StreamJoin.NotReady;
            var version = board.Version;
            var view = new BoardView(version, []);
            Align(version);
            if (!version.IsComparableTo(from) || !version.Covers(from))
                return StreamJoin.UnknownPosition(view);
            if (client.Request.Channels == StreamChannels.OnlyTickers)
                return Joined(StreamJoin.Resumed(board.Read(client.Request.Symbols, from), []));

            var changes = new List<StreamChange>();
            var missed = new List<int>();
            for (int partition = 0; partition < _journals.Length; partition++)
            {
                long? position = from.Positions[partition];
                if (_journals[partition].Since(position, version.Positions[partition]) is not { } since)
                    missed.Add(partition);
                else if (since.Exists(change => change.LeavesOut(client.Request, position)))
                    return StreamJoin.Unrecoverable(view);
                else
                    changes.AddRange(since);
            }

            return missed.Count > 0
                ? StreamJoin.NeedsBackfill(board.Read(client.Request.Symbols), missed)
                : Joined(StreamJoin.Resumed(view, changes));

            StreamJoin Joined(StreamJoin join)
            {
                client.Begin(version);
                if (_stopping)
                    client.End(StreamEnd.Shutdown);
                else
                    _routes.Add(client);
                return join;
            }
        }
    }

    /// <summary>A change was made. The caller holds the board's order.</summary>
    public void Publish(int partition, Change change, BoardEffect[] effects)
    {
        var before = _version;
        var after = board.Version;
        Align(after);
        _journals[partition].Add(new StreamChange(partition, change, effects));
        _version = after;
        EndWhoMissesTrades(change, effects);
        if (_routes.IsEmpty || change.Symbols.Count == 0)
            return;
        var frames = new ChangeFrames(partition, change, effects, before, after, from: null);
        frames.SendTo(_routes);
        metrics.Published(change.Symbols.Count);
    }

    /// <summary>
    /// Changes of <paramref name="partition"/> were missed, or of all where it is null. Who named symbols that all live elsewhere has
    /// missed nothing, and goes on. The caller holds the board's order.
    /// </summary>
    public void Interrupt(int? partition = null)
    {
        Align(board.Version);
        foreach (StreamJournal journal in partition is { } one ? _journals.AsSpan(one, 1) : _journals)
            journal.Clear();
        _version = board.Version;
        if (partition is not { } missed)
        {
            foreach (StreamClient client in _routes.Clients)
                client.End(StreamEnd.GapDetected);
            _routes.Clear();
            return;
        }

        // A symbol that the board does not have may be anywhere.
        foreach (StreamClient client in _routes.Wanting(symbol => board.PartitionOf(symbol) is not { } home || home == missed))
        {
            client.End(StreamEnd.GapDetected);
            _routes.Remove(client);
        }
    }

    /// <summary>Says to everybody that the stream is alive, and how fresh.</summary>
    public void BroadcastHeartbeat(StreamFrame heartbeat)
    {
        lock (board.Order)
        {
            if (_routes.IsEmpty)
                return;
            var version = board.Version;
            StreamEntry[] entry = [new(heartbeat, ChangeFrames.Id(version))];
            foreach (StreamClient client in _routes.Clients)
                client.Add(entry, version);
        }
    }

    /// <summary>A planned stop: every stream ends with <c>shutdown</c>, and no new one begins.</summary>
    public void Stop()
    {
        lock (board.Order)
        {
            _stopping = true;
            foreach (StreamClient client in _clients)
                client.End(StreamEnd.Shutdown);
            _routes.Clear();
        }
    }

    /// <summary>Clients of trades that the change left out: they hear nothing of it, and begin anew behind it.</summary>
    private void EndWhoMissesTrades(Change change, BoardEffect[] effects)
    {
        if (!change.IsTruncated)
            return;
        var ended = new HashSet<StreamClient>();
        for (int i = 0; i < effects.Length; i++)
        {
            if (effects[i].Served && change.Symbols[i].TradesLeftOut > 0)
                ended.UnionWith(_routes.OfTrades(change.Symbols[i].Symbol));
        }

        foreach (StreamClient client in ended)
        {
            client.End(StreamEnd.Unrecoverable);
            _routes.Remove(client);
        }
    }

    private void Align(BoardVersion version)
    {
        if (_journals.Length != version.Positions.Length || !_version.IsComparableTo(version))
        {
            _version = version;
            _journals = [.. version.Positions.Select(_ => new StreamJournal(JournalBytesMax / version.Positions.Length))];
        }
    }
}

/// <summary>How a client is brought up to date.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="View">
/// The board's version at that moment; with the client's symbols where what it missed has to be read, and with those of them that moved
/// where it wants tickers only.
/// </param>
/// <param name="Changes">The changes that it missed.</param>
/// <param name="Partitions">Partitions whose changes have to be read from Redis.</param>
internal readonly record struct StreamJoin(
    StreamJoinKind Kind, BoardView View, IReadOnlyList<StreamChange> Changes, IReadOnlyList<int> Partitions)
{
    public static readonly StreamJoin NotReady = new(StreamJoinKind.NotReady, default, [], []);

    public static StreamJoin Resumed(in BoardView view, IReadOnlyList<StreamChange> changes) => new(StreamJoinKind.Resumed, view, changes, []);

    public static StreamJoin NeedsBackfill(in BoardView view, IReadOnlyList<int> partitions) => new(StreamJoinKind.NeedsBackfill, view, [], partitions);

    public static StreamJoin Unrecoverable(in BoardView view) => new(StreamJoinKind.Unrecoverable, view, [], []);

    public static StreamJoin UnknownPosition(in BoardView view) => new(StreamJoinKind.UnknownPosition, view, [], []);
}

internal enum StreamJoinKind
{
    /// <summary>The board is not filled yet; the client has not joined.</summary>
    NotReady,

    /// <summary>It goes on where it was: by the changes, or, where it only wants tickers, by those that moved.</summary>
    Resumed,

    /// <summary>What it misses is not in memory; it has not joined.</summary>
    NeedsBackfill,

    /// <summary>It misses trades that no change tells and Redis does not keep; it has not joined.</summary>
    Unrecoverable,

    /// <summary>Its version is of another epoch or topic, or ahead of the board; it has not joined.</summary>
    UnknownPosition,
}
