using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;
using Microsoft.Extensions.Configuration;

#pragma warning disable ASPIREPROBES001 // probes are an experimental API

namespace Radar.AppHost.Publish;

/// <summary>A Helm chart: <c>Chart.yaml</c>, <c>values.yaml</c> for what must be filled in, and <c>templates</c>.</summary>
internal static class KubernetesEnvironment
{
    private const long KafkaGroup = 1000; // of the user in Kafka's image, which could not write to a new volume otherwise

    public static void Add(IDistributedApplicationBuilder builder)
    {
        // Aspire's dashboard takes telemetry from everybody.
        var environment = builder.AddKubernetesEnvironment("kubernetes").WithDashboard(false).WithProperties(kubernetes =>
        {
            kubernetes.DefaultStorageType = "pvc";
            kubernetes.DefaultStorageSize = "10Gi";
        }).WithHelm(helm => helm.WithChartName("radar").WithReleaseName("radar"));
        foreach (var project in builder.Resources.OfType<ProjectResource>().ToList())
        {
            int stopSeconds = StopTime.Seconds(builder, project);
            builder.CreateResourceBuilder(project)
                .WithHttpProbe(ProbeType.Liveness, "/alive", initialDelaySeconds: 20, timeoutSeconds: 5, endpointName: "http")
                .WithHttpProbe(ProbeType.Readiness, "/ready", periodSeconds: 5, timeoutSeconds: 3, endpointName: "http")
                .PublishAsKubernetesService(service => Configure(project, service, stopSeconds));
        }

        if (builder.Resources.OfType<ContainerResource>().FirstOrDefault(container => container.Name == "kafka") is { } kafka)
        {
            builder.CreateResourceBuilder(kafka).PublishAsKubernetesService(service =>
                service.Workload!.PodTemplate.Spec.SecurityContext = new PodSecurityContextV1 { FsGroup = KafkaGroup });
        }

        if (builder.Configuration["PublishHost"] is { Length: > 0 } host)
            AddIngress(environment, host);
    }

    /// <summary>TLS ends there. Streams are open for hours: they must not be buffered, nor ended while heartbeats come.</summary>
    private static void AddIngress(IResourceBuilder<KubernetesEnvironmentResource> environment, string host)
    {
        var api = environment.ApplicationBuilder.Resources.OfType<ProjectResource>().First(project => project.Name == "api");
        environment.AddIngress("api-ingress")
            .WithHostname(host)
            .WithPath(host, "/", environment.ApplicationBuilder.CreateResourceBuilder(api).GetEndpoint("http"))
            .WithTls("api-tls")
            .WithIngressAnnotation("nginx.ingress.kubernetes.io/proxy-buffering", "off")
            .WithIngressAnnotation("nginx.ingress.kubernetes.io/proxy-read-timeout", "60");
    }

    private static void Configure(ProjectResource project, KubernetesResource service, int stopSeconds)
    {
        var pod = service.Workload!.PodTemplate.Spec;
        pod.TerminationGracePeriodSeconds = stopSeconds;
        pod.AutomountServiceAccountToken = false;
        pod.SecurityContext = new PodSecurityContextV1 { RunAsNonRoot = true, SeccompProfile = new() { Type = "RuntimeDefault" } };
        foreach (var container in pod.Containers)
        {
            container.SecurityContext = new SecurityContextV1 { AllowPrivilegeEscalation = false, Capabilities = new() };
            container.SecurityContext.Capabilities.Drop.Add("ALL");
            foreach (var probe in new[] { container.LivenessProbe, container.ReadinessProbe })
                probe!.HttpGet!.Scheme = "HTTP"; // Kubernetes refuses the endpoint's own spelling
        }

        // A template reads a name with dots, such as Kafka__Client__security.protocol, as a path.
        foreach (string name in service.ConfigMap?.Data.Keys.Where(name => name.Contains('.', StringComparison.Ordinal)).ToList() ?? [])
            service.ConfigMap!.Data[name] = $"{{{{ index .Values.config.{project.Name} `{name}` }}}}";

        // A second producer would send every tick twice.
        if (project.Name == "producer" && service.Workload is Deployment deployment)
            deployment.Spec.Strategy = new() { Type = "Recreate", RollingUpdate = null! };
    }
}
