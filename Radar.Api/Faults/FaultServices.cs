using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Radar.Api.Faults;

internal static class FaultServices
{
    /// <summary>What is broken, for the log and for health.</summary>
    public static void AddFaults(this IServiceCollection services)
    {
        services.AddSingleton<StateDamage>();
        services.AddSingleton<FailureLog>();
        services.AddHealthChecks().AddCheck<StateHealthCheck>("state", HealthStatus.Degraded);
    }
}
