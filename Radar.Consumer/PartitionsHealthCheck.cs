using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Consumer.Partitions;
using Radar.Consumer.Polling;
using Radar.Market.Store;
using Radar.ServiceDefaults;

namespace Radar.Consumer;

/// <summary>
/// Reports which partitions of this process do not advance, and why: degraded at first, since most faults pass (a leader election, a Redis
/// that restarts), unhealthy from <see cref="UnhealthyAfter"/> on, and degraded for a moment after it advances again. Degraded too while an
/// operator pauses them, for a while after records went to the dead letters that a person should look at, and while the state is marked.
/// </summary>
internal sealed class PartitionsHealthCheck(KafkaTickSource source, OperatorPause pause, HealthNotices notices) : IHealthCheck
{
    /// <summary>How long a fault may last before the process is called unhealthy.</summary>
    public static readonly TimeSpan UnhealthyAfter = TimeSpan.FromSeconds(15);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var faults = source.Processors
            .Select(processor => (processor.Partition, processor.Fault))
            .Where(processor => processor.Fault is not null)
            .Select(processor => (processor.Partition, processor.Fault!.Value))
            .ToList();
        string? marked = IntegrityMarks.Summary(
            source.Processors.OrderBy(processor => processor.Partition).Select(processor => processor.Incomplete));
        var result = Check(source.Processors.Count, source.PausedPartitions, faults, source.Fault, notices.Now ?? marked);
        return Task.FromResult(result.Status == HealthStatus.Healthy && pause.Since is { } since
            ? HealthCheckResult.Degraded($"Paused by an operator since {ConsumerControl.Text(since)}; `resume` ends it.", data: result.Data)
            : result);
    }

    /// <summary>The result for given facts.</summary>
    /// <param name="partitions">How many the process has.</param>
    /// <param name="paused">How many of them are not read until what waits is applied.</param>
    /// <param name="faults">By partition.</param>
    /// <param name="polling">Why Kafka delivers nothing; null where no reason is known.</param>
    /// <param name="notice">See <see cref="HealthNotices"/>; null where there is none.</param>
    internal static HealthCheckResult Check(
        int partitions, int paused, IReadOnlyCollection<(int Partition, Fault Fault)> faults, Fault? polling, string? notice = null)
    {
        var lasting = faults.Where(entry => !entry.Fault.IsOver).OrderByDescending(entry => entry.Fault.Age)
            .ThenBy(entry => entry.Partition).ToList();
        var data = new Dictionary<string, object> { ["partitions"] = partitions, ["paused"] = paused, ["stopped"] = lasting.Count };
        if (lasting is [var worst, ..])
        {
            return Result(
                worst.Fault.Age, $"Partition {worst.Partition} of {lasting.Count} that do not advance: {worst.Fault.Reason}", data);
        }

        if (polling is { } fault)
            return Result(fault.Age, fault.Reason, data);
        if (faults.Count > 0)
        {
            var (partition, over) = faults.MinBy(entry => entry.Partition);
            return HealthCheckResult.Degraded($"Partition {partition} advances again, after: {over.Reason}", data: data);
        }

        return notice is null
            ? HealthCheckResult.Healthy($"{partitions} partitions, {paused} of them paused", data)
            : HealthCheckResult.Degraded(notice, data: data);
    }

    private static HealthCheckResult Result(TimeSpan age, string reason, Dictionary<string, object> data)
    {
        string sentence = string.Create(CultureInfo.InvariantCulture, $"{reason} (for {age.TotalSeconds:0} s)");
        return age >= UnhealthyAfter ? HealthCheckResult.Unhealthy(sentence, data: data) : HealthCheckResult.Degraded(sentence, data: data);
    }
}
