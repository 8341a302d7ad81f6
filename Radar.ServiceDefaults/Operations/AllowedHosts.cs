using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Radar.ServiceDefaults.Operations;

/// <summary>
/// The names that a service answers to, <c>AllowedHosts</c>. The framework's own check also refuses probes, which come to the address of a
/// pod or container, so that a service with a name would be restarted for ever; and it answers with a page.
/// </summary>
internal sealed class AllowedHosts(IConfiguration configuration) : IStartupFilter
{
    /// <summary>Every name, as the framework has it.</summary>
    private static readonly string[] Any = ["*", "[::]", "0.0.0.0"];

    public static void Add(IServiceCollection services)
    {
        services.Configure<HostFilteringOptions>(static framework => framework.AllowedHosts = ["*"]);
        services.AddSingleton<IStartupFilter, AllowedHosts>();
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        string[] names = configuration["AllowedHosts"]?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            ?? [];
        if (names.Length > 0 && !names.Any(Any.Contains))
        {
            StringSegment[] patterns = [.. names.Select(name => (StringSegment)new HostString(name).ToUriComponent())];
            app.Use((context, answer) => IsAllowed(context.Request, patterns) ? answer(context) : RefuseAsync(context));
        }

        next(app);
    };

    /// <summary>Whether there is a status only, or the name is one of these; requests of HTTP/1.0 have none.</summary>
    private static bool IsAllowed(HttpRequest request, StringSegment[] patterns)
    {
        string? host = request.Headers.Host;
        return string.IsNullOrEmpty(host) || request.Path == HealthRoutes.Alive || request.Path == HealthRoutes.Ready
            || HostString.MatchesAny(host, patterns);
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(
            """{"title":"Bad Request","status":400,"detail":"This service does not answer to that host; AllowedHosts has its names."}""");
    }
}
