using Radar.Api;
using Radar.Consumer;
using Radar.Producer;
using Radar.ServiceDefaults;

namespace Radar.Standalone;

/// <summary>The three hosts side by side: started and stopped in order, and all ended where one ends.</summary>
internal sealed class RunningServices : IAsyncDisposable
{
    private readonly WebApplication _consumer;
    private readonly WebApplication _api;
    private readonly HashSet<WebApplication> _started = [];

    private RunningServices(WebApplication producer, WebApplication consumer, WebApplication api)
    {
        Producer = producer;
        _consumer = consumer;
        _api = api;
    }

    /// <summary>The producer's host.</summary>
    internal WebApplication Producer { get; }

    /// <summary>Where the API listens.</summary>
    public ICollection<string> ApiUrls => _api.Urls;

    private WebApplication[] InStopOrder => [Producer, _consumer, _api];

    /// <summary>Builds the hosts.</summary>
    public static RunningServices Build(StandaloneOptions options, IReadOnlyList<string> infrastructure) => new(
        ProducerService.Build(ServiceArguments.Producer(options, infrastructure)),
        ConsumerService.Build(ServiceArguments.Consumer(options, infrastructure)),
        ApiService.Build(ServiceArguments.Api(options, infrastructure)));

    /// <summary>Starts the hosts. A port that is taken and a file that is missing are found before anything is read or written.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var host in new[] { _api, Producer, _consumer })
            {
                await ServiceRunner.StartAsync(host, cancellationToken);
                _started.Add(host);
            }
        }
        catch
        {
            await StopAsync();
            throw;
        }
    }

    /// <summary>
    /// Returns the exit code when <paramref name="stop"/> is asked for, or when one of the hosts ended by itself; all are stopped then.
    /// </summary>
    /// <exception cref="ConfigurationException">It ended because of its configuration.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var asked = stop.Register(() => ended.TrySetResult());
        foreach (var host in InStopOrder)
            host.Lifetime.ApplicationStopping.Register(() => ended.TrySetResult());
        await ended.Task;
        bool failed = Array.Exists(InStopOrder, ServiceRunner.HasFailed);
        await StopAsync();
        Array.ForEach(InStopOrder, ServiceRunner.ThrowIfMisconfigured);
        return failed ? ServiceRunner.BackgroundFailure : Environment.ExitCode;
    }

    /// <summary>Frees all three, and stops those that still run: disposing of a host does not wait for what runs in it.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var host in InStopOrder)
            await host.DisposeAsync();
    }

    /// <summary>One after the other: the consumer still takes in what the producer sent, and the API serves until both are done.</summary>
    private async Task StopAsync()
    {
        foreach (var host in InStopOrder.Where(_started.Remove))
            await host.StopAsync(CancellationToken.None);
    }
}
