using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Radar.Tests.Fixtures.Otlp;

/// <summary>The collector against the real exporter: what other tests see is what was measured.</summary>
public sealed class OtlpCollectorTests
{
    private const string Name = "Radar.OtlpCollectorTests";

    private static readonly ResourceBuilder Resource = ResourceBuilder.CreateEmpty().AddService("service", serviceInstanceId: "one");

    [Fact]
    public async Task Spans_arrive_with_ids_parent_kind_attributes_links_and_status()
    {
        await using var collector = await OtlpCollector.StartAsync();
        using var source = new ActivitySource(Name);
        var linked = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        ActivityContext root, child;
        var tracing = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource).AddSource(Name);
        using (tracing.AddOtlpExporter(To(collector, "traces")).Build())
        {
            using var first = source.StartActivity("first", ActivityKind.Producer)!;
            first.SetTag("text", "a").SetTag("number", 7L).SetTag("flag", true).SetTag("real", 0.5).SetTag("list", new[] { "x", "y" });
            ActivityLink[] links = [new(linked, new() { ["why"] = "read" })];
            using var second = source.StartActivity("second", ActivityKind.Client, first.Context, links: links)!;
            second.SetStatus(ActivityStatusCode.Error);
            (root, child) = (first.Context, second.Context);
        }

        var sent = collector.Spans.Single(span => span.Name == "first");
        Assert.Equal((root.TraceId.ToHexString(), root.SpanId.ToHexString(), ""), (sent.TraceId, sent.SpanId, sent.ParentSpanId));
        Assert.Equal((new ExportingService("service", "one"), Name), (sent.Service, sent.Scope));
        Assert.Equal((ExportedSpanKind.Producer, false), (sent.Kind, sent.IsError));
        Assert.Equal(new object?[] { "x", "y" }, (IEnumerable<object?>)sent.Attributes["list"]!);
        sent.Attributes.Remove("list");
        Assert.Equal("flag=True number=7 real=0.5 text=a", sent.Attributes.ToString());
        Assert.InRange(sent.EndNs, sent.StartNs, long.MaxValue);
        var called = collector.Spans.Single(span => span.Name == "second");
        Assert.Equal((child.SpanId.ToHexString(), root.SpanId.ToHexString()), (called.SpanId, called.ParentSpanId));
        Assert.Equal((ExportedSpanKind.Client, true), (called.Kind, called.IsError));
        var link = Assert.Single(called.Links);
        Assert.Equal((linked.TraceId.ToHexString(), linked.SpanId.ToHexString()), (link.TraceId, link.SpanId));
        Assert.Equal("why=read", link.Attributes.ToString());
    }

    [Fact]
    public async Task Of_each_metric_series_the_newest_point_is_kept()
    {
        await using var collector = await OtlpCollector.StartAsync();
        using var meter = new Meter(Name);
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource).AddMeter(Name);
        using (var provider = metrics.AddOtlpExporter(To(collector, "metrics")).Build()!)
        {
            var counter = meter.CreateCounter<long>("counted", "{thing}", "Things.");
            meter.CreateObservableGauge("level", () => -0.5);
            var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 10] };
            var histogram = meter.CreateHistogram("took", "s", "", [], advice);
            counter.Add(1, new KeyValuePair<string, object?>("of", "a"));
            provider.ForceFlush();
            counter.Add(2, new KeyValuePair<string, object?>("of", "a"));
            counter.Add(5, new KeyValuePair<string, object?>("of", "b"));
            histogram.Record(0.5);
            histogram.Record(20);
            histogram.Record(30);
        }

        var counted = collector.Series("service", "counted").OrderBy(point => point.Value).ToList();
        Assert.Equal(["of=a 3", "of=b 5"], counted.Select(point => $"{point.Attributes} {point.Value}"));
        var head = counted[0].Metric;
        Assert.Equal((Name, "{thing}", "Things."), (head.Scope, head.Unit, head.Description));
        Assert.Equal((ExportedMetricKind.Sum, true), (head.Kind, head.IsMonotonic));
        Assert.Equal(-0.5, Assert.Single(collector.Series("service", "level")).Value);
        var took = Assert.Single(collector.Series("service", "took"));
        Assert.Equal((50.5, 3), (took.Value, took.Count));
        Assert.Equal([1.0, 10.0], took.Bounds);
        Assert.Equal([1L, 0L, 2L], took.Buckets);
    }

    [Fact]
    public async Task Log_records_arrive_with_severity_body_and_attributes()
    {
        await using var collector = await OtlpCollector.StartAsync();
        using (var loggers = LoggerFactory.Create(logging => logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(Resource).AddOtlpExporter(To(collector, "logs"));
        })))
        {
            loggers.CreateLogger(Name).Log<KeyValuePair<string, object?>[]>(
                LogLevel.Warning, 0, [new("Left", 3)], null, (state, _) => $"{state[0].Value} left");
        }

        var log = Assert.Single(collector.Logs);
        Assert.Equal((Name, ExportedLog.Warning, "Warning"), (log.Category, log.Severity, log.SeverityText));
        Assert.Equal(("3 left", "Left=3"), (log.Body, log.Attributes.ToString()));
    }

    [Fact]
    public async Task Telemetry_that_cannot_be_decoded_fails_every_reader()
    {
        await using var collector = await OtlpCollector.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(collector.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"]) };

        using var answer = await http.PostAsync(new Uri("/v1/traces", UriKind.Relative), new ByteArrayContent([0x0A, 0x05, 0x01]));

        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => collector.Logs);
    }

    private static Action<OtlpExporterOptions> To(OtlpCollector collector, string signal) => options =>
    {
        options.Endpoint = new Uri($"{collector.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"]}/v1/{signal}");
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
    };
}
