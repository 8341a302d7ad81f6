using System.Buffers;
using MessagePack;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Tests.Market.Store;

/// <summary>The Kafka timestamps that a change carries, for measuring how long its events took.</summary>
public sealed class ChangeTimesTests
{
    private const long Noon = 1_723_204_800_000;
    private const int TimesMax = 16;

    [Fact]
    public void Times_of_few_records_are_reported_exactly()
    {
        Assert.Empty(Read());
        Assert.Equal([new(Noon, 2), new(Noon + 1, 1), new(Noon, 1)], Read(Noon, Noon, Noon + 1, Noon));
        Assert.Equal([new(Noon, 3)], Read(0, Noon, -1, Noon, Noon, 0)); // some have none
        Assert.Equal(TimesMax, Read([.. Enumerable.Range(0, TimesMax).Select(i => Noon + i)]).Count);
    }

    [Fact]
    public void Times_of_many_records_are_never_later_than_the_truth_and_count_all()
    {
        long[] records = [.. Enumerable.Range(0, 1000).Select(i => i % 10 == 7 ? 0 : Noon + (i * 3))];

        var times = Read(records);

        Assert.Equal(TimesMax, times.Count);
        Assert.Equal(900, times.Sum(time => time.Records));
        Assert.Equal(Noon, times[0].TimestampMs);
        int at = 0;
        long[] timed = [.. records.Where(ms => ms > 0)];
        foreach (RecordTime time in times)
        {
            Assert.Equal(timed[at], time.TimestampMs); // the oldest of its part
            at += time.Records;
        }
    }

    [Fact]
    public void Change_with_wrong_times_is_not_read()
    {
        Assert.Equal([new(Noon, 2)], Assert.IsType<Change>(new ChangeReader().Read(Shape([Noon, 2]))).Times);
        foreach (long[] wrong in new long[][] { [Noon], [0, 1], [Noon, 0], [Noon, -1], [Noon, 1L << 40] })
            Assert.Null(new ChangeReader().Read(Shape(wrong)));
    }

    private static IReadOnlyList<RecordTime> Read(params long[] recordMs)
    {
        var writer = new ChangeWriter();
        var batch = recordMs.Select((ms, i) => new AppliedTick(new Tick("A", 1, Noon, 1, default, Side.Unknown, null), i, RecordMs: ms))
            .ToArray();
        writer.Write(7, new PartitionPosition(100, new TopicIdentity("market-ticks", null, 3), Noon), [], batch, 10);
        return Assert.IsType<Change>(new ChangeReader().Read(writer.Written.ToArray())).Times;
    }

    private static byte[] Shape(long[] times)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(6);
        writer.Write(ChangeWriter.Version);
        foreach (string text in new[] { "none", "1" })
            writer.Write(text);
        writer.WriteArrayHeader(2);
        foreach (string text in new[] { "identity", "topic - 3" })
            writer.Write(text);
        writer.WriteArrayHeader(0);
        writer.WriteArrayHeader(times.Length);
        foreach (long number in times)
            writer.Write(number);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
