using Radar.ServiceDefaults;

namespace Radar.Consumer;

/// <summary>
/// Says that partitions do not advance, and that they go on: where the same reason stops many at once, as when Redis is away, in one line
/// and not in one for each. Any thread.
/// </summary>
internal sealed partial class FaultLog(TimeProvider time, ILogger<FaultLog> logger)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly SparseLog _symbolsLog = new(time, Quiet);
    private readonly Lock _gate = new();
    private readonly HashSet<int> _told = [];
    private string? _reason;
    private long _toldAt;

    /// <summary>A partition does not advance.</summary>
    /// <param name="partition">Which.</param>
    /// <param name="reason">For people.</param>
    /// <param name="level">An error is what no waiting mends.</param>
    public void Stopped(int partition, string reason, LogLevel level)
    {
        lock (_gate)
        {
            if (reason == _reason && time.GetElapsedTime(_toldAt) < Quiet && !_told.Contains(partition))
                level = LogLevel.Debug;
            else
                (_reason, _toldAt) = (reason, time.GetTimestamp());
            if (level > LogLevel.Debug)
                _told.Add(partition);
        }

        DoesNotAdvance(level, partition, reason);
    }

    /// <summary>A partition goes on.</summary>
    public void WentOn(int partition)
    {
        bool told;
        lock (_gate)
            told = _told.Remove(partition);
        AdvancesAgain(told ? LogLevel.Information : LogLevel.Debug, partition);
    }

    /// <summary>Records of new symbols went to the dead letters, since a partition has as many as it may have.</summary>
    public void TooManySymbols(string symbol, int partition)
    {
        if (_symbolsLog.IsDue(out _))
            SymbolsOverLimit(symbol, partition);
    }

    [LoggerMessage(3, LogLevel.Warning,
        "Symbol {Symbol} of partition {Partition} is new and one too many: its records go to the dead letters (too_many_symbols). Raise Projection:SymbolsMax if such symbols are wanted.")]
    private partial void SymbolsOverLimit(string symbol, int partition);

    [LoggerMessage(EventId = 1, Message = "Partition {Partition} does not advance and tries again: {Reason}")]
    private partial void DoesNotAdvance(LogLevel level, int partition, string reason);

    [LoggerMessage(EventId = 2, Message = "Partition {Partition} advances again.")]
    private partial void AdvancesAgain(LogLevel level, int partition);
}
