using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using Radar.Api.Board;
using Radar.Market.Store;

namespace Radar.Api.Streaming;

/// <summary>
/// Gives every change of the board to the clients that want it: encoded once, put into each client's own queue, without waiting for any.
/// The board notifies it in the order of its changes, and a client joins while the board stands still, so that nothing is missed in
/// between.
/// </summary>
internal sealed class StreamHub(LiveBoard board, StreamMetrics metrics, IOptions<ApiOptions> options) : IBoardObserver
{
    /// <summary>Bytes of changes kept for clients that come back; about a second of a very busy topic, minutes of a usual one.</summary>
    private const long JournalBytesMax = 16 * 1024 * 1024;

    private readonly Lock _gate = new(); // taken after the board's where both are held
    private readonly HashSet<StreamClient> _clients = [];
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private readonly Dictionary<string, int> _perOwner = new(StringComparer.Ordinal);
    private readonly StreamRoutes _routes = new();
    private StreamJournal[] _journals = [];
    private BoardVersion _version = BoardVersion.Empty;
    private bool _stopping;

    /// <summary>What waits for all clients.</summary>
    public StreamBudget Budget { get; } = metrics.Publish(new StreamBudget(options.Value.StreamWaitingBytesMax));

    /// <summary>Lets a client in, if there is room.</summary>
    /// <returns>Null where there is not; <paramref name="refusal"/> is then the reason.</returns>
    public StreamClient? Enter(StreamRequest request, IPAddress? address, StreamOwner? owner, out string refusal)
    {
        var limits = options.Value;
        lock (_gate)
        {
            int same = address is null ? 0 : _perAddress.GetValueOrDefault(address);
            int ofOwner = owner is null ? 0 : _perOwner.GetValueOrDefault(owner.Name);
            refusal = _stopping ? "This API process is stopping. Connect again; another one answers."
                : _clients.Count >= limits.StreamClientsMax
                    ? $"All {limits.StreamClientsMax} streams of this API process are taken (Api:StreamClientsMax). Try again later."
                : same >= limits.StreamClientsPerAddressMax
                    ? $"{same} streams are open from this address, and no more are allowed (Api:StreamClientsPerAddressMax). Close one."
                : ofOwner >= owner?.StreamsMax
                    ? $"{ofOwner} streams of this key or token are open, and no more are allowed (Limits:StreamsPerCaller). Close one."
                : "";
            if (refusal.Length > 0)
                return null;
            var client = new StreamClient(request, address, owner, limits.StreamQueueBytesMax, Budget);
            _clients.Add(client);
            if (address is not null)
                _perAddress[address] = same + 1;
            if (owner is not null)
                _perOwner[owner.Name] = ofOwner + 1;
            metrics.Entered();
            return client;
        }
    }

    public void Leave(StreamClient client)
    {
        lock (_gate)
        {
            _routes.Remove(client);
            _clients.Remove(client);
            if (client.Address is { } address && --CollectionsMarshal.GetValueRefOrNullRef(_perAddress, address) == 0)
                _perAddress.Remove(address);
            if (client.Owner is { Name: var owner } && --CollectionsMarshal.GetValueRefOrNullRef(_perOwner, owner) == 0)
                _perOwner.Remove(owner);
            metrics.Left();
        }

        client.Dispose();
    }

    /// <summary>
    /// From here on the client gets every change, unless what it misses before that is not here. Nothing is encoded yet: the board waits
    /// meanwhile.
    /// </summary>
    /// <param name="client">Entered.</param>
    /// <param name="from">The client's position.</param>
    /// <returns>What becomes of it, and what brings it up to date.</returns>
    public StreamJoin Join(StreamClient client, BoardVersion from) => board.Join(status =>
    {
        lock (_gate)
        {
            _routes.Remove(client);
            if (!status.IsLoaded)
                return StreamJoin.NotReady;
            Align(status.Version);
            var join = Plan(client.Request, from, status.Version);
            if (join.State != StreamState.Live)
                return join;
            client.Begin(status.Version);
            if (_stopping)
                client.EndLive(StreamState.Shutdown);
            else
                _routes.Add(client);
            return join;
        }
    });

    /// <inheritdoc/>
    public void Applied(BoardChange change)
    {
        lock (_gate)
        {
            Align(change.After);
            _journals[change.Partition].Add(new StreamChange(change.Partition, change.Change, change.Effects));
            _version = change.After;
            EndTruncated(change);
            if (_routes.IsEmpty || change.Change.Symbols.Count == 0)
                return;
            var frames = new ChangeFrames(change.Partition, change.Change, change.Effects, change.Before, change.After, from: null);
            frames.SendTo(_routes);
            metrics.Published(change.Change.Symbols.Count);
        }
    }

    /// <inheritdoc/>
    /// <remarks>A client that named symbols which all live elsewhere has missed nothing, and goes on.</remarks>
    public void GapDetected(int? partition, BoardVersion version)
    {
        lock (_gate)
        {
            Align(version);
            _version = version;
            foreach (StreamJournal journal in partition is { } one ? _journals.AsSpan(one, 1) : _journals)
                journal.Clear();
            if (partition is not { } missed)
            {
                foreach (StreamClient client in _routes.Clients)
                    client.EndLive(StreamState.GapDetected);
                _routes.Clear();
                return;
            }

            // A symbol that the board does not have may be anywhere.
            foreach (StreamClient client in _routes.Wanting(symbol => board.PartitionOf(symbol) is not { } home || home == missed))
            {
                client.EndLive(StreamState.GapDetected);
                _routes.Remove(client);
            }
        }
    }

    /// <summary>Sends a heartbeat to every client that is live.</summary>
    /// <param name="heartbeat">Makes it of the board's status at that moment.</param>
    public void BroadcastHeartbeat(Func<BoardStatus, StreamFrame> heartbeat) => board.Join(status =>
    {
        lock (_gate)
        {
            if (_routes.IsEmpty)
                return 0;
            StreamEntry[] entry = [new(heartbeat(status), ChangeFrames.Id(status.Version))];
            foreach (StreamClient client in _routes.Clients)
                client.Add(entry, status.Version);
            return _routes.Clients.Count;
        }
    });

    /// <summary>A planned stop: every stream ends with <c>shutdown</c>, and no new one begins.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            foreach (StreamClient client in _clients)
                client.EndLive(StreamState.Shutdown);
            _routes.Clear();
        }
    }

    /// <summary>What becomes of a client at this position, and what brings it up to date.</summary>
    private StreamJoin Plan(StreamRequest request, BoardVersion from, BoardVersion version)
    {
        var view = new BoardView(version, []);
        if (!version.IsComparableTo(from) || !version.Covers(from))
            return StreamJoin.UnknownPosition(view);
        if (request.Channels == StreamChannels.OnlyTickers)
            return StreamJoin.Live(board.Read(request.Symbols, from).Only(request.Allowed), []);

        var changes = new List<StreamChange>();
        var missed = new List<int>();
        for (int partition = 0; partition < _journals.Length; partition++)
        {
            long? position = from.Positions[partition];
            if (_journals[partition].Since(position, version.Positions[partition]) is not { } since)
                missed.Add(partition);
            else if (since.Exists(change => change.IsTruncatedFor(request, position)))
                return StreamJoin.Unrecoverable(view);
            else
                changes.AddRange(since);
        }

        return missed.Count > 0 ? StreamJoin.NeedsBackfill(board.Read(request.Symbols), missed) : StreamJoin.Live(view, changes);
    }

    /// <summary>Clients of trades that the change left out get nothing of it, and start over behind it.</summary>
    private void EndTruncated(BoardChange change)
    {
        if (!change.Change.IsTruncated)
            return;
        var ended = new HashSet<StreamClient>();
        for (int i = 0; i < change.Effects.Length; i++)
        {
            ChangedSymbol symbol = change.Change.Symbols[i];
            if (change.Effects[i].Served && symbol.TradesOmitted > 0)
                ended.UnionWith(_routes.OfTrades(symbol.Symbol));
        }

        foreach (StreamClient client in ended)
        {
            client.EndLive(StreamState.Unrecoverable);
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
