using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Radar.ServiceDefaults;

/// <summary>Runs a service until it is stopped; what an operator can fix is reported in plain lines, without a stack trace.</summary>
public static class ServiceRunner
{
    /// <summary>Exit code for configuration that cannot work.</summary>
    public const int ConfigurationError = 2;

    /// <summary>Exit code for a background service that could not go on.</summary>
    public const int BackgroundFailure = 1;

    /// <summary>Builds and runs. Returns the process's exit code.</summary>
    public static Task<int> RunAsync(Func<IHost> build) => GuardAsync(async () =>
    {
        IHost host = build();
        try
        {
            await StartAsync(host, CancellationToken.None);
            await host.WaitForShutdownAsync();
            ThrowIfMisconfigured(host);

            // The host has logged the exception and stopped; supervisors look at the exit code.
            return HasFailed(host) ? BackgroundFailure : 0;
        }
        finally
        {
            if (host is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else
                host.Dispose();
        }
    });

    /// <summary>Whether a background service of the host could not go on.</summary>
    public static bool HasFailed(IHost host) =>
        Misconfiguration(host) is not null || Background(host).Any(service => service.ExecuteTask is { IsFaulted: true });

    /// <summary>Throws what was found to be wrong with a host's configuration while it ran.</summary>
    /// <exception cref="ConfigurationException">For <see cref="GuardAsync"/>.</exception>
    public static void ThrowIfMisconfigured(IHost host)
    {
        if (Misconfiguration(host) is { } found)
            throw found;
    }

    /// <summary>
    /// Starts a host. Where one of its services does not start, those that did are stopped first: a Kafka client that is freed while its
    /// loop still calls it takes the process with it.
    /// </summary>
    public static async Task StartAsync(IHost host, CancellationToken cancellationToken)
    {
        CheckOptions(host);
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OptionsValidationException) // options are checked before anything starts
        {
            // The host logs the end of a service as critical, with an exception, unless it stops.
            host.Services.GetService<IHostApplicationLifetime>()?.StopApplication();
            foreach (var service in Background(host).Where(service => service.ExecuteTask is not null).Reverse())
                await service.StopAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>Runs <paramref name="run"/> and reports what an operator can fix. Returns the process's exit code.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OptionsValidationException e)
        {
            foreach (string failure in e.Failures)
                await Console.Error.WriteLineAsync("configuration: " + LogText.Line(failure));
            return ConfigurationError;
        }
        catch (ConfigurationException e)
        {
            await Console.Error.WriteLineAsync("configuration: " + LogText.Line(e.Message));
            return ConfigurationError;
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"{e.Message} Choose another with --urls http://127.0.0.1:<port>.");
            return ConfigurationError;
        }
    }

    /// <summary>
    /// Checks all options before any service is made: the host would make its services first, and the first that reads a wrong option
    /// would hide the faults of all other sections.
    /// </summary>
    private static void CheckOptions(IHost host)
    {
        try
        {
            host.Services.GetService<IStartupValidator>()?.Validate();
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            var failures = e.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures).Distinct();
            throw new OptionsValidationException("", typeof(object), failures);
        }
    }

    private static ConfigurationException? Misconfiguration(IHost host) => host.Services.GetService<WrongConfiguration>()?.Found;

    private static IEnumerable<BackgroundService> Background(IHost host) =>
        host.Services.GetServices<IHostedService>().OfType<BackgroundService>();
}

/// <summary>Configuration that waiting does not fix; the message names what to change.</summary>
public sealed class ConfigurationException(string message) : Exception(message);
