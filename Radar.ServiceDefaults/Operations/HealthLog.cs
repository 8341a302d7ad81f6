using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Radar.ServiceDefaults.Operations;

/// <summary>
/// Logs a line where a poll finds that a check's status has changed. At information level: the component that fails logs the warning.
/// </summary>
internal sealed partial class HealthLog(ILogger<HealthLog> logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HealthStatus> _last = new(StringComparer.Ordinal);

    public void See(HealthReport report)
    {
        foreach (var (name, entry) in report.Entries)
        {
            HealthStatus before;
            lock (_lock)
            {
                before = _last.GetValueOrDefault(name, HealthStatus.Healthy);
                if (before == entry.Status)
                    continue;
                _last[name] = entry.Status;
            }

            Changed(name, entry.Status, before, entry.Description is { } text ? LogText.Line(text) : "nothing more is known");
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Health of {Check} is {Status}, was {Before}: {Description}")]
    private partial void Changed(string check, HealthStatus status, HealthStatus before, string description);
}
