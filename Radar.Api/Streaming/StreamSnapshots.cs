using Radar.Api.Access;
using Radar.Api.Board;

namespace Radar.Api.Streaming;

/// <summary>Encodes snapshots, and shares one among the clients that may have it.</summary>
internal sealed class StreamSnapshots(LiveBoard board, StreamBudget budget, TimeProvider time)
{
    /// <summary>
    /// How old a shared one may be: a client of it gets what changed since at once, and a client that asks for everything again and again
    /// makes no more than one a second.
    /// </summary>
    private static readonly TimeSpan SharedFor = TimeSpan.FromSeconds(1);

    /// <summary>Smaller ones are made for each client, and have what the board has at that moment.</summary>
    private const int SharedMin = 256 * 1024;

    private readonly Lock _making = new();
    private StreamSnapshot? _shared;
    private long _sharedAt;

    /// <summary>A snapshot that the caller holds until it disposes of it; null where too much waits for all clients.</summary>
    /// <param name="symbols">Normalized; null is every symbol.</param>
    /// <param name="allowed">Which of them; null is all.</param>
    public StreamSnapshot? TryTake(IReadOnlyCollection<string>? symbols, SymbolPatterns? allowed = null)
    {
        if (symbols is not null || allowed is not null)
            return TryMake(symbols, allowed);
        lock (_making) // a waiting caller gets what is being made
        {
            if (_shared is { Size: >= SharedMin } shared && time.GetElapsedTime(_sharedAt) < SharedFor
                && shared.Version.IsComparableTo(board.Status.Version) && shared.TryHold())
                return shared;
            (_shared, _sharedAt) = (TryMake(null, null), time.GetTimestamp());
            return _shared;
        }
    }

    private StreamSnapshot? TryMake(IReadOnlyCollection<string>? symbols, SymbolPatterns? allowed)
    {
        var snapshot = StreamSnapshot.Of(board.Read(symbols).Only(allowed), Released);
        return budget.TryHold(snapshot.Size) ? snapshot : null;
    }

    private void Released(StreamSnapshot snapshot)
    {
        budget.Release(snapshot.Size);
        Interlocked.CompareExchange(ref _shared, null, snapshot);
    }
}
