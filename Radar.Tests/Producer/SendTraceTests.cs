using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Time.Testing;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Topics;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer;

/// <summary>Which ticks are traced: the first ones of each symbol in each second.</summary>
public sealed class SendTraceTests : IDisposable
{
    private const string Sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private readonly ExportedSpans _spans = new(TelemetryNames.Producer);
    private readonly FakeTimeProvider _time = new();
    private readonly SymbolKeys _keys = new();

    public void Dispose() => _spans.Dispose();

    [Fact]
    public void Each_symbol_has_its_first_ticks_of_each_second_traced()
    {
        SendTrace trace = Trace(perSymbol: 2);

        Assert.Equal([1, 1, 0, 0], Due(trace, "BTC", 4));
        Assert.Equal([1, 1, 0], Due(trace, "ETH", 3)); // a busy symbol takes nothing from another
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal([0], Due(trace, "BTC", 1));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([1, 1, 0], Due(trace, "BTC", 3));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([1, 1, 0], Due(trace, "BTC", 3)); // what was not used is not saved up
    }

    [Fact]
    public void All_symbols_together_have_a_limit()
    {
        SendTrace trace = Trace(perSymbol: 1, all: 3);

        Assert.Equal([1, 1, 1, 0, 0], Enumerable.Range(0, 5).Select(i => Due(trace, $"S{i}", 1)[0]));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1, 1, 1, 0, 0], Enumerable.Range(3, 5).Select(i => Due(trace, $"S{i}", 1)[0]));
    }

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(1, 0)]
    public void Zero_traces_nothing(int perSymbol, int all) => Assert.Equal([0, 0, 0], Due(Trace(perSymbol, all), "BTC", 3));

    [Fact]
    public void Symbols_that_are_too_many_to_remember_share_one_budget()
    {
        SendTrace trace = Trace(perSymbol: 1);
        var few = new SymbolKeys(keysMax: 2);
        trace.ReadClock();

        Assert.Equal(
            [true, true, true, false, false],
            Enumerable.Range(0, 5).Select(i => trace.IsDue(few.Of($"S{i}").Traces)));
        Assert.Equal("S4", Encoding.UTF8.GetString(few.Of("S4").Utf8));
    }

    [Fact]
    public void Send_names_operation_topic_and_server()
    {
        Activity span = Trace(perSymbol: 1).Start(new Tick("BTC", 1, 1))!;
        span.Stop();

        Assert.Equal(("send fake-time", ActivityKind.Producer), (span.DisplayName, span.Kind));
        var tags = span.TagObjects.ToDictionary();
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["messaging.system"] = "kafka", ["messaging.operation.name"] = "send", ["messaging.operation.type"] = "send",
                ["messaging.destination.name"] = "fake-time", ["messaging.kafka.message.key"] = "BTC",
                ["server.address"] = "kafka.example.com", ["server.port"] = 9092,
            },
            tags);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")]
    [InlineData("trace")]
    public void Record_of_another_topic_whose_trace_cannot_be_read_is_sent_as_one_without(string? header)
    {
        var messages = new TickMessages(Trace(perSymbol: 1));
        var headers = new Headers { { TelemetryNames.TraceParent, header is null ? null : Encoding.ASCII.GetBytes(header) } };

        var first = messages.Of(new Tick("BTC", 1, 1), headers, out Activity? own);
        var second = messages.Of(new Tick("BTC", 1, 2), headers, out Activity? none);

        Assert.Equal(own!.Id, Encoding.ASCII.GetString(first.Headers.GetLastBytes(TelemetryNames.TraceParent)));
        Assert.Equal((null, null), (own.ParentId, none));
        Assert.Null(second.Headers);
    }

    [Fact]
    public void Trace_of_another_topics_record_goes_on_whatever_the_rate()
    {
        var messages = new TickMessages(Trace(perSymbol: 0));
        var headers = new Headers { { TelemetryNames.TraceParent, Encoding.ASCII.GetBytes(Sampled) } };

        messages.Of(new Tick("BTC", 1, 1), headers, out Activity? sampled);

        Assert.Equal(Sampled, sampled!.ParentId);
    }

    private SendTrace Trace(int perSymbol, int all = 1000) => new(
        "fake-time",
        new ServerAddress("kafka.example.com", 9092),
        new ProducerOptions { TracesPerSymbolPerSecond = perSymbol, TracesPerSecondMax = all },
        _time);

    /// <summary>1 for each of the next ticks that is traced.</summary>
    private int[] Due(SendTrace trace, string symbol, int ticks)
    {
        trace.ReadClock();
        return [.. Enumerable.Range(0, ticks).Select(_ => trace.IsDue(_keys.Of(symbol).Traces) ? 1 : 0)];
    }
}
