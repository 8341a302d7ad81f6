using Radar.Api.Http.Answers;

namespace Radar.Api.Http.Limits;

internal static class LimitRoutes
{
    public static void AddRequestLimits(this IServiceCollection services)
    {
        services.AddSingleton<RequestLimits>();
        services.AddSingleton<IRequestLimit>(static provider => provider.GetRequiredService<RequestLimits>());
    }

    /// <summary>To be called after the caller is known. Decided when the pipeline is built.</summary>
    public static void UseRequestLimits(this WebApplication app) => app.Use(next =>
        app.Services.GetRequiredService<RequestLimits>() is { IsOn: true } limits ? context => limits.LimitAsync(context, next) : next);

    /// <summary>What a request to these routes costs.</summary>
    public static T WithCost<T>(this T routes, RequestCost cost)
        where T : IEndpointConventionBuilder => routes.WithMetadata(cost);
}
