using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.Api.DeadLetters;

/// <summary>
/// Says how many records were refused, and why. Healthy whatever it says: a refused record is the mistake of who sent it, and the path does
/// what it should.
/// </summary>
internal sealed class DeadLetterHealthCheck(DeadLetterLog log) : IHealthCheck
{
    private const int NamedMax = 5;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(HealthCheckResult.Healthy(log.Latest switch
        {
            null => $"How many records {log.Topic} has is not known.",
            { Counted: 0, Messages: 0 } => $"{log.Topic} has no records.",
            var counts => Sentence(counts),
        }));

    private string Sentence(DeadLetterCounts counts)
    {
        string reasons = string.Join(", ", counts.Reasons.Take(NamedMax).Select(static reason => $"{reason.Key} {reason.Value}"));
        string more = counts.Reasons.Length > NamedMax ? $", and {counts.Reasons.Length - NamedMax} more reasons" : "";
        string which = counts.Counted < counts.Messages ? $" Of the newest {counts.Counted}" : " Reasons";
        return $"{log.Topic} has {counts.Messages} records.{which}: {reasons}{more}. /api/v2/dead-letters shows them.";
    }
}
