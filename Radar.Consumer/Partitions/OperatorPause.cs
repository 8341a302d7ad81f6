namespace Radar.Consumer.Partitions;

/// <summary>
/// Pauses all partitions of this process while an operator wants that. The process stays a member of the group and keeps
/// its partitions; records wait in their inboxes and then in Kafka. Any thread.
/// </summary>
internal sealed partial class OperatorPause(TimeProvider time, ILogger<OperatorPause> logger)
{
    private readonly Lock _gate = new();
    private volatile Pause? _pause;

    /// <summary>Since when partitions are paused; null while they are not.</summary>
    public DateTimeOffset? Since => _pause?.Since;

    /// <summary>Pauses all partitions. False where they are paused already.</summary>
    public bool TryPause()
    {
        lock (_gate)
        {
            if (_pause is not null)
                return false;
            _pause = new Pause(time.GetUtcNow());
        }

        Paused();
        return true;
    }

    /// <summary>Resumes them. False where none are paused.</summary>
    public bool TryResume()
    {
        Pause ended;
        lock (_gate)
        {
            if (_pause is not { } pause)
                return false;
            (_pause, ended) = (null, pause);
        }

        Resumed((time.GetUtcNow() - ended.Since).TotalSeconds);
        ended.Ended.SetResult();
        return true;
    }

    /// <summary>Returns when nothing is paused; at once where that is the case.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken) =>
        _pause is null ? ValueTask.CompletedTask : new ValueTask(WaitForEndAsync(cancellationToken));

    private async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        while (_pause is { } pause)
            await pause.Ended.Task.WaitAsync(cancellationToken);
    }

    [LoggerMessage(31, LogLevel.Information, "Paused by an operator: partitions stay assigned, nothing is applied until resumed.")]
    private partial void Paused();

    [LoggerMessage(32, LogLevel.Information, "Resumed by an operator after {Seconds:0.0} s.")]
    private partial void Resumed(double seconds);

    private sealed record Pause(DateTimeOffset Since)
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
