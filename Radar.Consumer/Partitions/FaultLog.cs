using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Consumer.Partitions;

/// <summary>
/// Logs that partitions do not advance, and that they advance again: one line where the same reason stops many at once, as when Redis is
/// away, and not one for each. Any thread.
/// </summary>
internal sealed partial class FaultLog(IOptions<KafkaOptions> kafka, TimeProvider time, ILogger<FaultLog> logger)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly ThrottledLog _symbolsLog = new(time, Quiet);
    private readonly ConcurrentDictionary<string, ThrottledLog> _refusedLogs = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly HashSet<int> _reported = [];
    private string? _reason;
    private long _reportedAt;
    private int _oldEventReported;

    /// <summary>A partition does not advance.</summary>
    /// <param name="partition">Which.</param>
    /// <param name="reason">For an operator.</param>
    /// <param name="level">An error is what waiting does not fix.</param>
    public void Stopped(int partition, string reason, LogLevel level)
    {
        lock (_gate)
        {
            if (reason == _reason && time.GetElapsedTime(_reportedAt) < Quiet && !_reported.Contains(partition))
                level = LogLevel.Debug;
            else
                (_reason, _reportedAt) = (reason, time.GetTimestamp());
            if (level > LogLevel.Debug)
                _reported.Add(partition);
        }

        DoesNotAdvance(level, partition, reason);
    }

    /// <summary>A partition advances again.</summary>
    public void Advanced(int partition)
    {
        bool wasReported;
        lock (_gate)
            wasReported = _reported.Remove(partition);
        AdvancesAgain(wasReported ? LogLevel.Information : LogLevel.Debug, partition);
    }

    /// <summary>A record that is not a tick goes to the dead letters; one line per reason in a while.</summary>
    /// <param name="partition">Of the record.</param>
    /// <param name="offset">Of the record.</param>
    /// <param name="reason">A name of <see cref="TickRefusalNames"/>.</param>
    public void Refused(int partition, long offset, string reason)
    {
        if (_refusedLogs.GetOrAdd(reason, _ => new ThrottledLog(time, Quiet)).IsDue(out long suppressed))
            GoesToDeadLetters(partition, offset, reason, kafka.Value.DeadLetters, suppressed);
    }

    /// <summary>Records of new symbols went to the dead letters, since a partition has as many as it may have.</summary>
    public void TooManySymbols(string symbol, int partition)
    {
        if (_symbolsLog.IsDue(out _))
            SymbolsOverLimit(symbol, partition);
    }

    /// <summary>An event is more than ten years before its record; the first one is logged, and what its time probably counts.</summary>
    /// <param name="symbol">The event's.</param>
    /// <param name="partition">Of the record.</param>
    /// <param name="offset">Of the record.</param>
    /// <param name="eventMs">The event's time, taken for Unix ms.</param>
    /// <param name="recordMs">Kafka's timestamp of the record, Unix ms.</param>
    public void OldEvent(string symbol, int partition, long offset, long eventMs, long recordMs)
    {
        if (Interlocked.Exchange(ref _oldEventReported, 1) != 0)
            return;
        string time = Rfc3339.Format(eventMs);
        if (OldEvents.LikelyUnit(eventMs, recordMs) is { } unit)
            OldUnit(symbol, partition, offset, time, unit);
        else
            OldTime(symbol, partition, offset, time);
    }

    [LoggerMessage(4, LogLevel.Warning,
        "{Symbol}, partition {Partition} offset {Offset}: the event's time {Time} is more than ten years before its record. It looks "
        + "like Unix {Unit}, where milliseconds are meant: its producer has to convert it. More are counted (radar.consumer.old_events).")]
    private partial void OldUnit(string symbol, int partition, long offset, string time, string unit);

    [LoggerMessage(5, LogLevel.Information,
        "{Symbol}, partition {Partition} offset {Offset}: the event's time {Time} is more than ten years before its record, as those of "
        + "old recordings are. More are counted (radar.consumer.old_events).")]
    private partial void OldTime(string symbol, int partition, long offset, string time);

    [LoggerMessage(6, LogLevel.Warning,
        "Partition {Partition} offset {Offset}: the record is refused ({Reason}) and goes to {DeadLetters} ({Suppressed} more of this "
        + "reason since the last line). GET /api/v2/dead-letters shows the newest.")]
    private partial void GoesToDeadLetters(int partition, long offset, string reason, string deadLetters, long suppressed);

    [LoggerMessage(3, LogLevel.Warning,
        "Symbol {Symbol} of partition {Partition} is new and one too many: its records go to the dead letters (too_many_symbols). "
        + "Raise Projection:SymbolsMax if such symbols are wanted.")]
    private partial void SymbolsOverLimit(string symbol, int partition);

    [LoggerMessage(EventId = 1, Message = "Partition {Partition} does not advance and tries again: {Reason}")]
    private partial void DoesNotAdvance(LogLevel level, int partition, string reason);

    [LoggerMessage(EventId = 2, Message = "Partition {Partition} advances again.")]
    private partial void AdvancesAgain(LogLevel level, int partition);
}
