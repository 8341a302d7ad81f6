using System.Collections.Immutable;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// The rule that no answer goes back: of each partition nothing is served that is older than what this process has served of it before,
/// whether that came from the board or from Redis. What the board has served it still has, so only answers from Redis are noted here.
/// Positions count within one epoch of one topic; another one begins anew, and so does a partition whose log turns out to be another.
/// </summary>
internal sealed partial class LiveBoard
{
    private MarketLayout? _servedOf;
    private (long Offset, long AtMs)[] _served = []; // the newest position that was served from Redis, by partition, and when; 0 is none

    /// <summary>
    /// What may be served from now on: a read that begins now and finds less is older than what was served. Asked before the read, since
    /// what moves meanwhile is no sign that Redis is behind.
    /// </summary>
    public ServedFloor Floor
    {
        get
        {
            lock (_gate)
            {
                var positions = ImmutableArray.CreateBuilder<long>(Math.Max(_partitions.Length, _served.Length));
                for (int i = 0; i < positions.Capacity; i++)
                {
                    long has = i < _partitions.Length ? _partitions[i].Position?.Offset ?? 0 : 0;
                    positions.Add(Math.Max(has, i < _served.Length ? _served[i].Offset : 0));
                }

                return new ServedFloor(_layout ?? _servedOf, positions.MoveToImmutable());
            }
        }
    }

    /// <summary>True where the board has less of some partition than was served of it from Redis.</summary>
    public bool IsBehindServed
    {
        get
        {
            lock (_gate)
                return IsBehindServedNow;
        }
    }

    private bool IsBehindServedNow
    {
        get
        {
            for (int partition = 0; partition < _partitions.Length; partition++)
            {
                if (IsBehind(partition))
                    return true;
            }

            return false;
        }
    }

    /// <summary>An answer was made from what Redis has of a symbol.</summary>
    public void NoteServed(SymbolLocation location) =>
        NoteServed(MarketLayout.Of(location), location.Keys.Partition, location.Position.Offset);

    /// <summary>An answer was made from what Redis has of several partitions.</summary>
    public void NoteServed(MarketLayout layout, ImmutableArray<long?> positions)
    {
        for (int partition = 0; partition < positions.Length; partition++)
        {
            if (positions[partition] is { } offset)
                NoteServed(layout, partition, offset);
        }
    }

    /// <summary>
    /// What was served of a partition lies past the end of its log, as found later: the log is another one, which is served from its
    /// beginning.
    /// </summary>
    /// <param name="partition">Whose.</param>
    /// <param name="end">The log's end.</param>
    /// <param name="takenMs">When it was asked for, Unix ms; what was served after that says nothing.</param>
    /// <returns>True where something was forgotten.</returns>
    public bool ForgetServedPast(int partition, long end, long takenMs)
    {
        lock (_gate)
        {
            if (partition >= _served.Length || _served[partition].Offset <= end || _served[partition].AtMs >= takenMs)
                return false;
            _served[partition] = default;
            return true;
        }
    }

    private void NoteServed(MarketLayout layout, int partition, long offset)
    {
        lock (_gate)
        {
            if (_layout is { } followed && followed != layout)
                return; // the board changes over to it, or has left it
            if (_servedOf != layout)
                BeginServed(layout);
            if (partition < _served.Length && _served[partition].Offset < offset)
                _served[partition] = (offset, time.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }

    private void BeginServed(MarketLayout layout) => (_servedOf, _served) = (layout, new (long, long)[layout.PartitionCount]);

    private bool IsBehind(int partition) =>
        partition < _served.Length && (_partitions[partition].Position?.Offset ?? 0) < _served[partition].Offset;
}

/// <summary>The least that may be served of each partition.</summary>
/// <param name="Of">Epoch and topic that the positions count in; null where nothing was served yet.</param>
/// <param name="Positions">By partition; 0 where nothing was served of it.</param>
internal readonly record struct ServedFloor(MarketLayout? Of, ImmutableArray<long> Positions)
{
    /// <summary>True where an answer made from <paramref name="location"/> would go back.</summary>
    public bool IsAbove(SymbolLocation location) =>
        Of == MarketLayout.Of(location)
            && location.Position.Offset < Positions[location.Keys.Partition];

    /// <summary>True where an answer made from these positions would go back.</summary>
    /// <param name="layout">Epoch and topic of the positions; null where nothing is stored.</param>
    /// <param name="positions">By partition.</param>
    public bool IsAbove(MarketLayout? layout, ImmutableArray<long?> positions)
    {
        if (Of is null || layout is null || layout != Of)
            return Of is not null && layout is null;
        for (int partition = 0; partition < Positions.Length; partition++)
        {
            if ((positions[partition] ?? 0) < Positions[partition])
                return true;
        }

        return false;
    }
}
