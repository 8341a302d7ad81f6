using System.Buffers;
using System.Text;
using CsCheck;
using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Market.Store;

/// <summary>A record is given as it was written, or not at all.</summary>
public sealed class StoredRecordTests
{
    private const string Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private static readonly decimal[] Sizes = [0, 1.5m, 1_000_000_000_000_000_000.000000001m];

    private static readonly Gen<(RecordKind Kind, byte[] Record)> Records =
        from kind in Gen.Int[0, 3].Select(kind => (RecordKind)kind)
        from price in Gen.Int[1, 1_000_000]
        from size in Gen.Int[0, 2].Select(i => Sizes[i])
        from timestampMs in Gen.Long[0, 2_000_000_000_000]
        from offset in Gen.Long[0, 1_000_000_000]
        from venue in Gen.String[Gen.Char["a~ é\"\n"], 0, 12]
        from traced in Gen.Bool
        select (kind, Write(
            kind, new Tick("BTCUSDT", price / 8m, timestampMs, size, new TradeId(7), Side.Sell, venue), offset, traced ? Trace : null));

    [Fact]
    public void Every_record_is_intact_and_with_any_one_bit_changed_it_is_not() => Records.Sample(
        sample =>
        {
            Assert.True(StoredRecord.IsIntact(sample.Record, sample.Kind));
            for (int i = 0; i < sample.Record.Length * 8; i++)
                Assert.False(
                    StoredRecord.IsIntact(RecordText.Flipped(sample.Record, i / 8, i % 8), sample.Kind), $"bit {i % 8} of byte {i / 8}");
        },
        iter: 200);

    [Fact]
    public void Record_that_ends_within_its_checksum_is_not_intact() => Records.Sample(sample =>
    {
        for (int length = sample.Record.Length - StoredRecord.ChecksumLength + 1; length < sample.Record.Length; length++)
            Assert.False(StoredRecord.IsIntact(sample.Record.AsSpan(0, length), sample.Kind));
    });

    [Fact]
    public void Record_of_an_older_Radar_is_intact_and_read_alike() => Records.Sample(sample =>
    {
        var (kind, record) = sample;
        byte[] old = Encoding.UTF8.GetBytes(RecordText.WithoutChecksum(Encoding.UTF8.GetString(record)));

        Assert.True(StoredRecord.IsIntact(old, kind));
        Assert.Equal(StoredRecord.Public(record), StoredRecord.Public(old));
        switch (kind)
        {
            case RecordKind.Latest:
                Assert.Equal(StoredRecord.Latest(record), StoredRecord.Latest(old));
                Assert.Equal(StoredRecord.TraceParentOf(record).ToArray(), StoredRecord.TraceParentOf(old).ToArray());
                break;
            case RecordKind.Trade:
                Assert.Equal(StoredRecord.Order(record), StoredRecord.Order(old));
                break;
            case RecordKind.Day:
                Assert.Equal(StoredRecord.ChangePercent(record), StoredRecord.ChangePercent(old));
                break;
            default:
                Assert.Equal(Values(StoredRecord.ReadBar(record)), Values(StoredRecord.ReadBar(old)));
                break;
        }
    });

    [Theory]
    [InlineData("")]
    [InlineData("not a record")]
    [InlineData("{}")]
    [InlineData("{}\n")]
    [InlineData("{}\n1")]
    [InlineData("{\n1 2")]
    [InlineData("{}x\n1 2")]
    [InlineData("[]\n1 2")]
    [InlineData("{}\n1 b")]
    [InlineData("{}\n1 2 3 4 5")]
    [InlineData("{}\n1 2 ~00000000")]
    public void What_is_no_record_is_not_intact(string text)
    {
        foreach (RecordKind kind in Enum.GetValues<RecordKind>())
            Assert.False(
                StoredRecord.IsIntact(Encoding.UTF8.GetBytes(text), kind) && !(kind == RecordKind.Day && text == "{}"), kind.ToString());
    }

    private static (long, EventOrder, EventOrder, decimal, decimal, decimal, decimal, long, string, string) Values(Bar bar) => (
        bar.OpenTime, bar.Opened, bar.Closed, bar.Open, bar.High, bar.Low, bar.Close, bar.Count, bar.Volume.ToString(),
        bar.Notional.ToString());

    private static byte[] Write(RecordKind kind, Tick tick, long offset, string? trace)
    {
        var record = new ArrayBufferWriter<byte>();
        var latest = new LatestTrade(tick, offset, trace);
        switch (kind)
        {
            case RecordKind.Latest:
                StoredRecord.WriteLatest(record, latest);
                break;
            case RecordKind.Day:
                StoredRecord.WriteDay(record, latest, trace is null ? null : 3m, open: 2m);
                break;
            case RecordKind.Trade:
                StoredRecord.WriteTrade(record, tick, offset);
                break;
            default:
                var bar = new Bar(Timeframe.Minute.OpenTime(tick.TimestampMs));
                bar.Add(tick.Price, tick.Size, new EventOrder(tick.TimestampMs, offset));
                bar.Add(tick.Price, trace is null ? 0 : 0.0000000000000000000000001m, new EventOrder(tick.TimestampMs, offset + 1));
                StoredRecord.WriteBar(record, bar);
                break;
        }

        return record.WrittenSpan.ToArray();
    }
}
