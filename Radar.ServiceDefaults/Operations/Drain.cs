using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Radar.ServiceDefaults.Operations;

/// <summary>
/// The time between being asked to stop and stopping, for load balancers: the service answers as before, and says that it is not ready.
/// </summary>
public sealed class Drain : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly TimeSpan _length;
    private readonly TimeProvider _time;
    private readonly CancellationTokenRegistration _asked;
    private volatile bool _begun;

    public Drain(IHostApplicationLifetime lifetime, IOptions<OperationsOptions> options, TimeProvider time)
    {
        (_length, _time) = (TimeSpan.FromSeconds(options.Value.DrainSeconds), time);
        _asked = lifetime.ApplicationStopping.Register(() => _begun = true);
    }

    /// <summary>Whether the service was asked to stop.</summary>
    public bool HasBegun => _begun;

    /// <summary>Cancelled when it is over: what waits for clients ends now.</summary>
    public CancellationToken Over => _over.Token;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The host stops nothing before this has ended.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _begun = true;
        if (_length > TimeSpan.Zero)
            await Task.Delay(_length, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _over.CancelAsync();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _asked.Dispose();
        _over.Dispose();
    }
}

/// <summary>Adds <see cref="Drain"/>.</summary>
public static class DrainRegistration
{
    /// <summary>To a service whose clients come through load balancers.</summary>
    public static void AddDrain(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<Drain>());
        builder.Services.AddOptions<HostOptions>().PostConfigure<IOptions<OperationsOptions>>(
            static (host, operations) => host.ShutdownTimeout += TimeSpan.FromSeconds(operations.Value.DrainSeconds));
    }

    /// <summary>Has clients and proxies close the connections that they keep, which would break when the service is gone.</summary>
    public static void UseDrain(this WebApplication app)
    {
        var drain = app.Services.GetRequiredService<Drain>();
        app.Use((context, next) =>
        {
            if (drain.HasBegun)
                context.Response.Headers.Connection = "close";
            return next(context);
        });
    }
}
