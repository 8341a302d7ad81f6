using System.Buffers;
using System.Diagnostics;
using System.Text;
using CsCheck;
using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;

namespace Radar.Tests.Market;

/// <summary>What is read as a trace, and what of it lies beside a stored value.</summary>
public sealed class TraceParentTests
{
    private const string Sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Theory]
    [InlineData(Sampled, true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03", true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0b", true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0a", false)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false)]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)] // a later version, without more
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes", true)]
    public void Trace_is_read_with_its_flag(string header, bool sampled)
    {
        Assert.True(TraceParent.TryRead(Encoding.ASCII.GetBytes(header), out ActivityContext read));

        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", read.TraceId.ToHexString());
        Assert.Equal("00f067aa0ba902b7", read.SpanId.ToHexString());
        Assert.True(read.IsRemote);
        Assert.Equal(sampled, TraceParent.TryReadSampled(Encoding.ASCII.GetBytes(header), out _));
        Assert.Equal(Sampled, TraceParent.Format(read));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00")]
    [InlineData(Sampled + "-01")] // this version has an end
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x")]
    [InlineData("00 4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736\n00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7 01")]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x")]
    public void What_is_not_well_formed_is_no_trace(string? header) =>
        Assert.False(TraceParent.TryRead(header is null ? null : Encoding.ASCII.GetBytes(header), out _));

    [Fact]
    public void Any_bytes_are_read_without_an_exception() =>
        Gen.Byte.Array[50, 60].Sample(bytes => !TraceParent.TryRead(bytes, out _));

    [Fact]
    public void Stored_record_shows_its_trace_whatever_its_texts_are() =>
        Gen.Select(Gen.String[Gen.Char["a 0-\n\"é"], 0, 80], Gen.Bool, Gen.Int[1, 1_000_000]).Sample((venue, traced, price) =>
        {
            var record = new ArrayBufferWriter<byte>();
            var tick = new Tick("BTC", price, 1_723_204_800_000, Venue: venue);
            StoredRecord.WriteLatest(record, new LatestTrade(tick, 7, traced ? Sampled : null));

            Assert.Equal(traced ? Sampled : "", Encoding.ASCII.GetString(StoredRecord.TraceParentOf(record.WrittenMemory).Span));
        });

    [Theory]
    [InlineData("localhost:9092", "localhost", 9092)]
    [InlineData("kafka", "kafka", 9092)]
    [InlineData("SASL_SSL://broker.example.com:9093", "broker.example.com", 9093)]
    [InlineData("[::1]:19092", "::1", 19092)]
    [InlineData("[::1]", "::1", 9092)]
    [InlineData("a:1,b:2", null, null)] // which one a record goes to is not known
    [InlineData("kafka:port", null, null)]
    [InlineData("", null, null)]
    public void Address_of_Kafka_is_that_of_its_connection_string(string servers, string? host, int? port) =>
        Assert.Equal(host is null ? null : new ServerAddress(host, port), ServerAddress.OfKafka(servers));
}
