using Microsoft.Extensions.Configuration;

namespace Radar.AppHost.Publish;

/// <summary>How long a service may take to stop before it is killed: what deploy/ gives it, for the same reasons.</summary>
internal static class StopTime
{
    public static int Seconds(IDistributedApplicationBuilder builder, IResource service) => service.Name switch
    {
        "api" => builder.Configuration.GetValue("Operations:DrainSeconds", Publishing.DrainSeconds) + 40,
        "producer" => 70,
        _ => 40,
    };
}
