using System.Collections.Concurrent;
using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Radar.Tests.Fixtures;

/// <summary>
/// What the OpenTelemetry SDK exports of some sources while this lives. The sources are the process's: tests that run beside may have
/// spans in it, and trace what they send.
/// </summary>
internal sealed class ExportedSpans : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly TracerProvider _provider;

    public ExportedSpans(params string[] sources) => _provider = Sdk.CreateTracerProviderBuilder()
        .AddSource(sources)
        .AddProcessor(new SimpleActivityExportProcessor(new Exporter(_spans)))
        .Build();

    public IReadOnlyList<Activity> All => [.. _spans];

    /// <summary>Waits until <paramref name="count"/> spans are as <paramref name="wanted"/> says.</summary>
    public async Task<List<Activity>> UntilAsync(int count, Func<Activity, bool> wanted)
    {
        List<Activity> found = await Wait.ForAsync(
            () => Task.FromResult(_spans.Where(wanted).ToList()),
            spans => spans.Count >= count,
            spans => Task.FromResult(
                $"{count} spans are exported; there are {spans.Count}, among "
                    + string.Join(", ", _spans.Select(span => span.DisplayName).Distinct())));
        Assert.Equal(count, found.Count);
        return found;
    }

    public void Dispose() => _provider.Dispose();

    private sealed class Exporter(ConcurrentQueue<Activity> spans) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (Activity span in batch)
                spans.Enqueue(span);
            return ExportResult.Success;
        }
    }
}
