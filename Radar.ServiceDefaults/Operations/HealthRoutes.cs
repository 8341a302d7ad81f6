using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.ServiceDefaults.Operations;

/// <summary><c>/health</c>, <c>/ready</c> and <c>/alive</c>, on the service's own port and on the operations port alike.</summary>
internal static class HealthRoutes
{
    public const string Health = "/health";
    public const string Ready = "/ready";
    public const string Alive = "/alive";

    /// <param name="routes">Where they are added.</param>
    /// <param name="reports">Of the service.</param>
    /// <param name="mayAll">Whether a request may see the checks; others see the status only. Null is every request.</param>
    public static void Map(IEndpointRouteBuilder routes, HealthReports reports, Func<HttpContext, bool>? mayAll)
    {
        routes.MapReadOnly(Health, async context => await WriteAsync(context, await reports.AllAsync()));
        routes.MapReadOnly(Ready, async context => await WriteAsync(context, await reports.ReadyAsync()));
        routes.MapReadOnly(Alive, static context =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return context.Response.WriteAsync("Healthy");
        });

        Task WriteAsync(HttpContext context, HealthReport report)
        {
            context.Response.StatusCode = report.Status == HealthStatus.Unhealthy
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status200OK;
            context.Response.Headers.CacheControl = "no-store";
            return HealthAnswer.WriteAsync(context, report, inFull: mayAll?.Invoke(context) != false);
        }
    }
}
