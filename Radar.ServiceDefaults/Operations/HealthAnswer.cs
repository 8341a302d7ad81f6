using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.ServiceDefaults.Operations;

/// <summary>
/// What <c>/health</c> and <c>/ready</c> answer:
/// <code>
/// {"status":"Degraded","description":"lag: 1234 messages, 25.1 s behind, …",
///  "checks":{"lag":{"status":"Degraded","description":"1234 messages, 25.1 s behind, …","data":{"messages":1234,…}},…}}
/// </code>
/// <c>status</c> is the worst of the checks, <c>description</c> one line for a dashboard: the sentences of those that are not healthy,
/// the worst first; where all are, the sentences that those have.
/// </summary>
internal static class HealthAnswer
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is JSON, not HTML: quotes and + stay readable
        NumberHandling = JsonNumberHandling.Strict,
    };

    /// <param name="context">The request.</param>
    /// <param name="report">All checks.</param>
    /// <param name="inFull">False leaves out everything but the status.</param>
    public static Task WriteAsync(HttpContext context, HealthReport report, bool inFull)
    {
        if (!inFull)
            return context.Response.WriteAsJsonAsync(new { status = report.Status.ToString() }, Format);
        var checks = report.Entries.ToDictionary(
            entry => entry.Key,
            entry => new { status = entry.Value.Status.ToString(), Description = Shown(entry.Value), entry.Value.Data });
        return context.Response.WriteAsJsonAsync(
            new { status = report.Status.ToString(), description = Describe(report), checks }, Format);
    }

    /// <summary>The report in one line.</summary>
    internal static string Describe(HealthReport report)
    {
        var wanted = report.Entries
            .Where(entry => entry.Value.Status == report.Status || entry.Value.Status != HealthStatus.Healthy)
            .Where(entry => entry.Value.Status != HealthStatus.Healthy || entry.Value.Description is not null)
            .OrderBy(entry => entry.Value.Status)
            .ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => entry.Key + ": " + (Shown(entry.Value) ?? entry.Value.Status.ToString()));
        return string.Join(" | ", wanted);
    }

    /// <summary>
    /// What a check says may have text of records and servers in it, and dashboards and terminals show it. Of a check that failed by itself
    /// the framework says what its exception said, which is for the log.
    /// </summary>
    private static string? Shown(HealthReportEntry entry) => entry switch
    {
        { Exception: not null } => "The check failed; the log of the service says why.",
        { Description: { } text } => LogText.Line(text),
        _ => null,
    };
}
