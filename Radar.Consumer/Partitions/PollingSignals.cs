using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Radar.Consumer.Partitions;

/// <summary>
/// How processors tell the polling thread that there is something to do: commands in an <see cref="Outbox"/>, or an <see cref="Inbox"/>
/// that has room again. Processors signal from any thread; the polling thread looks between two polls.
/// </summary>
internal sealed class PollingSignals : IDisposable
{
    private readonly ConcurrentQueue<Outbox> _outboxes = [];
    private readonly ManualResetEventSlim _emptied = new(false, spinCount: 0);

    /// <summary>True where an inbox was found empty since <see cref="ResetEmptied"/>.</summary>
    public bool HasEmptied => _emptied.IsSet;

    /// <summary>A processor found its inbox empty: events that did not fit into it have room now.</summary>
    public void InboxEmptied()
    {
        if (!_emptied.IsSet)
            _emptied.Set();
    }

    /// <summary>Before inboxes are filled up: one that is emptied meanwhile signals again.</summary>
    public void ResetEmptied() => _emptied.Reset();

    /// <summary>Waits until an inbox is found empty, for a limited time.</summary>
    public void WaitForEmptied(TimeSpan max) => _emptied.Wait(max);

    /// <summary>An outbox has commands. Queued once, however many they are.</summary>
    public void Queue(Outbox outbox) => _outboxes.Enqueue(outbox);

    /// <summary>Takes an outbox that has commands.</summary>
    public bool TryDequeue([NotNullWhen(true)] out Outbox? outbox)
    {
        if (!_outboxes.TryDequeue(out outbox))
            return false;
        outbox.Dequeued();
        return true;
    }

    public void Dispose() => _emptied.Dispose();
}
