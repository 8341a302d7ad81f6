using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;

namespace Radar.AppHost.Publish;

/// <summary>A compose file for one machine: <c>docker-compose.yaml</c>, and <c>.env</c> for what must be filled in.</summary>
internal static class ComposeEnvironment
{
    public static void Add(IDistributedApplicationBuilder builder)
    {
        // Aspire's dashboard takes telemetry from everybody; deploy/compose.yaml has one with keys.
        builder.AddDockerComposeEnvironment("compose").WithDashboard(false);
        foreach (var project in builder.Resources.OfType<ProjectResource>().ToList())
        {
            int stopSeconds = StopTime.Seconds(builder, project);
            builder.CreateResourceBuilder(project)
                .PublishAsDockerComposeService((_, service) => Configure(project, service, stopSeconds));
        }

        foreach (var container in builder.Resources.OfType<ContainerResource>().ToList())
            builder.CreateResourceBuilder(container).PublishAsDockerComposeService((_, service) => Protect(service));
    }

    private static void Configure(ProjectResource project, Service service, int stopSeconds)
    {
        Protect(service);
        service.CapDrop.Add("ALL");
        service.ReadOnly = true;
        service.Tmpfs.Add("/tmp"); // .NET's diagnostic socket
        service.StopGracePeriod = $"{stopSeconds}s";
        if (project.GetReplicaCount() is > 1 and int replicas)
            service.Deploy = new Deploy { Replicas = replicas }; // and a free port for each
        else if (service.Ports is [var inside])
            service.Ports[0] = $"${{API_LISTEN:-127.0.0.1:8000}}:{inside}"; // as in deploy/: for others put a proxy with TLS before it
    }

    private static void Protect(Service service)
    {
        service.Restart = "unless-stopped";
        service.SecurityOpt.Add("no-new-privileges:true");
    }
}
