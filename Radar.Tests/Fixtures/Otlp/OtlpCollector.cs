using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Radar.Tests.Fixtures.Otlp;

/// <summary>
/// A collector of OpenTelemetry in the test's process: OTLP over http/protobuf on a free loopback port. It keeps every span and log
/// record up to a limit, and of each metric series the newest point.
/// </summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private const int ItemsMax = 200_000;

    private readonly WebApplication _server;
    private readonly ConcurrentQueue<ExportedSpan> _spans = new();
    private readonly ConcurrentQueue<ExportedLog> _logs = new();
    private readonly ConcurrentDictionary<string, ExportedPoint> _points = new();
    private readonly ConcurrentQueue<string> _faults = new();

    private OtlpCollector(WebApplication server) => _server = server;

    /// <summary>What <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its companions have to be.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; private set; } = new Dictionary<string, string>();

    public IReadOnlyList<ExportedSpan> Spans => Whole(_spans);

    public IReadOnlyList<ExportedLog> Logs => Whole(_logs);

    /// <summary>The newest point of every series.</summary>
    public IReadOnlyList<ExportedPoint> Points => Whole(_points.Values);

    /// <summary>The newest points of a metric of a service, one for each combination of attributes and instance.</summary>
    public IReadOnlyList<ExportedPoint> Series(string service, string metric) =>
        [.. Points.Where(point => point.Metric.Service.Name == service && point.Metric.Name == metric)];

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        collector.Receive("/v1/traces", body => Keep(collector._spans, OtlpDecoder.Traces(body)));
        collector.Receive("/v1/logs", body => Keep(collector._logs, OtlpDecoder.Logs(body)));
        collector.Receive("/v1/metrics", body => collector.KeepNewest(OtlpDecoder.Metrics(body)));
        await collector._server.StartAsync();
        var addresses = collector._server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        collector.Environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = addresses.Addresses.First(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "",
        };
        return collector;
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private static void Keep<T>(ConcurrentQueue<T> kept, List<T> items)
    {
        foreach (T item in items)
            kept.Enqueue(item);
        while (kept.Count > ItemsMax)
            kept.TryDequeue(out _);
    }

    private void KeepNewest(List<ExportedPoint> points)
    {
        foreach (var point in points)
            _points[$"{point.Metric.Service} {point.Metric.Scope} {point.Metric.Name} {point.Attributes}"] = point;
    }

    private void Receive(string path, Action<byte[]> read) => _server.MapPost(path, async context =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        try
        {
            read(body.ToArray());
        }
        catch (IOException e)
        {
            _faults.Enqueue($"{path}: {e.Message}");
        }

        context.Response.ContentType = "application/x-protobuf"; // an empty answer: all was taken
    });

    /// <summary>What could not be decoded is no telemetry that a test may pass over.</summary>
    private IReadOnlyList<T> Whole<T>(IEnumerable<T> items)
    {
        Assert.True(_faults.IsEmpty, $"Telemetry that was exported could not be decoded: {string.Join("; ", _faults)}");
        return [.. items];
    }
}
