using System.Buffers;
using System.Globalization;
using MessagePack;
using Radar.Market.Projection;

namespace Radar.Market.Store;

/// <summary>
/// One change of a partition, as the script applies it and as it is published, in MessagePack:
/// <code>
/// [ 4, expected, position, [ field, value… ], [ symbol… ], times ]             all text; fields of the position, the identity first
/// symbol: [ name, latest, day, left out, [ trade… ], [ frame × 5 ], trace ]    records as StoredRecord draws them; "" where unchanged
/// frame:  [ horizon, [ open time, bar, open time, bar… ] ]                     bars before the horizon are dropped; "" drops none
/// times:  [ ms, records, ms, records… ]                                        Kafka timestamps of the records, see RecordTime
/// </code>
/// A change follows the one whose <c>position</c> is its <c>expected</c>; the first of a state expects <c>none</c>. Trades that the same
/// change would drop again are left out, which is what makes a backlog fast; <c>left out</c> is their number. They are the oldest, so they
/// lie before the first trade in the change, and a reader that needs every trade sees that some are missing. <c>trace</c> is the
/// traceparent of the write that the change is, as the newest sampled event of the symbol sees it, "" where no event was sampled. It is
/// published and not stored: what is stored depends on the log alone, and not on who wrote it when.
/// </summary>
internal sealed class ChangeWriter
{
    /// <summary>Version of the format; a reader of another version ignores the change.</summary>
    public const int Version = 4;

    /// <summary>Entries of <c>times</c>: a batch of 50 ms is resolved to some 3 ms, and a backlog costs no more than 200 bytes.</summary>
    private const int TimesMax = 16;

    private readonly ArrayBufferWriter<byte> _change = new(64 * 1024);
    private readonly ArrayBufferWriter<byte> _record = new(1024);

    /// <summary>The change, valid until the next <see cref="Write"/>.</summary>
    public ReadOnlyMemory<byte> Written => _change.WrittenMemory;

    /// <param name="expected">Stored position, or null where nothing is stored.</param>
    /// <param name="next">Position reached.</param>
    /// <param name="symbols">Changed symbols, folded.</param>
    /// <param name="batch">The records that <see cref="SymbolState.Trades"/> points into.</param>
    /// <param name="tradesRetained">Newest trades to write per symbol.</param>
    public void Write(
        long? expected, PartitionPosition next, IReadOnlyList<SymbolState> symbols, ReadOnlySpan<AppliedTick> batch, int tradesRetained)
    {
        _change.ResetWrittenCount();
        var writer = new MessagePackWriter(_change);
        writer.WriteArrayHeader(6);
        writer.Write(Version);
        writer.Write(expected is { } offset ? offset.ToString(CultureInfo.InvariantCulture) : PartitionPosition.None);
        writer.Write(next.Offset.ToString(CultureInfo.InvariantCulture));
        string[] fields = next.ToPairs();
        writer.WriteArrayHeader(fields.Length);
        foreach (string field in fields)
            writer.Write(field);
        writer.WriteArrayHeader(symbols.Count);
        foreach (SymbolState symbol in symbols)
            Symbol(ref writer, symbol, batch, tradesRetained);
        Times(ref writer, batch);
        writer.Flush();
    }

    /// <summary>
    /// Runs of equal timestamps; where there are too many, equal parts of the batch, each with the time of its oldest record, so that
    /// no reader measures less than the true time.
    /// </summary>
    private static void Times(ref MessagePackWriter writer, ReadOnlySpan<AppliedTick> batch)
    {
        Span<RecordTime> times = stackalloc RecordTime[TimesMax];
        int count = Runs(batch, times);
        if (count > TimesMax)
            count = Parts(batch, times);
        writer.WriteArrayHeader(2 * count);
        foreach (RecordTime time in times[..count])
        {
            writer.Write(time.TimestampMs);
            writer.Write(time.Records);
        }
    }

    /// <returns>How many runs there are; more than fit where they do not fit.</returns>
    private static int Runs(ReadOnlySpan<AppliedTick> batch, Span<RecordTime> times)
    {
        int count = 0;
        foreach (ref readonly AppliedTick tick in batch)
        {
            if (tick.RecordMs <= 0)
                continue;
            if (count > 0 && times[count - 1].TimestampMs == tick.RecordMs)
                times[count - 1] = times[count - 1] with { Records = times[count - 1].Records + 1 };
            else if (count == times.Length)
                return count + 1;
            else
                times[count++] = new RecordTime(tick.RecordMs, 1);
        }

        return count;
    }

    private static int Parts(ReadOnlySpan<AppliedTick> batch, Span<RecordTime> times)
    {
        int count = 0;
        for (int part = 0; part < times.Length; part++)
        {
            long oldestMs = long.MaxValue;
            int records = 0;
            int end = (int)((part + 1L) * batch.Length / times.Length);
            for (int i = (int)((long)part * batch.Length / times.Length); i < end; i++)
            {
                if (batch[i].RecordMs <= 0)
                    continue;
                oldestMs = Math.Min(oldestMs, batch[i].RecordMs);
                records++;
            }

            if (records > 0)
                times[count++] = new RecordTime(oldestMs, records);
        }

        return count;
    }

    private void Symbol(ref MessagePackWriter writer, SymbolState symbol, ReadOnlySpan<AppliedTick> batch, int tradesRetained)
    {
        writer.WriteArrayHeader(7);
        writer.Write(symbol.Symbol);

        _record.ResetWrittenCount();
        if (symbol.LatestChanged)
            StoredRecord.WriteLatest(_record, symbol.Latest!);
        writer.WriteString(_record.WrittenSpan);

        _record.ResetWrittenCount();
        if (symbol.LatestChanged || symbol.Windows[Timeframe.Day.Index].Dirty.Count > 0)
            StoredRecord.WriteDay(_record, symbol.Latest!, symbol.PreviousClose, symbol.DayOpen);
        writer.WriteString(_record.WrittenSpan);

        int first = Math.Max(0, symbol.Trades.Count - tradesRetained);
        writer.Write(first);
        writer.WriteArrayHeader(symbol.Trades.Count - first);
        string? trace = null;
        for (int i = first; i < symbol.Trades.Count; i++)
        {
            ref readonly AppliedTick applied = ref batch[symbol.Trades[i]];
            _record.ResetWrittenCount();
            StoredRecord.WriteTrade(_record, applied.Tick, applied.Offset);
            writer.WriteString(_record.WrittenSpan);
            trace = applied.WriteTraceParent ?? applied.TraceParent ?? trace;
        }

        writer.WriteArrayHeader(Timeframe.Count);
        foreach (BarWindow window in symbol.Windows)
            Frame(ref writer, window, symbol.Latest!.TimestampMs);
        writer.Write(trace ?? "");
    }

    private void Frame(ref MessagePackWriter writer, BarWindow window, long highMs)
    {
        writer.WriteArrayHeader(2);
        writer.Write(window.Advanced ? window.Horizon(highMs).ToString(CultureInfo.InvariantCulture) : "");
        writer.WriteArrayHeader(2 * window.Dirty.Count);
        foreach (Bar bar in window.Dirty)
        {
            writer.Write(bar.OpenTime.ToString(CultureInfo.InvariantCulture));
            _record.ResetWrittenCount();
            StoredRecord.WriteBar(_record, bar);
            writer.WriteString(_record.WrittenSpan);
        }
    }
}

/// <summary>A tick of a batch with its place in Kafka.</summary>
/// <param name="Tick">The trade.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="TraceParent">The traceparent that it was sent with; null where it was not sampled.</param>
/// <param name="WriteTraceParent">The same trace at the write to Redis; null where that is not traced.</param>
/// <param name="RecordMs">Kafka timestamp of the record, Unix ms; not above 0 where it has none.</param>
public readonly record struct AppliedTick(
    Tick Tick, long Offset, string? TraceParent = null, string? WriteTraceParent = null, long RecordMs = 0);

/// <summary>Consecutive records of one Kafka timestamp, for measuring how long they took; see <see cref="ChangeWriter"/>.</summary>
/// <param name="TimestampMs">Unix ms, above 0.</param>
/// <param name="Records">How many, at least 1.</param>
public readonly record struct RecordTime(long TimestampMs, int Records);
