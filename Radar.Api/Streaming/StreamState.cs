using Radar.Api.Board;

namespace Radar.Api.Streaming;

/// <summary>
/// The states of one stream, from its first event to its end. <see cref="StreamSession"/> runs them; the hub decides what a client that
/// joins becomes (<see cref="StreamHub.Join"/>), and ends <see cref="Live"/> (<see cref="StreamClient.EndLive"/>).
/// <code>
///                     ┌────────────── a reset, where it had something ◄──────────────┐
///                     ▼                                                              │
///   start ──► Joining ──(no position)──► Snapshot ──► Joining                        │
///                │ the hub decides                                                   │
///                ├──► NotReady ────────(the board is loaded)──────────► Joining      │
///                ├──► UnknownPosition ─(the board reaches it)─────────► Joining, or ─┤ it never does
///                ├──► NeedsBackfill ───(Redis keeps what it missed)───► Joining, or ─┤ Redis does not
///                ├──► Unrecoverable ─────────────────────────────────────────────────┘
///                ▼                                                                   ▲
///              Live ──► GapDetected ──────────────────────────────────► Joining      │
///                ├────► SlowConsumer ──(only tickers: conflated)──────► Joining, or Closed
///                ├────► Unrecoverable ───────────────────────────────────────────────┘
///                └────► Shutdown ─────────────────────────────────────► Closed
/// </code>
/// </summary>
internal enum StreamState
{
    /// <summary>It has a position, or none, and is to join.</summary>
    Joining,

    /// <summary>The board is not loaded yet.</summary>
    NotReady,

    /// <summary>It has nothing, or nothing that counts: it gets a snapshot, after a reset where it had something.</summary>
    Snapshot,

    /// <summary>Its position is of another epoch or topic, or ahead of the board.</summary>
    UnknownPosition,

    /// <summary>What it missed is not in memory, and is read from Redis.</summary>
    NeedsBackfill,

    /// <summary>It missed trades that no change has and Redis does not keep.</summary>
    Unrecoverable,

    /// <summary>It has joined: changes come through its queue.</summary>
    Live,

    /// <summary>Changes were missed on the board; it is brought up to date before it goes on.</summary>
    GapDetected,

    /// <summary>It does not keep up: what waited is dropped.</summary>
    SlowConsumer,

    /// <summary>The service stops.</summary>
    Shutdown,

    /// <summary>The stream is over.</summary>
    Closed,
}

/// <summary>What becomes of a client that joins, and what brings it up to date.</summary>
/// <param name="State">
/// <see cref="StreamState.Live"/> where it has joined, otherwise why it has not: <see cref="StreamState.NotReady"/>,
/// <see cref="StreamState.UnknownPosition"/>, <see cref="StreamState.NeedsBackfill"/> or <see cref="StreamState.Unrecoverable"/>.
/// </param>
/// <param name="View">
/// The board's version at that moment; with the client's symbols where what it missed has to be read, and with those of them that moved
/// where it wants tickers only.
/// </param>
/// <param name="Changes">The changes that it missed, where it has joined.</param>
/// <param name="Partitions">Partitions whose changes have to be read from Redis.</param>
internal readonly record struct StreamJoin(
    StreamState State, BoardView View, IReadOnlyList<StreamChange> Changes, IReadOnlyList<int> Partitions)
{
    public static readonly StreamJoin NotReady = new(StreamState.NotReady, default, [], []);

    public static StreamJoin Live(in BoardView view, IReadOnlyList<StreamChange> changes) => new(StreamState.Live, view, changes, []);

    public static StreamJoin NeedsBackfill(in BoardView view, IReadOnlyList<int> partitions) =>
        new(StreamState.NeedsBackfill, view, [], partitions);

    public static StreamJoin Unrecoverable(in BoardView view) => new(StreamState.Unrecoverable, view, [], []);

    public static StreamJoin UnknownPosition(in BoardView view) => new(StreamState.UnknownPosition, view, [], []);
}
