using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.Tests.Fixtures;

/// <summary>What a consumer's health says of its partitions.</summary>
internal static class PartitionsHealth
{
    public static async Task<HealthReportEntry> OfAsync(WebApplication consumer) =>
        (await consumer.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["lanes"];

    /// <summary>Waits until partitions do not advance for a reason with <paramref name="words"/> in it.</summary>
    /// <returns>The sentences.</returns>
    public static async Task<string> StoppedAsync(WebApplication consumer, string words)
    {
        var last = await OfAsync(consumer);
        using var limit = new CancellationTokenSource(RadarPath.WaitLimit);
        while (last.Status == HealthStatus.Healthy || !last.Description!.Contains(words, StringComparison.Ordinal))
        {
            Assert.False(limit.IsCancellationRequested, $"Health does not say '{words}' but {last.Status}: {last.Description}");
            await Task.Delay(20, CancellationToken.None);
            last = await OfAsync(consumer);
        }

        return last.Description!;
    }
}
