using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Radar.ServiceDefaults.Operations;

/// <summary>The operations port: a server of its own, whatever the service listens on.</summary>
internal sealed class OperationsListener(
    IServiceProvider services, IOptions<OperationsOptions> options, HealthReports reports, IEnumerable<OperationsRoute> routes)
    : IHostedService, IAsyncDisposable
{
    private readonly WebApplication? _server = options.Value.Port == 0 ? null : Build(services, options.Value, reports, [.. routes]);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_server is null)
            return;
        try
        {
            await _server.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new ConfigurationException(
                $"{OperationsOptions.Section}:Port={options.Value.Port} is taken at {options.Value.Address}. Choose another; "
                + "each service needs its own.");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static WebApplication Build(
        IServiceProvider services, OperationsOptions options, HealthReports reports, OperationsRoute[] routes)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(services.GetRequiredService<ILoggerFactory>());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 200; // probes and scrapers are few
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Listen(IPAddress.Parse(options.Address), options.Port);
        });
        var server = builder.Build();
        server.Use((context, next) => AnswerAsync(context, next, services));
        if (services.GetService<Prometheus.PrometheusMeters>() is { } meters)
            server.UseScraping(meters);
        HealthRoutes.Map(server, reports, mayAll: null);
        foreach (var route in routes)
            server.MapReadOnly(route.Path, route.Answer);
        return server;
    }

    /// <summary>Routes see the services of the service, and what fails is answered as the service answers it.</summary>
    private static async Task AnswerAsync(HttpContext context, RequestDelegate next, IServiceProvider services)
    {
        context.RequestServices = services;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            foreach (var handler in services.GetServices<IExceptionHandler>())
            {
                if (await handler.TryHandleAsync(context, e, context.RequestAborted))
                    return;
            }

            throw;
        }
    }
}
