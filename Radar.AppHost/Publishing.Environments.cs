using Radar.AppHost.Publish;

namespace Radar.AppHost;

// Of the build with AspirePublishPackages=true only, as the folder Publish is.
internal static partial class Publishing
{
    static partial void AddEnvironment(IDistributedApplicationBuilder builder, string choice, ref bool isAdded)
    {
        if (choice == "compose")
            ComposeEnvironment.Add(builder);
        else
            KubernetesEnvironment.Add(builder);
        isAdded = true;
    }
}
