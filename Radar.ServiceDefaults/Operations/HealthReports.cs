using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Radar.ServiceDefaults.Operations;

/// <summary>
/// The health of a service, which is checked at most once in <see cref="OperationsOptions.HealthCacheMs"/>, however many poll it: each
/// check asks Kafka or Redis. Concurrent callers share one check. Any thread.
/// </summary>
internal sealed class HealthReports(
    HealthCheckService checks, HealthLog log, IOptions<OperationsOptions> options, TimeProvider time, Drain? drain = null)
{
    private static readonly HealthReport Stopping = new(
        new Dictionary<string, HealthReportEntry>
        {
            ["stop"] = new(HealthStatus.Unhealthy, "The service was asked to stop.", TimeSpan.Zero, exception: null, data: null),
        },
        TimeSpan.Zero);

    private readonly Cached _all = new();
    private readonly Cached _ready = new();

    /// <summary>Every check.</summary>
    public Task<HealthReport> AllAsync() => GetAsync(_all, null);

    /// <summary>Those that decide whether the service can answer anything; it is not ready once it was asked to stop.</summary>
    public Task<HealthReport> ReadyAsync() => drain is { HasBegun: true }
        ? Task.FromResult(Stopping)
        : GetAsync(_ready, static check => check.Tags.Contains(ServiceDefaults.ReadyTag));

    private Task<HealthReport> GetAsync(Cached cached, Func<HealthCheckRegistration, bool>? predicate)
    {
        lock (cached)
        {
            bool counts = cached.Report is { } report
                && (!report.IsCompleted || (report.IsCompletedSuccessfully && time.GetUtcNow() < cached.Until));
            if (!counts)
                cached.Report = CheckAsync(cached, predicate);
            return cached.Report!;
        }
    }

    private async Task<HealthReport> CheckAsync(Cached cached, Func<HealthCheckRegistration, bool>? predicate)
    {
        await Task.Yield(); // checks may begin with work of their own, and the lock is held here
        var report = await checks.CheckHealthAsync(predicate, CancellationToken.None);
        log.See(report);
        lock (cached)
            cached.Until = time.GetUtcNow().AddMilliseconds(options.Value.HealthCacheMs);
        return report;
    }

    private sealed class Cached
    {
        public Task<HealthReport>? Report { get; set; }

        public DateTimeOffset Until { get; set; }
    }
}
