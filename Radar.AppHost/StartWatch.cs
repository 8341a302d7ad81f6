using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Radar.AppHost;

/// <summary>
/// Logs why a start does not get on: a resource that ended or failed to start, at once; one that is not healthy, after a while and then
/// again. Without it the console of a start that hangs shows nothing. It ends when everything has been healthy once.
/// </summary>
internal sealed partial class StartWatch(
    ResourceNotificationService notifications, ResourceLoggerService logs, DistributedApplicationModel model,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<StartWatch> logger) : BackgroundService
{
    private const int LogLines = 5;

    /// <summary>A start takes 20 to 50 s here; the first one of containers pulls images, too.</summary>
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(5);

    private static readonly string[] FailedStates =
        [KnownResourceStates.FailedToStart, KnownResourceStates.RuntimeUnhealthy, KnownResourceStates.Exited, KnownResourceStates.Finished];

    /// <summary>What the path needs; user interfaces of the servers are not part of it.</summary>
    private static readonly string[] Path = ["infrastructure", "kafka", "redis", "producer", "consumer", "api"];

    private readonly HashSet<string> _failed = []; // logged already, by resource

    /// <summary>Adds the watch where resources are run.</summary>
    public static void Register(IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode)
            return;
        builder.Services.AddSingleton(TimeProvider.System);
        // First, because the orchestrator's own start waits for a container engine that does not get ready.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, StartWatch>());
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var states = model.Resources.Where(resource => Path.Contains(resource.Name))
            .ToDictionary(resource => resource.Name, _ => (CustomResourceSnapshot?)null);
        using var reporting = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task reports = ReportAsync(states, reporting.Token);
        try
        {
            await foreach (ResourceEvent change in notifications.WatchAsync(stoppingToken))
            {
                if (lifetime.ApplicationStopping.IsCancellationRequested)
                    break; // what did not start before Ctrl+C is no failure
                if (!states.ContainsKey(change.Resource.Name))
                    continue;
                lock (states)
                    states[change.Resource.Name] = change.Snapshot;
                if (FailedStates.Contains(change.Snapshot.State?.Text) && _failed.Add(change.ResourceId))
                    Failed(change.Resource.Name, change.Snapshot.State!.Text, Cause(change.Snapshot),
                        await LastLinesAsync(change.ResourceId), Remedy(change.Resource));
                if (states.Values.All(state => state is not null && IsHealthy(state)))
                    break;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application ends before everything was healthy.
        }

        await reporting.CancelAsync();
        await reports;
    }

    private async Task ReportAsync(Dictionary<string, CustomResourceSnapshot?> states, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(ReportEvery, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
            KeyValuePair<string, CustomResourceSnapshot?>[] unhealthy;
            lock (states)
                unhealthy = [.. states.Where(state => state.Value is not { } snapshot || !IsHealthy(snapshot))];

            // The others wait for the first one.
            var (name, state) = unhealthy.OrderBy(entry => Array.IndexOf(Path, entry.Key))
                .FirstOrDefault(entry => entry.Value?.State?.Text != KnownResourceStates.Waiting, unhealthy[0]);
            IResource resource = model.Resources.First(resource => resource.Name == name);
            string[] waiting = [.. unhealthy.Select(entry => entry.Key).Where(other => other != name)];
            NotHealthy(name, state?.State?.Text ?? "no state", state is null ? "" : Cause(state), string.Join(", ", waiting),
                Remedy(resource));
        }
    }

    private static bool IsHealthy(CustomResourceSnapshot state) =>
        state.State?.Text is { } text && (text == KnownResourceStates.Running || text == KnownResourceStates.Active)
        && state.HealthStatus is HealthStatus.Healthy or HealthStatus.Degraded;

    private static string Cause(CustomResourceSnapshot state)
    {
        var cause = new StringBuilder();
        if (state.ExitCode is { } code)
            cause.Append(CultureInfo.InvariantCulture, $" Exit code {code}.");
        foreach (var report in state.HealthReports.Where(report => report.Status is not (null or HealthStatus.Healthy)))
            cause.Append(CultureInfo.InvariantCulture, $" {report.Description ?? report.Name}");
        return cause.ToString();
    }

    private static string Remedy(IResource resource) => resource is ContainerResource
        ? " If the container engine cannot run containers, start with --Infrastructure=embedded; otherwise see the container's log in "
            + "the dashboard."
        : " Its log is in the dashboard.";

    private async Task<string> LastLinesAsync(string resourceId)
    {
        var lines = new List<string>();
        try
        {
            using var timeout = new CancellationTokenSource(LogTimeout, time);
            await foreach (var batch in logs.GetAllAsync(resourceId).WithCancellation(timeout.Token))
                lines.AddRange(batch.Select(line => line.Content));
        }
        catch (OperationCanceledException)
        {
            // What came is shown.
        }

        // A start that is tried again fails in the same words, at another time.
        return string.Concat(lines.Select(WithoutTime).Distinct().TakeLast(LogLines).Select(line => Environment.NewLine + "    " + line));
    }

    private static string WithoutTime(string line) =>
        line.Split(' ', 2) is [var time, var rest] && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out _)
            ? rest
            : line;

    [LoggerMessage(2, LogLevel.Error, "{Resource}: {State}.{Cause}{Remedy}{LastLines}")]
    private partial void Failed(string resource, string state, string cause, string lastLines, string remedy);

    [LoggerMessage(3, LogLevel.Warning, "{Resource} is not healthy yet ({State}).{Cause} Waiting: {Others}.{Remedy}")]
    private partial void NotHealthy(string resource, string state, string cause, string others, string remedy);
}
