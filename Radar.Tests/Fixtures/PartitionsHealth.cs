using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.Tests.Fixtures;

/// <summary>What a consumer's health says of its partitions.</summary>
internal static class PartitionsHealth
{
    public static async Task<HealthReportEntry> OfAsync(WebApplication consumer)
    {
        var entry = (await consumer.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["lanes"];
        PublicText.AssertHasNoInternals(entry.Description);
        return entry;
    }

    /// <summary>Waits until partitions do not advance for a reason with <paramref name="words"/> in it.</summary>
    /// <returns>The sentences.</returns>
    public static async Task<string> StoppedAsync(WebApplication consumer, string words)
    {
        var stopped = await Wait.ForAsync(
            () => OfAsync(consumer),
            last => last.Status != HealthStatus.Healthy && last.Description!.Contains(words, StringComparison.Ordinal),
            last => Task.FromResult($"health contains '{words}'; it is {last.Status}: {last.Description}"));
        return stopped.Description!;
    }
}
