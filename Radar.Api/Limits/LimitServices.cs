using Radar.ServiceDefaults;

namespace Radar.Api.Limits;

internal static class LimitServices
{
    public static void AddLimits(this IServiceCollection services)
    {
        services.AddCheckedOptions<LimitOptions, LimitOptionsValidator>(LimitOptions.Section);
        services.AddSingleton<LimitMetrics>();
        services.AddSingleton<CallerLimits>();
        services.AddHostedService(static provider => provider.GetRequiredService<CallerLimits>());
    }
}
