using System.Diagnostics;
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

    /// <summary>The AppHost where it was built, with what it needs beside it: <c>bin/…</c> as that of the tests.</summary>
    private static string Program()
    {
        string here = AppContext.BaseDirectory;
        int bin = here.LastIndexOf($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal) + 1;
        return Path.Combine(Projects.Radar_AppHost.ProjectPath, here[bin..], "Radar.AppHost.dll"); // of an AppHost the path is its folder
    }

    /// <summary>Runs the AppHost as its own process, as a publishing tool does.</summary>
    private static async Task<JsonObject> PublishAsync(params string[] settings)
    {
        string folder = Directory.CreateTempSubdirectory("radar-manifest-").FullName;
        try
        {
            string path = Path.Combine(folder, "manifest.json");
            var info = new ProcessStartInfo("dotnet", ["exec", Program(), "--publisher", "manifest", "--output-path", path, .. settings])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = folder,
            };
            using var process = Process.Start(info)!;
            var errors = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(RunningAppHost.Limit) + await errors;
            await process.WaitForExitAsync().WaitAsync(RunningAppHost.Limit);
            Assert.True(process.ExitCode == 0 && File.Exists(path), output);
            Assert.DoesNotContain("warn:", output, StringComparison.Ordinal);
            return JsonNode.Parse(await File.ReadAllTextAsync(path))!["resources"]!.AsObject();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
