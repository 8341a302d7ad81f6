using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

#pragma warning disable ASPIRECERTIFICATES001 // certificates of resources are an experimental API

namespace Radar.AppHost;

/// <summary>
/// A start that logs what a person needs, once: the dashboard's link. Everything else of a healthy start is in the dashboard.
/// </summary>
internal static partial class QuietStart
{
    private const string Dashboard = "aspire-dashboard";

    /// <summary>
    /// Aspire's own lines print the login link twice, with a token each; one line takes their place, in the wording that
    /// <c>dotnet watch</c> and IDEs look for. Development certificates are not used, since nothing here is served by HTTPS, and so none is
    /// missed.
    /// </summary>
    public static void Configure(IDistributedApplicationBuilder builder)
    {
        CancellationToken stopping = default;
        builder.Services.AddLogging(logging => logging
            // A start that Ctrl+C ends has not failed.
            .AddFilter(
                "Microsoft.Extensions.Hosting.Internal.Host",
                level => level >= LogLevel.Information && !stopping.IsCancellationRequested)
            .AddFilter("Aspire.Hosting.DistributedApplication", LogLevel.Warning)
            // On a machine without keys it warns that the new one is stored unencrypted. Nothing here outlives a session by it.
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
            // A service that is still starting is unhealthy, which is no fault; health reports are in the dashboard.
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
        builder.Eventing.Subscribe<BeforeStartEvent>((start, _) =>
        {
            stopping = start.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            var withCertificate = start.Model.Resources
                .Where(resource => resource.HasAnnotationOfType<HttpsCertificateConfigurationCallbackAnnotation>());
            foreach (var resource in withCertificate)
                resource.Annotations.Add(new HttpsCertificateAnnotation { UseDeveloperCertificate = false });
            return Task.CompletedTask;
        });
        builder.Eventing.Subscribe<ResourceReadyEvent>((ready, _) =>
        {
            if (ready.Resource is IResourceWithEndpoints { Name: Dashboard } dashboard)
                LogLink(dashboard, builder.Configuration["AppHost:BrowserToken"], ready.Services);
            return Task.CompletedTask;
        });
    }

    private static void LogLink(IResourceWithEndpoints dashboard, string? token, IServiceProvider services)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Radar.AppHost");
        var https = dashboard.GetEndpoint("https");
        Link(logger, (https.Exists ? https : dashboard.GetEndpoint("http")).Url, token);
    }

    [LoggerMessage(1, LogLevel.Information, "Login to the dashboard at {Url}/login?t={Token}")]
    private static partial void Link(ILogger logger, string url, string? token);
}
