using System.Globalization;
using System.Net.Sockets;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Control;
using Radar.Standalone.Infrastructure;

namespace Radar.Standalone;

/// <summary>
/// <c>POST /control/{kafka,redis}/{stop,start}</c> on loopback, for <c>--infra-only</c> with <c>--control-port</c>. The key comes from the
/// environment, <c>Control__Key</c>, so that it stands in no list of processes.
/// </summary>
internal static class InfrastructureControl
{
    /// <summary>Starts the web server; null where no port was asked for.</summary>
    /// <exception cref="ConfigurationException">There is no key.</exception>
    public static async Task<WebApplication?> StartAsync(
        StandaloneOptions options, RunningInfrastructure infrastructure, CancellationToken cancellationToken)
    {
        if (options.ControlPort is not { } port)
            return null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddControl();
        if (builder.Configuration.ReadEarly<ControlOptions>(ControlOptions.Section).Key is not { Length: > 0 })
            throw new ConfigurationException(
                "--control-port needs a key: set the environment variable Control__Key to at least 32 characters.");
        var app = builder.Build();
        app.MapControl(control =>
        {
            Map(control, "Kafka", infrastructure.KafkaSwitch);
            Map(control, "Redis", infrastructure.RedisSwitch);
        });
        await ServiceRunner.StartAsync(app, cancellationToken);
        return app;
    }

    private static void Map(ControlGroup control, string name, IServerSwitch? server)
    {
        if (server is null)
            return;
        var alone = new SemaphoreSlim(1); // as long as the process
        control
            .Post($"/{name.ToLowerInvariant()}/stop", (_, cancellation) => InTurnAsync(alone, () => StopAsync(name, server), cancellation))
            .Post($"/{name.ToLowerInvariant()}/start", (_, cancellation) =>
                InTurnAsync(alone, () => StartAsync(name, server, cancellation), cancellation));
    }

    private static async Task<ControlResult> InTurnAsync(
        SemaphoreSlim alone, Func<Task<ControlResult>> act, CancellationToken cancellationToken)
    {
        await alone.WaitAsync(cancellationToken);
        try
        {
            return await act();
        }
        finally
        {
            alone.Release();
        }
    }

    private static async Task<ControlResult> StopAsync(string name, IServerSwitch server)
    {
        bool was = server.IsUp;
        if (was)
            await server.StopAsync();
        string message = was ? $"{name} is stopped." : $"{name} was stopped already.";
        return new ControlResult(true, message, $"**{message}** {server.Keeps} `start-{name.ToLowerInvariant()}` brings it back.");
    }

    private static async Task<ControlResult> StartAsync(string name, IServerSwitch server, CancellationToken cancellationToken)
    {
        bool was = server.IsUp;
        try
        {
            if (!was)
                await server.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            string why = e is SocketException ? "its port cannot be used." : e.Message;
            throw new ControlException(
                StatusCodes.Status503ServiceUnavailable, $"{name} does not start: {why} See to that, then start it again.");
        }

        string message = was ? $"{name} runs already." : $"{name} runs again.";
        return new ControlResult(true, message, $"**{message}** {(was ? "" : server.Keeps)}");
    }
}
