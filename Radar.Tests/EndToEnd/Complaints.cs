using Radar.Tests.Fixtures.Otlp;

namespace Radar.Tests.EndToEnd;

/// <summary>
/// Everything at Warning or above that an AppHost and its resources log: on the AppHost's own log, on the resources' consoles, and as log
/// records that the services export.
/// </summary>
internal static class Complaints
{
    /// <summary>Those of a start: until each service has exported a log record.</summary>
    public static async Task<IReadOnlyList<string>> OfStartAsync(RunningAppHost host)
    {
        string[] services = ["producer", "consumer", "api"];
        await host.UntilAsync(
            () => services.All(service => host.Telemetry.Logs.Any(log => log.Service.Name == service)),
            "each service has exported a log record",
            () => $"These have: {string.Join(", ", host.Telemetry.Logs.Select(log => log.Service.Name).Distinct())}.");
        return Since(host, DateTimeOffset.MinValue);
    }

    /// <summary>Stops the AppHost as Ctrl+C does, and gives those since <paramref name="since"/>.</summary>
    public static async Task<IReadOnlyList<string>> OfStopAsync(RunningAppHost host, DateTimeOffset since)
    {
        var consoles = new List<ContainerConsole>(Containers.Consoles(host));
        try
        {
            await host.StopAsync();
        }
        finally
        {
            await host.DisposeAsync();
        }

        var complaints = Since(host, since).ToList();
        foreach (var console in consoles)
        {
            var lines = AppHostLog.ComplaintsOf(await console.EndAsync());
            complaints.AddRange(lines.Select(line => $"{console.Resource}, at its end: {line}"));
        }

        return complaints;
    }

    /// <summary>Fails with the complaints, where there are any.</summary>
    public static void AssertNone(IEnumerable<string> complaints)
    {
        string all = string.Join(Environment.NewLine, complaints.Distinct());
        Assert.True(all.Length == 0, all);
    }

    private static IReadOnlyList<string> Since(RunningAppHost host, DateTimeOffset since) =>
    [
        .. host.Log.Complaints(since),
        .. host.Telemetry.Logs.Where(log => log.Severity >= ExportedLog.Warning && log.Time >= since).Select(log => "exported: " + log),
    ];
}
