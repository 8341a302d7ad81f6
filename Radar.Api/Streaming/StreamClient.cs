using System.Net;
using System.Runtime.InteropServices;
using Radar.Api.Board;

namespace Radar.Api.Streaming;

/// <summary>
/// What waits for one client. The hub adds, the client's own loop takes; both are short under a lock, and neither waits for the other.
/// </summary>
internal sealed class StreamClient(
    StreamRequest request, IPAddress? address, StreamOwner? owner, int queueBytesMax, StreamBudget budget) : IDisposable
{
    /// <summary>Entries for which a list keeps its room. A burst may take a hundred times that, and idle clients are many.</summary>
    public const int EntriesKept = 256;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private List<StreamEntry> _waiting = [];
    private List<StreamEntry> _taken = [];
    private BoardVersion _version = BoardVersion.Empty;
    private int _waitingBytes;
    private long _oldestMs;
    private StreamState _state = StreamState.Live;

    public StreamRequest Request => request;

    /// <summary>Where the client comes from, for the limit per client.</summary>
    public IPAddress? Address => address;

    /// <summary>Whose it is; null where that is not known.</summary>
    public StreamOwner? Owner => owner;

    /// <summary>The first event, encoded before the answer begins; null once the client takes it.</summary>
    public StreamSnapshot? Prepared { get; set; }

    /// <summary>What the hub has collected of one change; used by the hub only, under its lock.</summary>
    public List<StreamEntry> Change { get; } = [];

    /// <summary>True while the hub is at a change that concerns the client.</summary>
    public bool IsTouched { get; set; }

    /// <summary>Kafka timestamp of the oldest record in what was taken last, Unix ms; 0 where that is unknown.</summary>
    public long TakenOldestMs { get; private set; }

    /// <summary>The service stops.</summary>
    public bool IsShutDown
    {
        get
        {
            lock (_gate)
                return _state == StreamState.Shutdown;
        }
    }

    /// <summary>Starts over at <paramref name="version"/>, with nothing waiting.</summary>
    public void Begin(BoardVersion version)
    {
        lock (_gate)
        {
            Drop(_waiting);
            (_waitingBytes, _oldestMs) = (0, 0);
            _version = version;
            if (_state != StreamState.Shutdown)
                _state = StreamState.Live;
        }
    }

    /// <summary>
    /// Adds what one change, or one heartbeat, brings; the client is at <paramref name="version"/> when it has all of it.
    /// </summary>
    /// <param name="entries">Those of the client.</param>
    /// <param name="version">Where it is then.</param>
    /// <param name="oldestMs">Kafka timestamp of the oldest record in them, Unix ms; 0 where there is none.</param>
    public void Add(ReadOnlySpan<StreamEntry> entries, BoardVersion version, long oldestMs = 0)
    {
        lock (_gate)
        {
            if (_state != StreamState.Live)
                return;
            int bytes = 0;
            foreach (ref readonly StreamEntry entry in entries)
                bytes += entry.Frame.Bytes.Length;

            // One change alone is never too much: a client for which nothing waits keeps up.
            if (_waitingBytes > 0 && (_waitingBytes + bytes > queueBytesMax || budget.IsFull))
            {
                (_state, _waitingBytes, _oldestMs) = (StreamState.SlowConsumer, 0, 0);
                Drop(_waiting);
            }
            else
            {
                foreach (ref readonly StreamEntry entry in entries)
                    entry.Frame.Hold(budget);
                _waiting.AddRange(entries);
                _waitingBytes += bytes;
                _version = version;
                if (oldestMs > 0 && (_oldestMs == 0 || oldestMs < _oldestMs))
                    _oldestMs = oldestMs;
            }
        }

        Signal();
    }

    /// <summary>Ends <see cref="StreamState.Live"/>: nothing more comes after what waits now.</summary>
    public void EndLive(StreamState next)
    {
        lock (_gate)
        {
            if (_state == StreamState.Live || next == StreamState.Shutdown)
                _state = next;
        }

        Signal();
    }

    public Task WaitAsync(CancellationToken cancellationToken) => _signal.WaitAsync(cancellationToken);

    /// <summary>Takes all that waits, valid until <see cref="Written"/>; and the state after it.</summary>
    public (List<StreamEntry> Entries, BoardVersion Version, StreamState State) Take()
    {
        lock (_gate)
        {
            Drop(_taken);
            (_waiting, _taken) = (_taken, _waiting);
            (TakenOldestMs, _oldestMs, _waitingBytes) = (_oldestMs, 0, 0);
            return (_taken, _version, _state);
        }
    }

    /// <summary>What was taken is sent.</summary>
    public void Written()
    {
        lock (_gate)
            Drop(_taken);
    }

    /// <summary>Empties a list of entries, and lets go what a burst made of it.</summary>
    public static void Empty(List<StreamEntry> entries)
    {
        entries.Clear();
        if (entries.Capacity > EntriesKept)
            entries.Capacity = 0;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Drop(_waiting);
            Drop(_taken);
            _waitingBytes = 0;
        }

        Prepared?.Dispose();
        _signal.Dispose();
    }

    private void Drop(List<StreamEntry> entries)
    {
        foreach (ref readonly StreamEntry entry in CollectionsMarshal.AsSpan(entries))
            entry.Frame.Release(budget);
        Empty(entries);
    }

    private void Signal()
    {
        lock (_gate)
        {
            if (_signal.CurrentCount == 0)
                _signal.Release();
        }
    }
}

/// <summary>A frame for one client.</summary>
/// <param name="Frame">Shared by all clients.</param>
/// <param name="Id">What it is safe to resume from after it, as <c>id: …</c> with its line feed; empty where they are in the frame.</param>
internal readonly record struct StreamEntry(StreamFrame Frame, byte[] Id);
