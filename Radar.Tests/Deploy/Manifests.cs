using k8s;
using k8s.Models;
using Radar.Producer;

namespace Radar.Tests.Deploy;

/// <summary>
/// Kubernetes manifests, read strictly: a field that Kubernetes does not have is an error. And what is wrong with them as a whole, which
/// no schema says.
/// </summary>
internal sealed class Manifests
{
    private readonly IReadOnlyList<IKubernetesObject<V1ObjectMeta>> _objects;

    private Manifests(IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects) => _objects = objects;

    /// <exception cref="YamlDotNet.Core.YamlException">A manifest is none.</exception>
    public static Manifests Load(IEnumerable<string> texts) => new(
        [.. texts.SelectMany(text => KubernetesYaml.LoadAllFromString(text, strict: true)).Cast<IKubernetesObject<V1ObjectMeta>>()]);

    /// <summary>Every object as kind and name.</summary>
    public IEnumerable<string> Names => _objects.Select(found => $"{found.Kind}/{found.Metadata.Name}");

    /// <summary>The names that containers have for their images.</summary>
    public IEnumerable<string> Images => Pods.Select(pod => pod.Container.Image);

    private IEnumerable<Workload> Pods =>
        Of<V1Deployment>().Select(set => new Workload(set.Metadata.Name, set.Spec.Selector, set.Spec.Template))
        .Concat(Of<V1StatefulSet>().Select(set => new Workload(set.Metadata.Name, set.Spec.Selector, set.Spec.Template)));

    /// <summary>One sentence for each fault. Secrets are among the manifests only as examples of what they have in them.</summary>
    public IEnumerable<string> Faults() =>
        [.. Pods.SelectMany(PodFaults), .. Pods.SelectMany(VariableFaults), .. SelectorFaults(), .. ReferenceFaults()];

    /// <summary>What patches set; their objects are not whole.</summary>
    public IEnumerable<string> PatchFaults(Manifests patched)
    {
        foreach (string name in Names.Except(patched.Names))
            yield return $"There is no {name} that could be patched.";
        foreach (var fault in Pods.SelectMany(VariableFaults).Concat(SettingFaults()))
            yield return fault;
        foreach (var pod in Pods.Where(pod => patched.Pods.Single(whole => whole.Name == pod.Name).Container.Name != pod.Container.Name))
            yield return $"{pod.Name} has no container {pod.Container.Name}.";
    }

    private static IEnumerable<string> PodFaults(Workload pod)
    {
        var (spec, container) = (pod.Template.Spec, pod.Container);
        var rights = container.SecurityContext;
        if (spec.SecurityContext?.RunAsNonRoot != true || spec.SecurityContext.SeccompProfile?.Type != "RuntimeDefault"
            || rights?.AllowPrivilegeEscalation != false || rights.Capabilities?.Drop?.Contains("ALL") != true
            || rights.ReadOnlyRootFilesystem != true || spec.AutomountServiceAccountToken != false)
            yield return $"{pod.Name} has rights that it does not need.";
        if (container.Resources?.Limits?.ContainsKey("memory") != true || container.Resources.Requests?.ContainsKey("cpu") != true)
            yield return $"{pod.Name} does not say what it needs.";
        if ((container.StartupProbe?.HttpGet?.Path, container.LivenessProbe?.HttpGet?.Path, container.ReadinessProbe?.HttpGet?.Path)
            != ("/alive", "/alive", "/ready"))
            yield return $"{pod.Name} is probed at the wrong path.";
        string[] ports = [.. container.Ports.Select(port => port.Name)];
        foreach (string port in new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe }
            .Select(probe => probe?.HttpGet?.Port?.Value ?? "").Except(ports))
            yield return $"{pod.Name} is probed at a port {port}, which it does not have.";

        // The producer flushes twice where its source is a topic.
        double least = (new ProducerOptions().FlushMs / 1000 * (pod.Name == "radar-producer" ? 2 : 1)) + 10
            + (container.Lifecycle?.PreStop?.Sleep?.Seconds ?? 0);
        if (!(spec.TerminationGracePeriodSeconds > least))
            yield return $"{pod.Name} is killed before it has stopped, which may take {least} s.";
        foreach (var mount in container.VolumeMounts.Where(mount => spec.Volumes.All(volume => volume.Name != mount.Name)))
            yield return $"{pod.Name} has no volume {mount.Name}.";
    }

    private static IEnumerable<string> VariableFaults(Workload pod) => (pod.Container.Env ?? [])
        .Select(variable => DeployedSettings.Fault(variable.Name, variable.Value)).OfType<string>()
        .Select(fault => $"{pod.Name}: {fault}");

    private IEnumerable<string> SettingFaults() => Of<V1ConfigMap>()
        .SelectMany(map => map.Data.Select(setting => DeployedSettings.Fault(setting.Key, setting.Value)).OfType<string>()
            .Select(fault => $"{map.Metadata.Name}: {fault}"));

    private IEnumerable<string> SelectorFaults()
    {
        foreach (var pod in Pods)
        {
            if (!Matches(pod.Selector, pod.Template))
                yield return $"{pod.Name} does not select its own pods.";
            if (pod.Template.Spec.TopologySpreadConstraints?.All(spread => Matches(spread.LabelSelector, pod.Template)) != true)
                yield return $"{pod.Name} does not spread its own pods.";
        }

        var selectors = Of<V1Service>().Select(service => (service.Kind, service.Metadata, SelectorOf(service)))
            .Concat(Of<V1PodDisruptionBudget>().Select(budget => (budget.Kind, budget.Metadata, budget.Spec.Selector)))
            .Concat(Of<V1NetworkPolicy>().Select(policy => (policy.Kind, policy.Metadata, policy.Spec.PodSelector)));
        foreach (var (kind, metadata, selector) in selectors.Where(selected => !Pods.Any(pod => Matches(selected.Item3, pod.Template))))
            yield return $"{kind} {metadata.Name} selects no pod.";

        // Whoever is not under the policy that denies may reach and be reached by everybody.
        var denies = Of<V1NetworkPolicy>().Where(policy => policy.Spec is { Ingress: null, Egress: null, PolicyTypes.Count: 2 }).ToList();
        foreach (var pod in Pods.Where(pod => !denies.Exists(policy => Matches(policy.Spec.PodSelector, pod.Template))))
            yield return $"{pod.Name} is under no policy that denies what is not allowed.";
    }

    private IEnumerable<string> ReferenceFaults()
    {
        foreach (var fault in SettingFaults())
            yield return fault;
        foreach (var set in Of<V1StatefulSet>().Where(set => !Has<V1Service>(set.Spec.ServiceName)))
            yield return $"{set.Metadata.Name}: there is no service {set.Spec.ServiceName}.";
        foreach (var scaler in Of<V2HorizontalPodAutoscaler>())
        {
            if (!Names.Contains($"{scaler.Spec.ScaleTargetRef.Kind}/{scaler.Spec.ScaleTargetRef.Name}"))
                yield return $"{scaler.Metadata.Name} scales nothing.";
        }

        foreach (var service in Of<V1Service>())
        {
            var pods = Pods.Where(pod => Matches(SelectorOf(service), pod.Template)).ToList();
            foreach (var port in service.Spec.Ports.Where(port =>
                pods.Exists(pod => pod.Container.Ports.All(own => own.Name != port.TargetPort?.Value))))
                yield return $"{service.Metadata.Name}: no pod has a port {port.TargetPort?.Value}.";
        }

        foreach (var backend in Of<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths)
            .Select(path => path.Backend.Service))
        {
            if (!Of<V1Service>().Any(service => service.Metadata.Name == backend.Name
                && service.Spec.Ports.Any(port => port.Name == backend.Port.Name)))
                yield return $"There is no service {backend.Name} with a port {backend.Port.Name}.";
        }

        foreach (var pod in Pods)
        {
            if (!Has<V1ServiceAccount>(pod.Template.Spec.ServiceAccountName))
                yield return $"{pod.Name}: there is no service account {pod.Template.Spec.ServiceAccountName}.";
            foreach (var source in pod.Container.EnvFrom ?? [])
            {
                if (source.ConfigMapRef is { Name: var map } && !Has<V1ConfigMap>(map))
                    yield return $"{pod.Name}: there is no ConfigMap {map}.";
                if (source.SecretRef is { Name: var secret } && !Has<V1Secret>(secret))
                    yield return $"{pod.Name}: no example shows the secret {secret}.";
                var shown = Of<V1Secret>().Where(secret => secret.Metadata.Name == source.SecretRef?.Name);
                foreach (string fault in shown.SelectMany(secret => secret.StringData.Keys)
                    .Select(name => DeployedSettings.Fault(name, null)).OfType<string>())
                    yield return $"{source.SecretRef!.Name}: {fault}";
            }

            var keys = (pod.Container.Env ?? []).Select(variable => variable.ValueFrom?.SecretKeyRef).OfType<V1SecretKeySelector>();
            foreach (var key in keys)
            {
                if (!Of<V1Secret>().Any(shown => shown.Metadata.Name == key.Name && shown.StringData.ContainsKey(key.Key)))
                    yield return $"{pod.Name}: no example shows {key.Key} of the secret {key.Name}.";
            }
        }
    }

    private static V1LabelSelector SelectorOf(V1Service service) => new() { MatchLabels = service.Spec.Selector };

    private static bool Matches(V1LabelSelector selector, V1PodTemplateSpec template)
    {
        var labels = template.Metadata.Labels;
        return (selector.MatchLabels ?? new Dictionary<string, string>()).All(wanted =>
                labels.TryGetValue(wanted.Key, out string? value) && value == wanted.Value)
            && (selector.MatchExpressions ?? []).All(wanted => wanted.OperatorProperty == "In"
                && labels.TryGetValue(wanted.Key, out string? value) && wanted.Values.Contains(value));
    }

    private bool Has<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> => Of<T>().Any(found => found.Metadata.Name == name);

    private IEnumerable<T> Of<T>() => _objects.OfType<T>();

    private sealed record Workload(string Name, V1LabelSelector Selector, V1PodTemplateSpec Template)
    {
        public V1Container Container => Template.Spec.Containers.Single();
    }
}
