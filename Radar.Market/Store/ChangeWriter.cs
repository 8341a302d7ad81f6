using System.Buffers;
using System.Globalization;
using MessagePack;
using Radar.Market.Projection;

namespace Radar.Market.Store;

/// <summary>
/// One change of a partition, as the script applies it and as it is published, in MessagePack:
/// <code>
/// [ 3, expected, position, identity, record_ms, [ symbol… ] ]                  positions and times as text
/// symbol: [ name, latest, day, left out, [ trade… ], [ frame × 5 ], trace ]    records as StoredRecord draws them; "" where unchanged
/// frame:  [ horizon, [ open time, bar, open time, bar… ] ]                     bars before the horizon are dropped; "" drops none
/// </code>
/// A change follows the one whose <c>position</c> is its <c>expected</c>; the first of a state expects <c>none</c>. Trades that the same
/// change would drop again are left out, which is what makes a backlog fast; <c>left out</c> is their number. They are the oldest, so they
/// lie before the first trade that is told, and who wants every trade sees that some are missing. <c>trace</c> is the traceparent of the
/// write that the change is, as the newest sampled event of the symbol sees it, "" where no event was sampled. It is published and not
/// stored: what is stored depends on the log alone, and not on who wrote it when.
/// </summary>
internal sealed class ChangeWriter
{
    /// <summary>Version of the format; who knows another one does not read it.</summary>
    public const int Version = 3;

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
        writer.Write(next.Identity.ToString());
        writer.Write(next.RecordMs.ToString(CultureInfo.InvariantCulture));
        writer.WriteArrayHeader(symbols.Count);
        foreach (SymbolState symbol in symbols)
            Symbol(ref writer, symbol, batch, tradesRetained);
        writer.Flush();
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
            StoredRecord.WriteDay(_record, symbol.Latest!, symbol.PreviousClose);
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
public readonly record struct AppliedTick(Tick Tick, long Offset, string? TraceParent = null, string? WriteTraceParent = null);
