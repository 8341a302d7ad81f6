using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;
using Radar.ServiceDefaults;

namespace Radar.Consumer.Partitions;

/// <content>What becomes of single records: ticks of the batch, or dead letters.</content>
internal sealed partial class PartitionProcessor
{
    /// <summary>How long health says that symbols were too many.</summary>
    private static readonly TimeSpan TooManyNotice = TimeSpan.FromMinutes(1);

    /// <summary>How long health says that a record failed unexpectedly.</summary>
    private static readonly TimeSpan FailedNotice = TimeSpan.FromMinutes(10);

    private readonly NameTable _names = new();
    private readonly RecordFailures _failures = new();
    private readonly List<(PartitionEvent Record, string Reason)> _pendingDeadLetters = [];
    private long _pendingDeadLetterBytes;
    private (AppliedTick Tick, PartitionEvent PartitionEvent) _undecided;
    private string? _symbolTooMany;

    // What the processor is at, and with which record: an unexpected exception is then known to be a record's or not.
    private Stage _stage;
    private long _record;
    private int _batchRecords;

    private enum Stage : byte
    {
        /// <summary>At nothing that a record could make fail.</summary>
        None,

        /// <summary>At one record of the batch.</summary>
        Ingesting,

        /// <summary>The batch is folded in and written.</summary>
        Writing,
    }

    /// <summary>What a batch that came to nothing refused is refused again.</summary>
    private void BeginRecords()
    {
        _pendingDeadLetters.Clear();
        _pendingDeadLetterBytes = 0;
        _stage = Stage.None;
    }

    /// <returns>False where it is not known whether the symbol is new: Redis has to be asked, then comes <see cref="AddUndecidedAsync"/>.</returns>
    private bool Ingest(in PartitionEvent arrival, long nowMs)
    {
        _record = arrival.Offset;
        if (arrival.Offset <= _failures.Through && _failures.GivenUp(arrival.Offset) is { } reason)
        {
            Refuse(arrival, reason);
            return true;
        }

        TickRefusal refusal = TickRecord.TryRead(
            arrival.Key.Span, arrival.Value.Span, arrival.RecordMs, nowMs, options.FutureToleranceSeconds * 1000L, _names, out Tick tick);
        if (refusal != TickRefusal.None)
        {
            Refuse(arrival, refusal.Name());
            return true;
        }

        AppliedTick applied = spans.Begin(arrival, tick) with { RecordMs = arrival.RecordMs };
        switch (projection.TryAdd(applied))
        {
            case SymbolAdmission.Unknown:
                _undecided = (applied, arrival);
                return false;
            case SymbolAdmission.TooMany:
                RefuseSymbol(arrival, tick.Symbol);
                return true;
            default:
                if (metrics.MeasuresEvents)
                    _times.Add(arrival.RecordMs);
                return true;
        }
    }

    /// <summary>Asks Redis about the tick that <see cref="Ingest"/> could not decide.</summary>
    private async Task AddUndecidedAsync()
    {
        _stage = Stage.None;
        await projection.ReadSymbolLimitAsync();
        _stage = Stage.Ingesting;
        if (projection.TryAdd(_undecided.Tick) == SymbolAdmission.Admitted)
            _times.Add(_undecided.PartitionEvent.RecordMs);
        else
            RefuseSymbol(_undecided.PartitionEvent, _undecided.Tick.Tick.Symbol);
    }

    private void RefuseSymbol(in PartitionEvent arrival, string symbol)
    {
        _symbolTooMany = symbol;
        Refuse(arrival, TickRefusal.TooManySymbols.Name());
    }

    /// <param name="arrival">The record.</param>
    /// <param name="reason">A name of <see cref="TickRefusalNames"/>, or the type of an exception.</param>
    private void Refuse(in PartitionEvent arrival, string reason)
    {
        Refused(partition, arrival.Offset, reason);
        metrics.Refused(partition, reason);
        _pendingDeadLetters.Add((arrival, reason));
        _pendingDeadLetterBytes += arrival.Bytes;
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
            var sent = _pendingDeadLetters.ConvertAll(refused => deadLetters.SendAsync(partition, refused.Record, refused.Reason, _stop.Token));
            await WaitingAsync(
                deadLetters.IsTopicThere ? "the dead-letter topic to take its refused records" : deadLetters.TopicIsMissing, Task.WhenAll(sent));
        }
        finally
        {
            _pendingDeadLetters.Clear();
            _pendingDeadLetterBytes = 0;
        }

        if (_symbolTooMany is { } symbol)
        {
            string text = $"Symbols are too many for Projection:SymbolsMax; records of new ones go to the dead letters, such as {symbol} of partition {partition}.";
            _symbolTooMany = null;
            notices.Add("symbols", text, TooManyNotice);
            faultLog.TooManySymbols(symbol, partition);
        }
    }

    /// <summary>An unexpected exception: where it is a record's, that record is looked for, and given up in the end.</summary>
    private void Unexpected(Exception e)
    {
        string type = RecordFailures.TypeOf(e);
        bool isRecords = e is not OutOfMemoryException && (_stage == Stage.Ingesting || (_stage == Stage.Writing && _batchRecords > 0));
        string reason = $"unexpected {type}; see the log";
        if (isRecords && _stage == Stage.Writing && _batchRecords > 1)
        {
            _failures.BatchFailed(_record);
            reason = $"{type} in one of the {_batchRecords} records up to offset {_record}, which are tried one by one; see the log";
        }
        else if (isRecords)
        {
            int tries = _failures.Failed(_record, type);
            reason = $"{type} at offset {_record}, {tries} of {RecordFailures.TriesMax} tries; see the log";
            if (tries == RecordFailures.TriesMax)
            {
                GivenUp(partition, _record, tries, type);
                notices.Add(
                    "failed", $"The record at offset {_record} of partition {partition} failed {tries} times ({type}) and went to the dead letters.", FailedNotice);
            }
        }

        if (Block(reason, type, LogLevel.Error))
            Crashed(partition, e);
    }

    [LoggerMessage(7, LogLevel.Error, "Partition {Partition} offset {Offset} failed {Tries} times ({Type}) and goes to the dead letters.")]
    private partial void GivenUp(int partition, long offset, int tries, string type);
}
