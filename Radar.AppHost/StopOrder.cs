using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Radar.AppHost;

/// <summary>
/// Stops the services one after another, along the path, while Kafka and Redis still run. Otherwise all would be asked to end at the same
/// moment: the producer could not flush, and the consumer could not leave its group, which keeps the next one waiting for the session
/// timeout.
/// </summary>
internal sealed class StopOrder(ResourceCommandService commands, DistributedApplicationModel model) : IHostedService
{
    private static readonly string[] AlongThePath = ["producer", "consumer", "api"];

    private readonly Lock _lock = new();
    private Task? _stopped;

    /// <summary>Hosted services stop in the reverse order of their registration, so this one stops before the orchestrator.</summary>
    public static void Register(IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsRunMode)
            builder.Services.AddHostedService<StopOrder>();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <remarks>
    /// Aspire.Hosting.Testing stops a host twice. By the second time the orchestrator is gone, and a command to it would be tried again for
    /// as long as the host waits, half a minute: both callers share one stop.
    /// </remarks>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _stopped ??= StopInOrderAsync(cancellationToken);
    }

    private async Task StopInOrderAsync(CancellationToken cancellationToken)
    {
        foreach (string name in AlongThePath)
        {
            // A service that does not run has nothing to stop: the result is not looked at.
            if (model.Resources.FirstOrDefault(resource => resource.Name == name) is { } service)
                _ = await commands.ExecuteCommandAsync(service, KnownResourceCommands.StopCommand, cancellationToken);
        }
    }
}
