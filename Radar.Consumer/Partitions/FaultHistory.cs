using Radar.Market;

namespace Radar.Consumer.Partitions;

/// <summary>Something that keeps a partition from advancing.</summary>
/// <param name="Reason">For health: what is public of it.</param>
/// <param name="Age">Since it began.</param>
/// <param name="IsOver">It has ended, but not long ago.</param>
internal readonly record struct Fault(string Reason, TimeSpan Age, bool IsOver);

/// <summary>
/// When a partition stopped advancing and when it advanced again. One that stops again within <see cref="RecoveredAfter"/> has never
/// recovered: Redis may answer reads and refuse writes, and a report that followed each of them would flap. One writer, any readers.
/// </summary>
internal sealed class FaultHistory(TimeProvider time)
{
    /// <summary>How long a fault must be over to be forgotten.</summary>
    public static readonly TimeSpan RecoveredAfter = TimeSpan.FromSeconds(5);

    private volatile Record? _last;

    /// <summary>The fault that lasts, or ended a moment ago; null where there is none.</summary>
    public Fault? Now => _last is { } last && !IsForgotten(last)
        ? new Fault(last.Reason.Public, time.GetElapsedTime(last.BeganAt), last.EndedAt is not null)
        : null;

    /// <summary>It does not advance.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="report">Called where this is new, before <see cref="Now"/> has it: what health names is in the log by then.</param>
    /// <returns>False where that was reported already, for the same reason.</returns>
    public bool Begin(Explanation reason, Action? report = null)
    {
        var before = _last is { } last && !IsForgotten(last) ? last : null;
        bool isNew = before?.Reason != reason;
        if (isNew)
            report?.Invoke();
        _last = new Record(reason, before?.BeganAt ?? time.GetTimestamp(), EndedAt: null);
        return isNew;
    }

    /// <summary>It advances again.</summary>
    /// <returns>False where it advanced before.</returns>
    public bool End()
    {
        if (_last is not { EndedAt: null } last)
            return false;
        _last = last with { EndedAt = time.GetTimestamp() };
        return true;
    }

    private bool IsForgotten(Record last) => last.EndedAt is { } endedAt && time.GetElapsedTime(endedAt) >= RecoveredAfter;

    private sealed record Record(Explanation Reason, long BeganAt, long? EndedAt);
}
