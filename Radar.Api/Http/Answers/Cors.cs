using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace Radar.Api.Http.Answers;

/// <summary>Lets pages of other origins read the API; off unless <see cref="ApiOptions.CorsOrigins"/> names some.</summary>
internal static class Cors
{
    private static readonly TimeSpan PreflightKnownFor = TimeSpan.FromHours(1);

    public static void AddCorsPolicy(this IServiceCollection services)
    {
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<ApiOptions>>((cors, api) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. api.Value.CorsOrigins])
            .WithMethods("GET", "POST") // POST makes tickets for streams
            .WithHeaders("If-None-Match", "Last-Event-ID", "Cache-Control", "Authorization", "X-Api-Key")
            .WithExposedHeaders("ETag", "Retry-After", "WWW-Authenticate", "RateLimit", "RateLimit-Policy", TraceResponse.Header)
            .SetPreflightMaxAge(PreflightKnownFor)));
    }

    /// <summary>Decided when the pipeline is built, which is after all options are checked.</summary>
    public static void UseCorsPolicy(this WebApplication app) => app.Use(next =>
    {
        if (app.Services.GetRequiredService<IOptions<ApiOptions>>().Value.CorsOrigins.Count == 0)
            return next;
        var branch = ((IApplicationBuilder)app).New();
        branch.UseCors();
        branch.Run(next);
        return branch.Build();
    });
}
