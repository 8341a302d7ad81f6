using System.Globalization;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Consumer.Partitions;

/// <content>What keeps the partition from advancing, for health and log.</content>
internal sealed partial class PartitionProcessor
{
    /// <summary>Longer than any wait without a fault.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    private readonly FaultHistory _faults = new(time);
    private volatile Wait? _wait;

    /// <summary>Why the partition does not advance, or did not a moment ago; null while it does.</summary>
    public Fault? Fault => _faults.Now is { IsOver: false } fault ? fault
        : _wait is { } wait && time.GetElapsedTime(wait.Since) is var waited && waited > WaitMax
            ? new Fault(string.Create(
                CultureInfo.InvariantCulture, $"it has waited {waited.TotalSeconds:0} s for {wait.For}."), waited, IsOver: false)
            : _faults.Now;

    private async Task WaitingAsync(string what, Task task)
    {
        if (task.IsCompletedSuccessfully)
            return;
        _wait = new Wait(what, time.GetTimestamp());
        try
        {
            await task;
        }
        finally
        {
            _wait = null;
        }
    }

    private async Task<T> WaitingAsync<T>(string what, Task<T> task)
    {
        await WaitingAsync(what, (Task)task);
        return await task;
    }

    /// <summary>A write succeeded, or there is nothing to write. Opening the partition again does not count as success.</summary>
    private void Advanced()
    {
        _backoff.Reset();
        if (_faults.End())
            faultLog.Advanced(partition);
    }

    /// <returns>False where that was reported already.</returns>
    private bool Block(Explanation reason, string errorType, LogLevel level)
    {
        try
        {
            spans.End(errorType);
        }
        catch (Exception e)
        {
            Crashed(partition, e); // a span listener that throws stops no partition
        }

        metrics.Failed(partition, errorType);
        return _faults.Begin(reason, () => faultLog.Stopped(partition, reason.Detailed, level));
    }

    [LoggerMessage(2, LogLevel.Warning, "Partition {Partition}: a write up to {Next} was fenced off; Redis is at {Stored}. Reloading.")]
    private partial void Fenced(int partition, long next, string? stored);

    [LoggerMessage(3, LogLevel.Warning, "Partition {Partition}: offsets {From} to {To} are gone from the topic before they were applied.")]
    private partial void Missed(int partition, long from, long to);

    [LoggerMessage(5, LogLevel.Error, "Partition {Partition} failed unexpectedly.")]
    private partial void Crashed(int partition, Exception exception);

    [LoggerMessage(6, LogLevel.Warning,
        "Partition {Partition}: Redis is at {Stored}, but this consumer had written {Expected}. Reloading.")]
    private partial void PositionDiverged(int partition, string stored, PartitionPosition? expected);

    private sealed record Wait(string For, long Since);
}
