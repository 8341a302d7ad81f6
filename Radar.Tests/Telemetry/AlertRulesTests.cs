using System.Diagnostics;
using System.Text.RegularExpressions;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Telemetry;

/// <summary>docs/alerts.yaml is what Prometheus takes, and asks for what there is.</summary>
public sealed partial class AlertRulesTests
{
    private static string File => Path.Combine(TelemetryTable.Docs, "alerts.yaml");

    [RequiresFact(Need.Promtool)]
    public async Task Prometheus_takes_the_rules()
    {
        using var promtool = Process.Start(
            new ProcessStartInfo("promtool", ["check", "rules", File]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync().WaitAsync(Wait.Limit);
        Assert.True(promtool.ExitCode == 0, output);
    }

    [Fact]
    public void Rules_ask_only_for_metrics_of_the_table()
    {
        var known = TelemetryTable.Read().SelectMany(row => row.Kind == "histogram"
            ? new[] { row.Prometheus + "_bucket", row.Prometheus + "_count", row.Prometheus + "_sum" }
            : [row.Prometheus]).ToHashSet();
        string text = string.Join('\n', System.IO.File.ReadAllLines(File).Where(line => !Told().IsMatch(line)));

        var asked = Metric().Matches(Labels().Replace(text, "")).Select(match => match.Value).ToHashSet();

        Assert.Superset(new HashSet<string> { "radar_objective_events_total", "radar_lag_seconds_max_seconds", "radar_objective_target" },
            asked);
        Assert.Subset(known, asked);
    }

    /// <summary>Comments, and what is said to people.</summary>
    [GeneratedRegex(@"^\s*(#|summary:|description:|- record:|- alert:)")]
    private static partial Regex Told();

    [GeneratedRegex(@"\{[^}]*\}|by \([^)]*\)")]
    private static partial Regex Labels();

    [GeneratedRegex(@"\b(radar|messaging|kafka|db)_\w+")]
    private static partial Regex Metric();
}
