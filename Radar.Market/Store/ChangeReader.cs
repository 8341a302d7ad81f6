using System.Globalization;
using MessagePack;

namespace Radar.Market.Store;

/// <summary>Reads the changes that are published; <see cref="ChangeWriter"/> draws them. One reader per channel; not thread-safe.</summary>
public sealed class ChangeReader
{
    /// <summary>Late trades cause changes with unordered bars; readers emit the newest last.</summary>
    private static readonly Comparer<ChangedBar> InTime = Comparer<ChangedBar>.Create(
        static (left, right) => left.OpenTime.CompareTo(right.OpenTime));

    private readonly NameTable _names = new(SymbolRule.Keep); // as the state has them

    /// <summary>Reads one message. Records point into <paramref name="message"/>.</summary>
    /// <returns>Null where it is no change that this version understands, or a record in it is damaged.</returns>
    public Change? Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            var cursor = new Cursor(message);
            if (cursor.Array() != 6 || cursor.Reader.ReadInt32() != ChangeWriter.Version)
                return null;
            string expected = cursor.Text(), offset = cursor.Text();
            var fields = new string[cursor.Array()];
            for (int i = 0; i < fields.Length; i++)
                fields[i] = cursor.Text();
            var symbols = new ChangedSymbol[cursor.Array()];
            for (int i = 0; i < symbols.Length; i++)
            {
                if (Symbol(ref cursor) is not { } symbol)
                    return null;
                symbols[i] = symbol;
            }

            if (Times(ref cursor) is not { } times || !cursor.Reader.End)
                return null;
            return new Change(
                expected == PartitionPosition.None ? null : Integer(expected),
                PartitionPosition.OfPairs(offset, fields).AsServed(),
                symbols) { Times = times };
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private static RecordTime[]? Times(ref Cursor cursor)
    {
        int length = cursor.Array();
        if (length % 2 != 0)
            return null;
        var times = new RecordTime[length / 2];
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = new RecordTime(cursor.Reader.ReadInt64(), cursor.Reader.ReadInt32());
            if (times[i] is { TimestampMs: <= 0 } or { Records: <= 0 })
                return null;
        }

        return times;
    }

    private ChangedSymbol? Symbol(ref Cursor cursor)
    {
        if (cursor.Array() != 7 || _names.Symbol(cursor.Bytes().Span) is not { } name)
            return null;
        var latest = cursor.Bytes();
        var day = cursor.Bytes();
        bool isIntact = IsIntact(latest, RecordKind.Latest) && IsIntact(day, RecordKind.Day);

        int leftOut = cursor.Reader.ReadInt32();
        if (leftOut < 0)
            return null;
        var trades = new ReadOnlyMemory<byte>[cursor.Array()];
        for (int i = 0; i < trades.Length; i++)
        {
            trades[i] = cursor.Bytes();
            isIntact &= IsIntact(trades[i], RecordKind.Trade);
        }

        if (cursor.Array() != Timeframe.Count)
            return null;
        var bars = new List<ChangedBar>();
        foreach (Timeframe timeframe in Timeframe.All)
        {
            if (cursor.Array() != 2)
                return null;
            cursor.Bytes(); // the horizon
            int length = cursor.Array();
            if (length % 2 != 0)
                return null;
            int first = bars.Count;
            for (int i = 0; i < length; i += 2)
            {
                long openTime = Integer(cursor.Text());
                bars.Add(new ChangedBar(timeframe, openTime, cursor.Bytes()));
                isIntact &= IsIntact(bars[^1].Record, RecordKind.Bar);
            }

            bars.Sort(first, bars.Count - first, InTime);
        }

        var trace = cursor.Bytes();
        return isIntact ? new ChangedSymbol(name, latest, day, trades, bars, leftOut, trace) : null;
    }

    /// <summary>An empty record stands for no record.</summary>
    private static bool IsIntact(ReadOnlyMemory<byte> record, RecordKind kind) =>
        record.IsEmpty || StoredRecord.IsIntact(record.Span, kind);

    private static long Integer(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    /// <summary>Hands out slices of the message instead of copies.</summary>
    private ref struct Cursor(ReadOnlyMemory<byte> message)
    {
        public MessagePackReader Reader = new(message);

        /// <summary>The length of an array; no longer than the rest of the message could hold.</summary>
        public int Array() => Reader.ReadArrayHeader();

        public string Text() => Reader.ReadString() ?? throw new FormatException("A text is missing.");

        public ReadOnlyMemory<byte> Bytes()
        {
            int length = (int)(Reader.ReadStringSequence()?.Length ?? throw new FormatException("A record is missing."));
            int end = (int)Reader.Consumed;
            return message[(end - length)..end];
        }
    }
}

/// <summary>What one batch did to the state of a partition.</summary>
/// <param name="Expected">The offset of the position that it follows; null where it begins a state.</param>
/// <param name="Reached">The position that it reaches.</param>
/// <param name="Symbols">Every symbol that it touched.</param>
public sealed record Change(long? Expected, PartitionPosition Reached, IReadOnlyList<ChangedSymbol> Symbols)
{
    /// <summary>True where there were more trades of some symbol than the change contains.</summary>
    public bool IsTruncated { get; } = Symbols.Any(symbol => symbol.TradesOmitted > 0);

    /// <summary>Kafka timestamps of its records, in their order; empty where they are unknown.</summary>
    public IReadOnlyList<RecordTime> Times { get; init; } = [];
}

/// <summary>What a change did to one symbol. Records are those of <see cref="StoredRecord"/>.</summary>
/// <param name="Symbol">Folded.</param>
/// <param name="Latest">Empty where it did not move.</param>
/// <param name="Day">Empty where it did not change.</param>
/// <param name="Trades">In offset order, without those that retention dropped in the same change.</param>
/// <param name="Bars">Changed bars; by timeframe, then by open time.</param>
/// <param name="TradesOmitted">How many retention dropped in the same change: they came before <paramref name="Trades"/>.</param>
/// <param name="TraceParent">Of the write, in the trace of the newest sampled event; empty where none was.</param>
public readonly record struct ChangedSymbol(
    string Symbol,
    ReadOnlyMemory<byte> Latest,
    ReadOnlyMemory<byte> Day,
    IReadOnlyList<ReadOnlyMemory<byte>> Trades,
    IReadOnlyList<ChangedBar> Bars,
    int TradesOmitted = 0,
    ReadOnlyMemory<byte> TraceParent = default)
{
    /// <summary>True where trades from <paramref name="from"/> on are left out; null is the beginning.</summary>
    public bool IsTruncatedSince(long? from) =>
        TradesOmitted > 0 && !(Trades.Count > 0 && StoredRecord.Order(Trades[0].Span).Offset <= from);
}

/// <summary>A bar as a change left it.</summary>
/// <param name="Timeframe">Its length.</param>
/// <param name="OpenTime">Unix ms.</param>
/// <param name="Record">See <see cref="StoredRecord"/>.</param>
public readonly record struct ChangedBar(Timeframe Timeframe, long OpenTime, ReadOnlyMemory<byte> Record);
