using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Radar.Market;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;

namespace Radar.Tests.WholePath;

/// <summary>The trace of a tick over producer, consumer and API, as it is exported; and records whose trace is odd.</summary>
public sealed class TracedPathTests : IAsyncLifetime
{
    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly string _topic = $"traced-{Guid.NewGuid():N}";
    private readonly RadarPath _path;
    private HttpClient _api = null!;

    public TracedPathTests()
    {
        _kafka.CreateTopic(_topic, 2);
        _kafka.CreateTopic(_topic + ".dlq", 1);
        _path = new RadarPath(_kafka, _redis.Address, _topic, "--Kafka:TopicIdentity=test");
    }

    public async Task InitializeAsync() => _api = await _path.StartApiAsync();

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _path.DisposeAsync();
        _redis.Dispose();
        _kafka.Dispose();
    }

    [Fact]
    public async Task Trace_reads_as_the_path_from_send_over_process_and_the_write_to_the_push()
    {
        using var spans = new ExportedSpans(TelemetryNames.Producer, TelemetryNames.Consumer, TelemetryNames.Api);
        await _path.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(_api);
        await using var stream = await EventStream.OpenAsync(_api, "symbols=TRACED&channels=tickers,trades");
        await stream.NextAsync("snapshot");

        await _path.ProduceAsync(
            "--Producer:Synthetic:Count=200", "--Producer:Synthetic:Rate=0", "--Producer:Synthetic:Symbols:0=TRACED");
        for (int trades = 0; trades < 200;)
            trades += (await stream.NextAsync()).Type == "trade" ? 1 : 0;

        var pushes = await spans.UntilAsync(
            spans.All.Count(span => span.DisplayName == $"send {_topic}"), span => span.DisplayName == $"push {_topic}");
        Assert.InRange(pushes.Count, 1, 199); // one a second, however many ticks
        Assert.Equal(pushes.Count, pushes.Select(push => push.TraceId).Distinct().Count());
        foreach (Activity push in pushes)
            AssertPath(spans, push);
    }

    [Fact]
    public async Task Answer_names_the_trace_of_its_event_and_its_own()
    {
        using var spans = new ExportedSpans(TelemetryNames.Producer, TelemetryNames.Consumer, TelemetryNames.Api, "Microsoft.AspNetCore");
        await _path.StartConsumerAsync();
        await _path.ProduceAsync("--Producer:Synthetic:Count=1", "--Producer:Synthetic:Symbols:0=SERVED");
        await RadarPath.BacklogAppliedAsync(_api);

        using var response = await _api.GetAsync(new Uri("/api/v2/tickers/SERVED", UriKind.Relative));
        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        var send = Assert.Single(await spans.UntilAsync(1, span => span.DisplayName == $"send {_topic}"));
        Assert.Equal(send.TraceId.ToHexString(), (string?)body["meta"]!["trace"]);
        string own = Assert.Single(response.Headers.GetValues("traceresponse"));
        var read = Assert.Single(await spans.UntilAsync(1, span => span.Id == own));
        Assert.Equal(ActivityKind.Server, read.Kind);
        Assert.Equal((send.TraceId, send.SpanId), (Assert.Single(read.Links).Context.TraceId, read.Links.Single().Context.SpanId));
        Assert.NotEqual(send.TraceId, read.TraceId);
    }

    [Fact]
    public async Task Records_whose_trace_is_odd_are_applied_as_those_without()
    {
        using var spans = new ExportedSpans(TelemetryNames.Consumer);
        byte[]?[] odd =
        [
            null, [], "00"u8.ToArray(), new byte[55], new byte[1000], [.. Enumerable.Repeat((byte)0xff, 55)],
            "00-4bf92f3577b34da6a3ce929d0e0e4736\n00f067aa0ba902b7-01"u8.ToArray(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"u8.ToArray(),
        ];
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _kafka.BootstrapServers })
            .SetLogHandler((_, _) => { }).Build();
        for (int i = 0; i < odd.Length; i++)
        {
            await producer.ProduceAsync(_topic, new Message<string, string>
            {
                Key = "ODD", Value = $$"""{"symbol":"ODD","price":1,"timestamp":{{i + 1}}}""",
                Headers = [new Header(TelemetryNames.TraceParent, odd[i]), new Header("other", null)],
            });
        }

        await _path.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(_api);

        var ticker = await RadarPath.GetAsync(_api, "/api/v2/tickers/ODD");
        Assert.Null(ticker["meta"]!["trace"]);
        Assert.Equal(odd.Length, (await RadarPath.AllAsync(_api, "/api/v2/trades/ODD?limit=100", "trades")).Count);
        Assert.DoesNotContain(spans.All, span => span.DisplayName == $"process {_topic}");
    }

    private void AssertPath(ExportedSpans spans, Activity push)
    {
        Activity write = Parent(push), process = Parent(write), send = Parent(process);
        Assert.Null(send.ParentId);
        Activity[] path = [send, process, write, push];
        Assert.Equal(["send " + _topic, "process " + _topic, "EVALSHA", "push " + _topic], path.Select(span => span.DisplayName));
        Assert.Equal(
            [ActivityKind.Producer, ActivityKind.Consumer, ActivityKind.Client, ActivityKind.Consumer], path.Select(span => span.Kind));
        Assert.Equal(4, spans.All.Count(span => span.TraceId == push.TraceId));
        Assert.Equal(
            [TelemetryNames.Producer, TelemetryNames.Consumer, TelemetryNames.Consumer, TelemetryNames.Api],
            path.Select(span => span.Source.Name));

        AssertTags(send, _kafka.BootstrapServers, ("messaging.system", "kafka"), ("messaging.operation.name", "send"),
            ("messaging.operation.type", "send"), ("messaging.destination.name", _topic), ("messaging.kafka.message.key", "TRACED"));
        AssertTags(process, _kafka.BootstrapServers, ("messaging.system", "kafka"), ("messaging.operation.name", "process"),
            ("messaging.operation.type", "process"), ("messaging.destination.name", _topic), ("messaging.consumer.group.name", "radar"),
            ("messaging.kafka.message.key", "TRACED"), ("messaging.kafka.offset", send.GetTagItem("messaging.kafka.offset")!),
            ("messaging.destination.partition.id", send.GetTagItem("messaging.destination.partition.id")!));
        AssertTags(write, _redis.Address, ("db.system.name", "redis"), ("db.operation.name", "EVALSHA"), ("db.namespace", "0"));
        AssertTags(push, null, ("messaging.system", "kafka"), ("messaging.operation.name", "push"), ("messaging.operation.type", "process"),
            ("messaging.destination.name", _topic), ("messaging.kafka.message.key", "TRACED"));
        Assert.True(write.StartTimeUtc >= process.StartTimeUtc);
        Assert.True(write.StartTimeUtc + write.Duration <= process.StartTimeUtc + process.Duration);

        Activity Parent(Activity span) => Assert.Single(
            spans.All, candidate => candidate.SpanId == span.ParentSpanId && candidate.TraceId == span.TraceId);
    }

    private static void AssertTags(Activity span, string? server, params (string Name, object Value)[] tags)
    {
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
        Assert.All(tags, tag => Assert.Equal((tag.Name, tag.Value), (tag.Name, span.GetTagItem(tag.Name))));
        Assert.Equal(server, server is null
            ? span.GetTagItem("server.address")
            : string.Create(CultureInfo.InvariantCulture, $"{span.GetTagItem("server.address")}:{span.GetTagItem("server.port")}"));
    }
}
