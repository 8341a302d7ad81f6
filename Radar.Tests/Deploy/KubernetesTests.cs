using Radar.Tests.Fixtures;
using YamlDotNet.Serialization;

namespace Radar.Tests.Deploy;

/// <summary>deploy/kubernetes, as far as no cluster is needed to see whether it is right.</summary>
public sealed class KubernetesTests
{
    private const string Base = "base";
    private const string Overlay = "overlays/example";
    private const string ExampleOfSecrets = "secret.example.yaml";

    [Fact]
    public void Base_has_no_fault() => Assert.Empty(Manifests.Load(Texts(Base).Values).Faults());

    [Fact]
    public void Overlay_adds_no_fault()
    {
        var patches = List(Overlay, "patches", "path");
        var own = Texts(Overlay).Where(file => !patches.Contains(file.Key)).Select(file => file.Value);
        var whole = Manifests.Load([.. Texts(Base).Values, .. own]);

        Assert.Empty(whole.Faults());
        Assert.Empty(Manifests.Load(patches.Select(path => Texts(Overlay)[path])).PatchFaults(whole));
        Assert.Equal(whole.Images.Order(), List(Overlay, "images", "name").Order());
    }

    [Theory]
    [InlineData(Base, ExampleOfSecrets)]
    [InlineData(Overlay, null)]
    public void Kustomization_has_every_manifest_of_its_folder(string folder, string? notApplied)
    {
        string[] named = [.. List(folder, "resources").Where(name => name != "../../base"), .. List(folder, "patches", "path")];

        Assert.Equal(Texts(folder).Keys.Where(file => file != notApplied).Order(), named.Order());
    }

    /// <summary>Each check sees what it is for.</summary>
    [Theory]
    [InlineData("consumer.yaml", "podManagementPolicy:", "podManagmentPolicy:", null)]
    [InlineData("consumer.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "rights that it does not need")]
    [InlineData("consumer.yaml", "requests: { cpu: 250m,", "requests: {", "does not say what it needs")]
    [InlineData("consumer.yaml", "httpGet: { path: /ready,", "httpGet: { path: /health,", "wrong path")]
    [InlineData("consumer.yaml", "port: http }", "port: web }", "at a port web")]
    [InlineData("consumer.yaml", "terminationGracePeriodSeconds: 40", "terminationGracePeriodSeconds: 30", "killed before")]
    [InlineData("consumer.yaml", "- { name: tmp, mountPath", "- { name: temp, mountPath", "no volume temp")]
    [InlineData("consumer.yaml", "Consumer__InstanceName", "Consumer__Instance", "Consumer__Instance is no setting")]
    [InlineData("settings.yaml", "\"9464\"", "\"many\"", "no whole number")]
    [InlineData("consumer.yaml", "  selector:\n    matchLabels: { app.kubernetes.io/name: radar-consumer }\n  template",
        "  selector:\n    matchLabels: { app.kubernetes.io/name: consumer }\n  template", "does not select its own")]
    [InlineData("consumer.yaml", "            matchLabels: { app.kubernetes.io/name: radar-consumer }",
        "            matchLabels: { app.kubernetes.io/name: radar-api }", "does not spread")]
    [InlineData("network-policies.yaml", "operator: In, values: [radar-consumer, radar-api]",
        "operator: In, values: [consumer, api]", "NetworkPolicy radar-to-redis selects no pod")]
    [InlineData("consumer.yaml", ", app.kubernetes.io/part-of: radar", "", "under no policy that denies")]
    [InlineData("consumer.yaml", "serviceName: radar-consumer", "serviceName: consumer", "no service consumer")]
    [InlineData("autoscaling.yaml", "kind: StatefulSet", "kind: Deployment", "scales nothing")]
    [InlineData("api.yaml", "targetPort: http", "targetPort: web", "no pod has a port web")]
    [InlineData("service-account.yaml", "name: radar", "name: radar-services", "no service account radar")]
    [InlineData("settings.yaml", "name: radar-settings", "name: settings", "no ConfigMap radar-settings")]
    [InlineData(ExampleOfSecrets, "  redis: HOST", "  store: HOST", "shows redis of the secret")]
    [InlineData(ExampleOfSecrets, "name: radar-kafka-client", "name: kafka-client", "shows the secret radar-kafka-client")]
    [InlineData(ExampleOfSecrets, "Kafka__Client__sasl.username", "Kafka__Clients__sasl.username", "Kafka__Clients__sasl.username is no")]
    public void Fault_of_a_manifest_is_found(string file, string text, string broken, string? fault)
    {
        var texts = Texts(Base);
        Assert.Contains(text, texts[file], StringComparison.Ordinal);
        texts[file] = texts[file].Replace(text, broken, StringComparison.Ordinal);

        if (fault is null)
            Assert.ThrowsAny<Exception>(() => Manifests.Load(texts.Values)); // no field of Kubernetes
        else
            Assert.Contains(Manifests.Load(texts.Values).Faults(), found => found.Contains(fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("name: radar-producer", "name: radar-source", "no StatefulSet/radar-source")]
    [InlineData("- name: producer", "- name: source", "no container source")]
    [InlineData("Producer__Live__Symbols__0", "Producer__Live__Symbol__0", "is no setting")]
    public void Fault_of_a_patch_is_found(string text, string broken, string fault)
    {
        string patch = Texts(Overlay)["producer.yaml"];
        Assert.Contains(text, patch, StringComparison.Ordinal);

        var faults = Manifests.Load([patch.Replace(text, broken, StringComparison.Ordinal)])
            .PatchFaults(Manifests.Load(Texts(Base).Values));

        Assert.Contains(faults, found => found.Contains(fault, StringComparison.Ordinal));
    }

    private static Dictionary<string, string> Texts(string folder) =>
        Directory.EnumerateFiles(Folder(folder), "*.yaml").Where(file => Path.GetFileName(file) != "kustomization.yaml")
        .ToDictionary(file => Path.GetFileName(file), File.ReadAllText);

    /// <summary>A list of a kustomization, or one field of its items.</summary>
    private static string[] List(string folder, string name, string? field = null)
    {
        string text = File.ReadAllText(Path.Combine(Folder(folder), "kustomization.yaml"));
        var whole = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(text);
        return [.. (whole.GetValueOrDefault(name) as List<object> ?? [])
            .Select(item => (string)(field is null ? item : ((Dictionary<object, object>)item)[field]))];
    }

    private static string Folder(string name) => Repository.File(Path.Combine("deploy", "kubernetes", name));
}
