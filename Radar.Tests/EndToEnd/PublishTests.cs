using k8s;
using k8s.Models;
using Radar.Tests.Fixtures;
using YamlDotNet.Serialization;

namespace Radar.Tests.EndToEnd;

/// <summary><c>--Publish=…</c> of the AppHost. What it writes is read as Compose and Kubernetes would read it.</summary>
[Collection(OneAppHostAtATime.Name)]
public sealed class PublishTests : IDisposable
{
    private const string Secret = "a secret of this test";

    private readonly string _folder = Directory.CreateTempSubdirectory("radar-publish-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Unknown_environment_is_refused_with_those_that_there_are()
    {
        var (exitCode, output) = await PublishAsync("swarm");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Publish=swarm is unknown. One of: compose, kubernetes.", output, StringComparison.Ordinal);
    }

    [RequiresFact(Need.NoPublishPackages)]
    public async Task Build_without_the_packages_says_how_to_get_them()
    {
        var (exitCode, output) = await PublishAsync("compose");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Set AspirePublishPackages=true in the environment", output, StringComparison.Ordinal);
    }

    [RequiresFact(Need.PublishPackages)]
    public async Task Compose_file_has_the_path_with_replicas_and_volumes_and_no_secret()
    {
        var (exitCode, output) = await PublishAsync("compose", "--ConsumerReplicas=3", $"--Kafka:Client:sasl.password={Secret}");
        Assert.True(exitCode == 0, output);
        string text = await File.ReadAllTextAsync(Path.Combine(_folder, "out", "docker-compose.yaml"));
        var file = new DeserializerBuilder().Build().Deserialize<ComposeText>(text);

        Assert.Equal(["api", "consumer", "kafka", "producer", "redis"], file.Services.Keys.Order());
        Assert.Equal(["radar-kafka-data", "radar-redis-data"], file.Volumes.Keys.Order());
        var api = file.Services["api"];
        Assert.Equal("keys", Map(api, "environment")["Auth__Mode"]);
        Assert.Equal("15", Map(api, "environment")["Operations__DrainSeconds"]);
        Assert.Equal("${KAFKA_CLIENT_SASL_PASSWORD}", Map(api, "environment")["Kafka__Client__sasl.password"]);
        Assert.Equal(["${API_LISTEN:-127.0.0.1:8000}:${API_PORT}"], (List<object>)api["ports"]);
        Assert.Equal("3", Map(file.Services["consumer"], "deploy")["replicas"]);
        Assert.All(Directory.GetFiles(Path.Combine(_folder, "out"), "*", SearchOption.AllDirectories),
            path => Assert.DoesNotContain(Secret, File.ReadAllText(path), StringComparison.Ordinal));
    }

    [RequiresFact(Need.PublishPackages)]
    public async Task Chart_renders_to_manifests_that_Kubernetes_takes_and_has_no_secret()
    {
        var (exitCode, output) = await PublishAsync("kubernetes", "--ApiReplicas=2", "--PublishHost=radar.example",
            $"--Kafka:Client:sasl.password={Secret}", "--Kafka:Client:security.protocol=SASL_SSL");
        Assert.True(exitCode == 0, output);
        var chart = await HelmChart.LoadAsync(Path.Combine(_folder, "out"));
        var objects = chart.Render().SelectMany(text => KubernetesYaml.LoadAllFromString(text, strict: true)).ToList();

        var api = objects.OfType<V1Deployment>().Single(deployment => deployment.Metadata.Name == "api-deployment");
        Assert.Equal(2, api.Spec.Replicas);
        Assert.Equal(["kafka-statefulset", "redis-statefulset"],
            objects.OfType<V1StatefulSet>().Select(set => set.Metadata.Name).Order());
        var settings = objects.OfType<V1ConfigMap>().Single(map => map.Metadata.Name == "api-config").Data;
        Assert.Equal("keys", settings["Auth__Mode"]);
        Assert.Equal("15", settings["Operations__DrainSeconds"]);
        Assert.Equal("SASL_SSL", settings["Kafka__Client__security.protocol"]);
        Assert.Equal("radar.example", objects.OfType<V1Ingress>().Single().Spec.Rules.Single().Host);
        var pods = objects.OfType<V1Deployment>().Select(deployment => deployment.Spec.Template.Spec)
            .Concat(objects.OfType<V1StatefulSet>().Select(set => set.Spec.Template.Spec)).ToList();
        Assert.Equal(5, pods.Count);
        Assert.All(pods.SelectMany(pod => pod.Volumes ?? []), volume => Assert.Matches("^[a-z0-9-]{1,63}$", volume.Name));
        Assert.All(objects.OfType<V1Deployment>().Select(deployment => deployment.Spec.Template.Spec.Containers.Single()), container =>
            Assert.Equal(("HTTP", "HTTP"), (container.LivenessProbe.HttpGet.Scheme, container.ReadinessProbe.HttpGet.Scheme)));
        Assert.All(Directory.GetFiles(Path.Combine(_folder, "out"), "*", SearchOption.AllDirectories),
            path => Assert.DoesNotContain(Secret, File.ReadAllText(path), StringComparison.Ordinal));
    }

    private Task<(int ExitCode, string Output)> PublishAsync(string environment, params string[] settings)
    {
        string[] publish = ["--operation", "publish", "--step", "publish", "--output-path", Path.Combine(_folder, "out")];
        return AppHostProcess.RunAsync(_folder, [.. publish, $"--Publish={environment}", .. settings]);
    }

    private static Dictionary<object, object> Map(Dictionary<string, object> service, string name) =>
        (Dictionary<object, object>)service[name];

    private sealed class ComposeText
    {
        [YamlMember(Alias = "services")]
        public Dictionary<string, Dictionary<string, object>> Services { get; set; } = [];

        [YamlMember(Alias = "volumes")]
        public Dictionary<string, object> Volumes { get; set; } = [];

        [YamlMember(Alias = "networks")]
        public Dictionary<string, object> Networks { get; set; } = [];
    }
}
