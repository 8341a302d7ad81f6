using System.Buffers;
using System.Text;
using CsCheck;
using MessagePack;
using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;

namespace Radar.Tests.Market.Store;

/// <summary>Changes as they are published: what one side writes the other reads, and what nobody wrote is not read.</summary>
public sealed class ChangeReaderTests
{
    private const long Noon = 1_723_204_800_000;

    private static readonly string?[] Venues = [null, "", "binance", "a\"b"];

    private static readonly Gen<List<AppliedTick>> Batches =
        from ticks in (
            from symbol in Gen.Int[0, 3]
            from price in Gen.Int[1, 1000]
            from size in Gen.Int[0, 3]
            from minutes in Gen.Int[-3000, 3000]
            from id in Gen.OneOf(
                Gen.Long.Select(number => new TradeId(number)),
                Gen.String[Gen.Char["aé\"\\日\n"], 0, 10].Select(text => new TradeId(text)))
            from venue in Gen.Int[0, 3].Select(i => Venues[i])
            from trace in Gen.Int[0, 2]
            select (Tick: new Tick($"S{symbol}", price / 8m, Noon + (minutes * 60_000L), size, id, Side.Sell, venue), trace)).List[0, 40]
        from first in Gen.Int[0, 1_000_000]
        select ticks.Select((entry, i) => new AppliedTick(
            entry.Tick, first + (2 * i), entry.trace > 0 ? Trace(0) : null, entry.trace > 1 ? Trace(1 + i) : null)).ToList();

    [Fact]
    public void Every_change_is_read_as_it_was_written()
    {
        var changes = new ChangeReader(); // one reader for all, as in the service, and like there in one thread
        Gen.Select(Batches, Gen.Int[1, 10], Gen.Bool).Sample((batch, retained, first) =>
        {
            var (bytes, symbols, next) = Write(batch, retained, first);

            Change change = Assert.IsType<Change>(changes.Read(bytes));

            Assert.Equal(first ? null : 7, change.Expected);
            Assert.Equal(next, change.Reached);
            Assert.Equal(symbols.Select(symbol => symbol.Symbol), change.Symbols.Select(symbol => symbol.Symbol));
            foreach (var (written, read) in symbols.Zip(change.Symbols))
            {
                Assert.Equal(Record(output => StoredRecord.WriteLatest(output, written.Latest!)), Text(read.Latest));
                Assert.Equal(
                    Record(output => StoredRecord.WriteDay(output, written.Latest!, written.PreviousClose, written.DayOpen)),
                    Text(read.Day));
                Assert.Equal(
                    written.Trades.TakeLast(retained).Select(
                        i => Record(output => StoredRecord.WriteTrade(output, batch[i].Tick, batch[i].Offset))),
                    read.Trades.Select(Text));
                Assert.Equal(written.Trades.Count - read.Trades.Count, read.TradesOmitted);
                var newestTraced = written.Trades.TakeLast(retained).Select(i => batch[i]).LastOrDefault(
                    applied => applied.TraceParent is not null);
                Assert.Equal(newestTraced.WriteTraceParent ?? newestTraced.TraceParent ?? "", Text(read.TraceParent));
                if (read.TradesOmitted > 0)
                {
                    long oldest = batch[written.Trades[^read.Trades.Count]].Offset;
                    Assert.True(read.IsTruncatedSince(null) && read.IsTruncatedSince(oldest - 1) && change.IsTruncated);
                    Assert.False(read.IsTruncatedSince(oldest));
                }

                Assert.Equal(
                    written.Windows.SelectMany(window => window.Dirty.OrderBy(bar => bar.OpenTime).Select(bar =>
                        (window.Timeframe.Name, bar.OpenTime, Record(output => StoredRecord.WriteBar(output, bar))))),
                    read.Bars.Select(bar => (bar.Timeframe.Name, bar.OpenTime, Text(bar.Record))));
            }
        }, threads: 1);
    }

    [Fact]
    public void Message_that_ends_anywhere_is_no_change()
    {
        var (bytes, _, _) = Write([.. Batches.Where(batch => batch.Count > 1).Single().Take(2)], 5, first: false);

        for (int length = 0; length < bytes.Length; length++)
            Assert.Null(new ChangeReader().Read(bytes.AsMemory(0, length)));
        Assert.Null(new ChangeReader().Read((byte[])[.. bytes, 0xc0]));
        Assert.NotNull(new ChangeReader().Read(bytes));
    }

    [Fact]
    public void Garbage_is_no_change_and_no_exception()
    {
        var changes = new ChangeReader();
        Gen.Byte.Array[0, 100].Sample(bytes => changes.Read(bytes) is null, iter: 20_000, threads: 1);
        Gen.Select(Batches, Gen.Int[0, 1_000_000], Gen.Byte).Sample((batch, at, value) =>
        {
            // One wrong byte may make another change, but never an exception.
            var (bytes, _, _) = Write(batch, 5, first: true);
            bytes[at % Math.Min(bytes.Length, 1 + (at % 200))] = value;
            changes.Read(bytes);
        }, threads: 1);
    }

    [Theory]
    [InlineData(3, "none", "1", "topic - 3", "0", 5)] // a version before this one
    [InlineData(5, "none", "1", "topic - 3", "0", 5)] // one that is unknown
    [InlineData(4, "", "1", "topic - 3", "0", 5)]
    [InlineData(4, "none", "99999999999999999999", "topic - 3", "0", 5)]
    [InlineData(4, "none", "1", "topic", "0", 5)]
    [InlineData(4, "none", "1", "topic - x", "0", 5)]
    [InlineData(4, "none", "1", "topic - 3", "now", 5)]
    [InlineData(4, "none", "1", "topic - 3", "0", 4)] // a timeframe is missing
    [InlineData(4, "none", "1", "topic - 3", "0", 6)]
    [InlineData(4, "none", "1", "topic - 3", "0", -5)] // a bar without its open time
    [InlineData(4, "none", "1", "topic - 3", "0", 5, -1)] // fewer trades left out than none
    public void Message_of_another_shape_is_no_change(
        int version, string expected, string offset, string identity, string recordMs, int frames, int leftOut = 0)
    {
        Assert.Null(new ChangeReader().Read(Shape(version, expected, offset, identity, recordMs, frames, leftOut)));
        Assert.NotNull(new ChangeReader().Read(Shape(4, "none", "1", "topic - 3", "0", 5, leftOut: 0)));
    }

    private static string Trace(int span) => $"00-0af7651916cd43dd8448eb211c80319c-b7ad6b71692033{span:x2}-01";

    private static byte[] Shape(int version, string expected, string offset, string identity, string recordMs, int frames, int leftOut)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(6);
        writer.Write(version);
        foreach (string text in new[] { expected, offset })
            writer.Write(text);
        writer.WriteArrayHeader(4);
        foreach (string text in new[] { "identity", identity, "record_ms", recordMs })
            writer.Write(text);
        writer.WriteArrayHeader(1);
        writer.WriteArrayHeader(7);
        foreach (string text in new[] { "BTC", "", "" })
            writer.Write(text);
        writer.Write(leftOut);
        writer.WriteArrayHeader(0);
        writer.WriteArrayHeader(Math.Abs(frames));
        for (int frame = 0; frame < Math.Abs(frames); frame++)
        {
            writer.WriteArrayHeader(2);
            writer.Write("");
            writer.WriteArrayHeader(frames < 0 ? 1 : 0);
            if (frames < 0)
                writer.Write("60000");
        }

        writer.Write(""); // no trace
        writer.WriteArrayHeader(0); // no times
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static (byte[] Bytes, List<SymbolState> Symbols, PartitionPosition Next) Write(
        List<AppliedTick> batch, int retained, bool first)
    {
        long[] retention = new ProjectionOptions().RetentionMs();
        var symbols = new List<SymbolState>();
        for (int i = 0; i < batch.Count; i++)
        {
            if (symbols.Find(known => known.Symbol == batch[i].Tick.Symbol) is not { } symbol)
                symbols.Add(symbol = new SymbolState(batch[i].Tick.Symbol, retention));
            symbol.Trades.Add(i);
            symbol.Apply(batch[i].Tick, batch[i].Offset, batch[i].TraceParent);
        }

        symbols.ForEach(symbol => symbol.Fold());

        var next = new PartitionPosition(1_000_000_000, new TopicIdentity("market-ticks", first ? null : "id", 12), 17);
        var writer = new ChangeWriter();
        writer.Write(first ? null : 7, next, symbols, batch.ToArray(), retained);
        return (writer.Written.ToArray(), symbols, next);
    }

    private static string Record(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Text(ReadOnlyMemory<byte> record) => Encoding.UTF8.GetString(record.Span);
}
