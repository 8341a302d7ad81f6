using System.Diagnostics;
using System.Text.RegularExpressions;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Deploy;

/// <summary>
/// deploy/compose.yaml on this machine's container engine, with volumes, ports and secrets of its own. The images of Radar are those of
/// the Dockerfile without its build: the services are taken from where this build put them.
/// </summary>
internal sealed partial class ComposeProject : IAsyncDisposable
{
    /// <summary>The services of Radar, as the compose file and the Dockerfile name them.</summary>
    public static readonly string[] Services = ["producer", "consumer", "api"];

    private static readonly string[] Servers = ["kafka", "redis"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    // As in the compose file: a stop that takes longer is none.
    private static readonly string[] Grace = ["-t", "40"];

    private readonly string _name = $"radar-test-{Guid.NewGuid():N}"[..20];
    private readonly string _folder = Directory.CreateTempSubdirectory("radar-compose-").FullName;
    private readonly Dictionary<string, string> _environment = [];

    private ComposeProject()
    {
        foreach (string secret in new[] { "REDIS_PASSWORD", "OTLP_KEY", "DASHBOARD_TOKEN" })
            _environment[secret] = Guid.NewGuid().ToString("N");
        _environment["API_LISTEN"] = Address["http://".Length..];
        _environment["DASHBOARD_LISTEN"] = $"127.0.0.1:{LoopbackPort.Free()}";
        _environment["RADAR_IMAGES"] = $"localhost/{_name}";
    }

    /// <summary>Why a compose file cannot be run here: an engine, its compose or an image is missing. Null where it can.</summary>
    public static string? Missing { get; } = Requirement.Images([.. Servers.Select(Image), RuntimeImage()]) ?? (Command() is null
        ? "needs docker compose, or podman-compose beside podman"
        : null);

    /// <summary>Where the API is.</summary>
    public string Address { get; } = $"http://127.0.0.1:{LoopbackPort.Free()}";

    private static string Engine => Requirement.ContainerEngine!;

    /// <summary>Builds the images and starts everything; the dashboard only where its image is here.</summary>
    public static async Task<ComposeProject> UpAsync()
    {
        var project = new ComposeProject();
        try
        {
            await project.BuildAsync();
            string[] dashboard = Requirement.Images([Image("dashboard")]) is null ? ["dashboard"] : [];
            await project.ComposeAsync(["up", "--detach", "--no-build", .. Servers, .. dashboard, .. Services]);
            return project;
        }
        catch
        {
            await project.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops a service as an operator does, and starts it again.</summary>
    public Task RestartAsync(string service) => ComposeAsync(["restart", .. Grace, service]);

    /// <summary>Stops a service for good.</summary>
    /// <returns>The exit codes of its containers.</returns>
    public async Task<string[]> StopAsync(string service)
    {
        await ComposeAsync(["stop", .. Grace, service]);
        return await InspectAsync(service, "{{.State.ExitCode}}");
    }

    /// <summary>What the engine says about each container of a service.</summary>
    public async Task<string[]> InspectAsync(string service, string format) =>
        [.. (await RunAsync(Engine, ["inspect", "--format", format, .. await ContainersAsync(service)])).Split(
            '\n', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Runs a program in the first container of a service; a wrong exit code fails the test.</summary>
    public async Task<string> ExecAsync(string service, params string[] command) =>
        await RunAsync(Engine, ["exec", (await ContainersAsync(service))[0], .. command]);

    /// <summary>The same where any exit code will do; with what it writes of errors.</summary>
    public async Task<(int ExitCode, string Text)> AskAsync(string service, params string[] command)
    {
        var (exitCode, output, errors) = await EndAsync(Engine, ["exec", (await ContainersAsync(service))[0], .. command]);
        return (exitCode, output + errors);
    }

    /// <summary>The last lines of each container, for the message of a test that fails.</summary>
    public async Task<string> LogsAsync()
    {
        var logs = new List<string>();
        foreach (string service in Services)
        {
            foreach (string container in await ContainersAsync(service))
                logs.Add($"--- {service}\n" + await RunAsync(Engine, ["logs", "--tail", "15", container], withErrors: true));
        }

        return string.Join('\n', logs);
    }

    public async ValueTask DisposeAsync()
    {
        await ComposeAsync(["down", "--volumes", "-t", "5"]);
        await RunAsync(Engine, ["network", "rm", "--force", _name], isOptional: true); // podman-compose leaves it
        var images = Services.Select(service => $"{_environment["RADAR_IMAGES"]}-{service}");
        await RunAsync(Engine, ["rmi", "--force", .. images], isOptional: true);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The image of a service in the compose file, where it is not one of Radar's.</summary>
    internal static string Image(string service) =>
        Regex.Match(ComposeText(), $@"\n  {service}:\n(?:    .*\n)*?    image: \$\{{\w+:-([^}}]+)\}}").Groups[1].Value;

    private static string ComposeText() => File.ReadAllText(Repository.File("deploy/compose.yaml"));

    private static string RuntimeImage() =>
        RuntimeArgument().Match(File.ReadAllText(Repository.File("Dockerfile"))).Groups[1].Value;

    private static string[]? Command() => Requirement.ContainerEngine switch
    {
        "podman" => ProgramPath.Find("podman-compose") is null ? null : ["podman-compose"],
        { } docker => Requirement.Succeeds(docker, "compose", "version") ? [docker, "compose"] : null,
        null => null,
    };

    private async Task BuildAsync()
    {
        string build = Path.GetRelativePath(Repository.File("Radar.Tests"), AppContext.BaseDirectory); // bin/Release/net10.0
        foreach (string service in Services)
        {
            string name = char.ToUpperInvariant(service[0]) + service[1..];
            Copy(Repository.File(Path.Combine($"Radar.{name}", build)), Path.Combine(_folder, "out", name));
        }

        foreach (string service in Services)
        {
            await RunAsync(Engine,
            [
                "build", "--quiet", "--pull=false", "--build-context", "build=" + _folder, "--target", service,
                "--tag", $"{_environment["RADAR_IMAGES"]}-{service}:latest", "--file", Repository.File("Dockerfile"),
                .. Engine == "podman" ? ["--format", "docker"] : Array.Empty<string>(), // the other format has no health check
                Repository.Root,
            ]);
        }
    }

    /// <summary>What belongs to the program: not other builds in its folder, nor native libraries of other systems.</summary>
    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        string runtimes = Path.Combine(from, "runtimes");
        foreach (string file in Directory.Exists(runtimes) ? Directory.EnumerateFiles(runtimes, "*", SearchOption.AllDirectories) : [])
        {
            string name = Path.GetRelativePath(from, file);
            if (!name.Split(Path.DirectorySeparatorChar)[1].StartsWith("linux", StringComparison.Ordinal))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, name))!);
            File.Copy(file, Path.Combine(to, name));
        }
    }

    private Task<string> ComposeAsync(string[] arguments)
    {
        string[] command = Command()!;
        string[] files = ["-f", Repository.File("deploy/compose.yaml")];
        if (Engine == "podman")
        {
            // Older podman resolves names neither in a network without a way out, nor for sure in the second of two.
            string file = Path.Combine(_folder, "podman.yaml");
            File.WriteAllText(file, $"networks:\n  inside: {{ internal: false, name: {_name} }}\n  outside: {{ name: {_name} }}\n");
            files = [.. files, "-f", file];
        }

        return RunAsync(command[0], [.. command[1..], "-p", _name, .. files, .. arguments]);
    }

    private async Task<string[]> ContainersAsync(string service) => (await RunAsync(Engine,
        [
            "ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=" + _name,
            "--filter", "label=com.docker.compose.service=" + service,
        ])).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private async Task<string> RunAsync(string program, string[] arguments, bool withErrors = false, bool isOptional = false)
    {
        var (exitCode, output, errors) = await EndAsync(program, arguments);
        Assert.True(isOptional || exitCode == 0, $"{program} {string.Join(' ', arguments)}: {output} {errors}");
        return withErrors ? output + errors : output;
    }

    private async Task<(int ExitCode, string Output, string Errors)> EndAsync(string program, string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in _environment)
            info.Environment[name] = value;
        using var process = Process.Start(info)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Limit);
        await process.WaitForExitAsync().WaitAsync(Limit);
        return (process.ExitCode, output, await errors);
    }

    [GeneratedRegex(@"^ARG ASPNET_IMAGE=(\S+)", RegexOptions.Multiline)]
    private static partial Regex RuntimeArgument();
}
