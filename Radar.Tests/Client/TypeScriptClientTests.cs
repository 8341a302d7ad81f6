using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Client;

/// <summary>A client that is generated for TypeScript from the API's document: it compiles, and reads every route.</summary>
public sealed class TypeScriptClientTests : IAsyncLifetime
{
    private static readonly string[] Files = ["package.json", "package-lock.json", "tsconfig.json", "reads.ts"];

    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("radar-typescript");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        _kafka.Dispose();
        _redis.Dispose();
        return Task.CompletedTask;
    }

    [RequiresFact(Need.Npm)]
    public async Task Generated_client_compiles_and_reads_every_route()
    {
        _kafka.CreateTopic(Topic, Partitions);
        await using var world = await StartAsync(_redis.Address, _kafka.BootstrapServers);
        await world.TakeInAsync(0, [Tick("A", 10m, Noon - 86_400_000), Tick("A", 11.5m), Tick("A", 12.25m, Noon + 60_000)]);
        await world.TakeInAsync(1, [Tick("B", 8m)]);
        await world.TakeInAsync(2, [Tick("XBT/USD", 60000.5m)]);
        await world.UntilAsync("/api/v2/lag", lag => (long?)lag["messages"] == 0);
        foreach (string file in Files)
            File.Copy(Repository.File($"Radar.Tests/Client/TypeScript/{file}"), Path.Combine(_folder.FullName, file));
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "openapi.json"), await world.Http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));

        await RunAsync("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        await RunAsync("npm", "run", "generate");
        await RunAsync("npm", "run", "compile");
        string read = await RunAsync("node", "built/reads.js", world.App.Urls.Single());

        var expected = new JsonObject
        {
            ["ticker"] = 60000.5,
            ["symbol"] = "XBT/USD",
            ["v1"] = 8,
            ["history"] = 3,
            ["unknown"] = new JsonArray(404, "symbol"),
            ["refused"] = new JsonArray(400, "limit"),
            ["trades"] = new JsonArray(10, 11.5, 12.25),
            ["pages"] = 1,
            ["bars"] = new JsonArray(10, 12.25),
            ["gainer"] = "A",
            ["snapshots"] = new JsonArray("A", "B"),
            ["symbols"] = new JsonArray("A", "B", "XBT/USD"),
            ["tickers"] = 2,
            ["lag"] = 0,
            ["dead_letters"] = 0,
            ["stream"] = "snapshot",
        };
        Assert.Equal(expected.ToJsonString(), JsonNode.Parse(read)!.ToJsonString());
    }

    /// <returns>What it printed.</returns>
    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(ProgramPath.Find(program)!, arguments)
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(info)!;
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {output}{errors}");
        return output;
    }
}
