using System.Text.Json.Nodes;

namespace Radar.Tests.EndToEnd;

/// <summary>What is published is for production: the same replicas, and nothing that is for a developer's machine only.</summary>
[Collection(OneAppHostAtATime.Name)]
public sealed class ManifestTests
{
    // Of the AppHost's settings for a run on one machine: the timeout of a dashboard that ends with it, the control of services by
    // the dashboard's commands, and what the embedded broker needs.
    private static readonly string[] Development =
        ["OTEL_EXPORTER_OTLP_TIMEOUT", "Control", "session.timeout.ms", "TopicIdentity", "UnconsumedBytesMax", "ASPNETCORE_ENVIRONMENT"];

    [Theory]
    [InlineData("embedded")]
    [InlineData("containers")]
    [InlineData("external")]
    public async Task Manifest_has_the_replicas_and_no_variable_for_development_only(string infrastructure)
    {
        var resources = await PublishAsync($"--Infrastructure={infrastructure}", "--ConsumerReplicas=3", "--ApiReplicas=2");

        Assert.Equal(3, (int?)resources["consumer"]!["replicas"]);
        Assert.Equal(2, (int?)resources["api"]!["replicas"]);
        Assert.NotNull(resources["producer"]);
        Assert.Null(resources["infrastructure"]);
        foreach (var (name, resource) in resources)
        {
            foreach (var (variable, _) in resource!["env"] as JsonObject ?? [])
                Assert.All(Development, word => Assert.DoesNotContain(word, $"{name}: {variable}", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Setting_that_all_services_share_reaches_all_of_them()
    {
        var resources = await PublishAsync("--Infrastructure=external", "--Producer:SymbolCase=keep", "--Kafka:Topic=own");

        foreach (string service in new[] { "producer", "consumer", "api" })
        {
            Assert.Equal("keep", (string?)resources[service]!["env"]!["Producer__SymbolCase"]);
            Assert.Equal("own", (string?)resources[service]!["env"]!["Kafka__Topic"]);
        }
    }

    [Fact]
    public async Task Secret_is_published_as_a_parameter_without_its_value()
    {
        const string Secret = "a secret of this test";
        var resources = await PublishAsync("--Infrastructure=external", $"--Kafka:Client:sasl.password={Secret}");

        Assert.DoesNotContain(Secret, resources.ToJsonString(), StringComparison.Ordinal);
        foreach (string service in new[] { "producer", "consumer", "api" })
            Assert.Equal("{kafka-client-sasl-password.value}", (string?)resources[service]!["env"]!["Kafka__Client__sasl.password"]);
    }

    [Theory]
    [InlineData("keys", "15")]
    [InlineData("jwt", "5", "--Auth:Mode=jwt", "--Operations:DrainSeconds=5")]
    public async Task Published_api_asks_for_keys_and_drains_unless_told_otherwise(string mode, string drain, params string[] settings)
    {
        var resources = await PublishAsync(["--Infrastructure=external", .. settings]);

        Assert.Equal(mode, (string?)resources["api"]!["env"]!["Auth__Mode"]);
        Assert.Equal(drain, (string?)resources["api"]!["env"]!["Operations__DrainSeconds"]);
        Assert.Null(resources["consumer"]!["env"]!["Auth__Mode"]);
        Assert.Null(resources["api"]!["env"]!["ASPNETCORE_FORWARDEDHEADERS_ENABLED"]);
    }

    private static async Task<JsonObject> PublishAsync(params string[] settings)
    {
        string folder = Directory.CreateTempSubdirectory("radar-manifest-").FullName;
        try
        {
            string path = Path.Combine(folder, "manifest.json");
            var (exitCode, output) = await AppHostProcess.RunAsync(
                folder, ["--publisher", "manifest", "--output-path", path, .. settings]);
            Assert.True(exitCode == 0 && File.Exists(path), output);
            Assert.DoesNotContain("warn:", output, StringComparison.Ordinal);
            return JsonNode.Parse(await File.ReadAllTextAsync(path))!["resources"]!.AsObject();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
