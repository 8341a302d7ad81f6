using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;
using Radar.ServiceDefaults;

namespace Radar.Consumer.Partitions;

/// <content>Handles single records: they become ticks of the batch, or dead letters.</content>
internal sealed partial class PartitionProcessor
{
    /// <summary>How long health reports that there were too many symbols.</summary>
    private static readonly TimeSpan TooManyNotice = TimeSpan.FromMinutes(1);

    /// <summary>How long health reports that a record failed unexpectedly.</summary>
    private static readonly TimeSpan FailedNotice = TimeSpan.FromMinutes(10);

    private readonly NameTable _names = new(symbols);
    private readonly RecordFailures _failures = new();
    private readonly List<(PartitionEvent Record, string Reason)> _pendingDeadLetters = [];
    private long _pendingDeadLetterBytes;
    private (AppliedTick Tick, PartitionEvent Record) _undecided;
    private string? _symbolTooMany;

    // What the processor is doing, and with which record: this decides whether an unexpected exception is attributed to a record.
    private Stage _stage;
    private long _record;
    private int _batchRecords;

    private enum Stage : byte
    {
        /// <summary>Nothing that a record could make fail.</summary>
        None,

        /// <summary>Decoding and adding one record of the batch.</summary>
        Ingesting,

        /// <summary>Folding and writing the batch.</summary>
        Writing,
    }

    /// <summary>Forgets the dead letters of a batch that failed: its records are refused again.</summary>
    private void BeginRecords()
    {
        _pendingDeadLetters.Clear();
        _pendingDeadLetterBytes = 0;
        _stage = Stage.None;
    }

    /// <returns>False where it is not known whether the symbol is new: Redis has to be asked, then comes
    /// <see cref="AddUndecidedAsync"/>.</returns>
    private bool Ingest(in PartitionEvent record, long nowMs)
    {
        _record = record.Offset;
        if (record.Offset <= _failures.Through && _failures.GivenUp(record.Offset) is { } reason)
        {
            Refuse(record, reason);
            return true;
        }

        TickRefusal refusal = TickRecord.TryRead(
            record.Key.Span, record.Value.Span, record.RecordMs, nowMs, options.FutureToleranceSeconds * 1000L, _names, out Tick tick,
            anyPrice);
        if (refusal != TickRefusal.None)
        {
            faultLog.Refused(partition, record.Offset, refusal.Name());
            Refuse(record, refusal.Name());
            return true;
        }

        if (OldEvents.IsOld(tick.TimestampMs, record.RecordMs))
        {
            metrics.OldEvent(partition);
            faultLog.OldEvent(tick.Symbol, partition, record.Offset, tick.TimestampMs, record.RecordMs);
        }

        AppliedTick applied = spans.Begin(record, tick) with { RecordMs = record.RecordMs };
        switch (projection.TryAdd(applied))
        {
            case SymbolAdmission.Unknown:
                _undecided = (applied, record);
                return false;
            case SymbolAdmission.TooMany:
                RefuseSymbol(record, tick.Symbol);
                return true;
            default:
                if (metrics.MeasuresEvents)
                    _times.Add(record.RecordMs);
                return true;
        }
    }

    /// <summary>Asks Redis about the tick that <see cref="Ingest"/> could not decide on.</summary>
    private async Task AddUndecidedAsync()
    {
        _stage = Stage.None;
        await projection.ReadSymbolLimitAsync();
        _stage = Stage.Ingesting;
        if (projection.TryAdd(_undecided.Tick) == SymbolAdmission.Admitted)
            _times.Add(_undecided.Record.RecordMs);
        else
            RefuseSymbol(_undecided.Record, _undecided.Tick.Tick.Symbol);
    }

    private void RefuseSymbol(in PartitionEvent record, string symbol)
    {
        _symbolTooMany = symbol;
        Refuse(record, TickRefusal.TooManySymbols.Name());
    }

    /// <param name="record">The record.</param>
    /// <param name="reason">A name of <see cref="TickRefusalNames"/>, or the type of an exception.</param>
    private void Refuse(in PartitionEvent record, string reason)
    {
        metrics.Refused(partition, reason);
        _pendingDeadLetters.Add((record, reason));
        _pendingDeadLetterBytes += record.Bytes;
    }

    /// <summary>
    /// Sends what the batch refused. The position passes a refused record only when its dead letter is acknowledged.
    /// </summary>
    private async Task FlushDeadLettersAsync()
    {
        if (_pendingDeadLetters.Count == 0)
            return;
        try
        {
            var sent = _pendingDeadLetters.ConvertAll(
                refused => deadLetters.SendAsync(partition, refused.Record, refused.Reason, _stop.Token));
            await WaitingAsync(
                deadLetters.IsTopicThere ? "the dead-letter topic to take its refused records" : deadLetters.TopicIsMissing,
                Task.WhenAll(sent));
        }
        finally
        {
            _pendingDeadLetters.Clear();
            _pendingDeadLetterBytes = 0;
        }

        if (_symbolTooMany is { } symbol)
        {
            string text = "Symbols are too many for Projection:SymbolsMax; records of new ones go to the dead letters, such as "
                + $"{symbol} of partition {partition}.";
            _symbolTooMany = null;
            notices.Add("symbols", text, TooManyNotice);
            faultLog.TooManySymbols(symbol, partition);
        }
    }

    /// <summary>
    /// An unexpected exception. Where a record caused it, that record is searched for, and finally goes to the dead letters.
    /// </summary>
    private void Unexpected(Exception e)
    {
        string type = RecordFailures.TypeOf(e);
        bool isRecords = e is not OutOfMemoryException && (_stage == Stage.Ingesting || (_stage == Stage.Writing && _batchRecords > 0));
        var reason = Named("unexpected ", "; see the log");
        if (isRecords && _stage == Stage.Writing && _batchRecords > 1)
        {
            _failures.BatchFailed(_record);
            reason = Named("", $" in one of the {_batchRecords} records up to offset {_record}, which are tried one by one; see the log");
        }
        else if (isRecords)
        {
            int tries = _failures.Failed(_record, type);
            reason = Named("", $" at offset {_record}, {tries} of {RecordFailures.TriesMax} tries; see the log");
            if (tries == RecordFailures.TriesMax)
            {
                GivenUp(partition, _record, tries, type);
                notices.Add(
                    "failed",
                    $"The record at offset {_record} of partition {partition} failed {tries} times and went to the dead letters; see the "
                    + "log.",
                    FailedNotice);
            }
        }

        if (Block(reason, type, LogLevel.Error))
            Crashed(partition, e);

        Explanation Named(string before, string after) => new($"{before}failure{after}", $"{before}{type}{after}");
    }

    [LoggerMessage(7, LogLevel.Error, "Partition {Partition} offset {Offset} failed {Tries} times ({Type}) and goes to the dead letters.")]
    private partial void GivenUp(int partition, long offset, int tries, string type);
}
