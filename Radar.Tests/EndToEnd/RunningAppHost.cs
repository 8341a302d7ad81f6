using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Radar.Tests.Fixtures.Otlp;

namespace Radar.Tests.EndToEnd;

/// <summary>
/// The AppHost as it is, run by Aspire.Hosting.Testing on free ports and without its dashboard; its services export their telemetry to
/// <see cref="Telemetry"/>. Every wait of a test goes through here: one that takes too long fails with the state, the health reports and
/// the last log lines of every resource.
/// </summary>
internal sealed class RunningAppHost : IAsyncDisposable
{
    /// <summary>One of the synthetic source.</summary>
    public const string Symbol = "BTCUSDT";

    private const int LinesShown = 30;

    // Aspire leaves its lines out where there is a dashboard, which shows the reports, as a failure does here.
    private const string HealthChecks = "Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService";

    /// <summary>What a wait may take. It is generous, because nothing is measured by it; it ends what would not end.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    // Compiling at first use, formatting a broker's directory, waiting for each other: on two busy cores a start takes its time.
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, ResourceEvent> _resources = new();
    private readonly CancellationTokenSource _disposing = new();
    private readonly List<HttpClient> _clients = [];
    private readonly DistributedApplication _app;
    private readonly Task _watching;

    private RunningAppHost(DistributedApplication app, OtlpCollector telemetry, AppHostLog log)
    {
        _app = app;
        Telemetry = telemetry;
        Log = log;
        _watching = WatchAsync();
    }

    /// <summary>What the services exported.</summary>
    public OtlpCollector Telemetry { get; }

    /// <summary>What the AppHost and its resources logged.</summary>
    public AppHostLog Log { get; }

    /// <summary>The application itself, for what has no method here.</summary>
    public DistributedApplication App => _app;

    public IReadOnlyList<IResource> Model => [.. _app.Services.GetRequiredService<DistributedApplicationModel>().Resources];

    /// <summary>The newest state of every instance of a resource: one for each replica.</summary>
    public IReadOnlyList<ResourceEvent> Instances(string resource) =>
        [.. AllInstances.Where(instance => instance.Resource.Name == resource)];

    /// <summary>Starts it, and returns when every resource that is to be healthy is and the API serves the symbol.</summary>
    /// <param name="settings">Arguments of the AppHost: <c>--Infrastructure=embedded</c>.</param>
    public static async Task<RunningAppHost> StartAsync(params string[] settings)
    {
        var host = await LaunchAsync(settings);
        try
        {
            await host.UntilHealthyAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it and waits for nothing.</summary>
    public static async Task<RunningAppHost> LaunchAsync(params string[] settings)
    {
        var telemetry = await OtlpCollector.StartAsync();
        var log = new AppHostLog();
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Radar_AppHost>(settings).WaitAsync(Limit);
        builder.Services.AddLogging(logging => logging.ClearProviders().AddProvider(log).AddFilter(HealthChecks, LogLevel.None));
        Containers.LeaveOutMissing(builder);
        foreach (var project in builder.Resources.OfType<ProjectResource>())
        {
            foreach (var (name, value) in telemetry.Environment)
                builder.CreateResourceBuilder(project).WithEnvironment(name, value);
        }

        var app = await builder.BuildAsync().WaitAsync(Limit);
        var host = new RunningAppHost(app, telemetry, log);
        try
        {
            await host.WithinAsync(app.StartAsync(), "the AppHost starts", StartLimit);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of the API through Aspire's proxy, which spreads connections over the replicas.</summary>
    public HttpClient Api() => Client(_app.GetEndpoint("api", "http"));

    /// <summary>A client of each replica of a service, at the port that Aspire gave to that one.</summary>
    public IReadOnlyList<HttpClient> Replicas(string service) =>
        [.. Instances(service).Select(instance => Client(new Uri(EnvironmentOf(instance, "ASPNETCORE_URLS"))))];

    /// <summary>A variable of a running instance, as it was started with.</summary>
    public string EnvironmentOf(ResourceEvent instance, string name) =>
        instance.Snapshot.EnvironmentVariables.FirstOrDefault(variable => variable.Name == name)?.Value?.Split(';')[0]
        ?? throw Failure($"{instance.ResourceId} has no {name}.");

    /// <summary>Where Kafka or Redis is reached from here.</summary>
    public async Task<string> ConnectionStringAsync(string name) =>
        await _app.GetConnectionStringAsync(name) ?? throw Failure($"There is no connection string {name}.");

    /// <summary>Runs a command on every instance of a resource, as the dashboard does.</summary>
    public async Task<ExecuteCommandResult> CommandAsync(string resource, string command)
    {
        var target = Model.Single(candidate => candidate.Name == resource);
        var result = await WithinAsync(_app.ResourceCommands.ExecuteCommandAsync(target, command), $"{command} of {resource} ends");
        return result.Success ? result : throw Failure($"{command} of {resource} failed: {result.Message}");
    }

    /// <summary>Waits until every instance of a resource is in one of these states.</summary>
    public Task UntilStateAsync(string resource, params string[] states) => UntilAsync(
        () => Instances(resource) is { Count: > 0 } instances && instances.All(instance => states.Contains(instance.Snapshot.State?.Text)),
        $"{resource} is {string.Join(" or ", states)}");

    /// <summary>Waits until everything that runs on is running and healthy, and each replica of the API has the symbol.</summary>
    public async Task UntilHealthyAsync()
    {
        await UntilAsync(
            () => Model.Where(RunsOn).All(resource => Instances(resource.Name) is { Count: > 0 } instances && instances.All(IsHealthy)),
            "every resource is running and healthy");
        foreach (var api in Replicas("api"))
            await UntilAsync(async () => (await JsonAsync(api, $"/api/v2/tickers/{Symbol}")).Count > 0, $"the API serves {Symbol}");
    }

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, string, Func{string}?)"/>
    public Task UntilAsync(Func<bool> condition, string what, Func<string>? seen = null) =>
        UntilAsync(() => Task.FromResult(condition()), what, seen);

    /// <summary>Waits until a condition holds. A service that does not answer is one of which it does not hold yet.</summary>
    /// <param name="condition">Asked again and again.</param>
    /// <param name="what">The same in words, for the failure.</param>
    /// <param name="seen">What there was instead, for the failure.</param>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, Func<string>? seen = null)
    {
        Exception? last = null;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Limit)
        {
            try
            {
                if (await condition().WaitAsync(Limit))
                    return;
                last = null;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or TimeoutException or IOException)
            {
                last = e;
            }

            await Task.Delay(Pause, TimeProvider.System);
        }

        throw Failure($"Not within {Limit.TotalSeconds:0} s: {what}. {seen?.Invoke()} {last?.Message}");
    }

    /// <summary>Waits for a task's end.</summary>
    public async Task<T> WithinAsync<T>(Task<T> task, string what)
    {
        await WithinAsync((Task)task, what);
        return await task;
    }

    /// <inheritdoc cref="WithinAsync{T}"/>
    public async Task WithinAsync(Task task, string what, TimeSpan? limit = null)
    {
        TimeSpan time = limit ?? Limit;
        if (await Task.WhenAny(task, Task.Delay(time, TimeProvider.System)) != task)
            throw Failure($"Not within {time.TotalSeconds:0} s: {what}.");
        try
        {
            await task;
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            throw Failure($"Failed: {what}: {e}");
        }
    }

    /// <summary>The body of a successful answer.</summary>
    /// <exception cref="HttpRequestException">It was not successful; says how.</exception>
    public static async Task<JsonObject> JsonAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    /// <summary>Stops it as Ctrl+C does.</summary>
    public Task StopAsync() => WithinAsync(_app.StopAsync(), "the AppHost stops");

    public async ValueTask DisposeAsync()
    {
        if (_disposing.IsCancellationRequested)
            return;
        try
        {
            await WithinAsync(_app.DisposeAsync().AsTask(), "the AppHost is gone");
        }
        finally
        {
            await _disposing.CancelAsync();
            await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _clients.ForEach(client => client.Dispose());
            await Telemetry.DisposeAsync();
            _disposing.Dispose();
        }
    }

    /// <summary>A failure that shows the whole state.</summary>
    public Xunit.Sdk.XunitException Failure(string message)
    {
        var text = new StringBuilder(message).AppendLine();
        foreach (var instance in AllInstances)
        {
            var now = instance.Snapshot;
            string exit = now.ExitCode is { } code ? $", exit code {code}" : "";
            text.AppendLine($"{instance.ResourceId}: {now.State?.Text} {now.HealthStatus}{exit}");
            foreach (var report in now.HealthReports)
                text.AppendLine($"    {report.Name}: {report.Status} {report.Description} {report.ExceptionText?.Split('\n')[0]}");
        }

        foreach (string source in Log.Sources)
            text.AppendLine($"---- last lines of {source}").AppendJoin(Environment.NewLine, Log.Last(source, LinesShown)).AppendLine();
        return new Xunit.Sdk.XunitException(text.ToString());
    }

    private IEnumerable<ResourceEvent> AllInstances => _resources.Values.OrderBy(instance => instance.ResourceId, StringComparer.Ordinal);

    private static bool IsHealthy(ResourceEvent instance) =>
        instance.Snapshot.State?.Text == KnownResourceStates.Running && instance.Snapshot.HealthStatus == HealthStatus.Healthy;

    /// <summary>Processes and containers; parameters, connection strings and what starts only when asked are not waited for.</summary>
    private static bool RunsOn(IResource resource) =>
        resource is ProjectResource or ContainerResource or ExecutableResource
        && !resource.Annotations.OfType<ExplicitStartupAnnotation>().Any();

    private HttpClient Client(Uri address)
    {
        var client = new HttpClient { BaseAddress = address, Timeout = RequestLimit };
        lock (_clients)
            _clients.Add(client);
        return client;
    }

    private async Task WatchAsync()
    {
        await foreach (var change in _app.ResourceNotifications.WatchAsync(_disposing.Token))
            _resources[change.ResourceId] = change;
    }
}
