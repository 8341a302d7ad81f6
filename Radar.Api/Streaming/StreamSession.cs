using Radar.Api.Board;

namespace Radar.Api.Streaming;

/// <summary>Runs one stream through its states, see <see cref="StreamState"/>. One step at a time, by the client's own loop.</summary>
internal sealed class StreamSession(
    StreamClient client, StreamOutput output, StreamHub hub, StreamCatchUp catchUp, StreamMetrics metrics, TimeProvider time,
    Func<BoardVersion, StreamFrame>? heartbeat = null)
{
    private const string NoLongerKept = "what happened since is no longer kept";

    /// <summary>Attempts until the hub goes on from there; one is enough unless the board reloads meanwhile. Each gets further.</summary>
    private const int AttemptsMax = 16;

    /// <summary>A backlog leaves trades out with every change; one reset per interval is as good as one for each.</summary>
    private static readonly TimeSpan ResetPause = TimeSpan.FromSeconds(1);

    private string? _reset; // why the client starts over; null where it is new
    private StreamJoin _join; // the last attempt
    private int _attempts;
    private bool _hasJoined;

    public StreamState State { get; private set; } = StreamState.Joining;

    /// <summary>The position of the client: it has everything before it; null is nothing.</summary>
    public BoardVersion? Position { get; private set; } = client.Request.Since;

    /// <summary>Runs until the stream is over.</summary>
    /// <exception cref="OperationCanceledException">The client has gone, or did not take what it was sent in time.</exception>
    /// <exception cref="StreamBudgetException">Too much waits for all clients.</exception>
    public async Task RunAsync()
    {
        while (State != StreamState.Closed)
            await StepAsync();
    }

    /// <summary>Does what the state asks for, and goes to the next.</summary>
    public async Task StepAsync() => State = State switch
    {
        StreamState.Joining => await JoinAsync(),
        StreamState.NotReady => await BecomeReadyAsync(),
        StreamState.Snapshot => await SnapshotAsync(),
        StreamState.UnknownPosition => await FindPositionAsync(),
        StreamState.NeedsBackfill => await BackfillAsync(),
        StreamState.Unrecoverable => Reset(NoLongerKept),
        StreamState.Live => await FollowAsync(),
        StreamState.GapDetected => StreamState.Joining,
        StreamState.SlowConsumer => OnSlow(),
        StreamState.Shutdown => await ShutDownAsync(),
        _ => StreamState.Closed,
    };

    private async Task<StreamState> JoinAsync()
    {
        Position = catchUp.Translate(Position);
        if (Position is not { } from)
            return client.IsShutDown ? StreamState.Shutdown : StreamState.Snapshot;
        _join = hub.Join(client, from);
        if (_join.State != StreamState.Live)
            return _join.State;
        await catchUp.ResumeAsync(client.Request, _join, from, output);
        (Position, _attempts) = (_join.View.Version, 0);
        if (!_hasJoined && catchUp.Unknown(client.Request) is { Count: > 0 } unknown)
            await output.WriteAsync(StreamFrame.Unknown(unknown));
        if (!_hasJoined && heartbeat?.Invoke(Position) is { } first)
            await output.WriteAsync([new StreamEntry(first, ChangeFrames.Id(Position))]); // a client need not wait to know what it has
        _hasJoined = true;
        return StreamState.Live;
    }

    private async Task<StreamState> BecomeReadyAsync()
    {
        if (client.IsShutDown)
            return StreamState.Shutdown;
        await catchUp.UntilLoadedAsync(output.Ended);
        return StreamState.Joining;
    }

    private async Task<StreamState> SnapshotAsync()
    {
        if (!await catchUp.UntilLoadedAsync(output.Ended))
            return client.IsShutDown ? StreamState.Shutdown : StreamState.Snapshot;
        Position = await catchUp.SnapshotAsync(client, _reset, output);
        (_reset, _attempts) = (null, 0);
        return StreamState.Joining;
    }

    private async Task<StreamState> FindPositionAsync()
    {
        string? reset = await catchUp.FindAsync(_join.View.Version, Position!, output.Ended);
        return reset is null ? TryAgain() : Reset(reset);
    }

    private async Task<StreamState> BackfillAsync()
    {
        Position = await catchUp.BackfillAsync(client.Request, _join, Position!, output);
        return Position is null ? Reset(NoLongerKept) : TryAgain();
    }

    /// <summary>Writes what comes, until nothing more does.</summary>
    private async Task<StreamState> FollowAsync()
    {
        StreamState next;
        do
        {
            await client.WaitAsync(output.Ended);
            (var entries, var version, next) = client.Take();
            if (entries.Count > 0)
            {
                await output.WriteAsync(entries);
                client.Written();
                metrics.Pushed(client.TakenOldestMs, time.GetUtcNow().ToUnixTimeMilliseconds());
                Position = version;
            }
        }
        while (next == StreamState.Live);

        if (next == StreamState.Unrecoverable)
            await Task.Delay(ResetPause, time, output.Ended);
        return next;
    }

    /// <summary>Tickers are conflated; a client of anything else comes back with its last id.</summary>
    private StreamState OnSlow()
    {
        if (client.Request.Channels == StreamChannels.OnlyTickers)
        {
            metrics.Conflated();
            return StreamState.Joining;
        }

        metrics.Disconnected("too_slow");
        return StreamState.Closed;
    }

    private async Task<StreamState> ShutDownAsync()
    {
        await output.WriteAsync(StreamFrame.Shutdown(Random.Shared.Next(500, 3000))); // not all at once to the next process
        metrics.Disconnected("shutdown");
        return StreamState.Closed;
    }

    /// <summary>A client that does not get there in time starts over: a snapshot always comes to an end.</summary>
    private StreamState TryAgain() => ++_attempts >= AttemptsMax ? Reset("the state is being rebuilt") : StreamState.Joining;

    private StreamState Reset(string reason)
    {
        (Position, _reset) = (null, reason);
        return StreamState.Joining;
    }
}
