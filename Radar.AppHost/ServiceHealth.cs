using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.AppHost;

/// <summary>
/// The checks that a service lists at <c>/health</c>, each as a health report of its own, so that the dashboard shows what the service
/// reports: the lag in messages and seconds, not only "503".
/// </summary>
internal static class ServiceHealth
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Adds the checks <paramref name="names"/> of <c>/health</c>.</summary>
    public static IResourceBuilder<ProjectResource> WithServiceHealth(this IResourceBuilder<ProjectResource> project, params string[] names)
    {
        var endpoint = project.GetEndpoint("http");
        foreach (string name in names)
        {
            string key = $"{project.Resource.Name}-{name}";
            project.ApplicationBuilder.Services.AddHealthChecks()
                .AddAsyncCheck(key, cancellation => AskAsync(endpoint, name, cancellation));
            project.WithHealthCheck(key);
        }

        return project;
    }

    private static async Task<HealthCheckResult> AskAsync(EndpointReference endpoint, string name, CancellationToken cancellation)
    {
        try
        {
            using var client = new HttpClient { Timeout = Timeout };
            using var answer = await client.GetAsync(new Uri(new Uri(endpoint.Url), "/health"), cancellation);
            using var health = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellation));
            var check = health.RootElement.GetProperty("checks").GetProperty(name);
            return new HealthCheckResult(
                Enum.Parse<HealthStatus>(check.GetProperty("status").GetString()!),
                check.TryGetProperty("description", out var description) ? description.GetString() : null);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or KeyNotFoundException)
        {
            bool isAway = e is HttpRequestException or TaskCanceledException;
            return HealthCheckResult.Unhealthy(
                $"{endpoint.Url}/health {(isAway ? "does not answer." : "answers something else than health.")}");
        }
    }
}
