using System.Diagnostics;
using System.Reflection;
using Radar.Api.Http.Page;
using Radar.Standalone.Infrastructure;

namespace Radar.Tests.Fixtures;

/// <summary>What a test may need of this machine beyond the .NET SDK.</summary>
public enum Need
{
    /// <summary>Apache Kafka 4 and a Java for it.</summary>
    KafkaHome,

    /// <summary><c>redis-server</c> or <c>valkey-server</c>.</summary>
    RedisServer,

    /// <summary>Images of Kafka and Redis, and an engine that runs them.</summary>
    Containers,

    /// <summary>The same, with a compose command and the image that services run on.</summary>
    Compose,

    /// <summary>The system's Python with a Kafka client.</summary>
    PythonKafka,

    /// <summary>A browser.</summary>
    Chromium,

    /// <summary>Prometheus' checker of rules.</summary>
    Promtool,

    /// <summary>Node.js with its package manager.</summary>
    Npm,

    /// <summary>Recorded market data; see <see cref="Fixtures.SharedData"/>.</summary>
    SharedData,

    /// <summary>The page's chart library.</summary>
    ChartLibrary,

    /// <summary>A broker whose answers can be delayed; see <see cref="Fixtures.SlowBroker"/>.</summary>
    SlowBroker,

    /// <summary>Processes that can be stopped and ended by a signal.</summary>
    Signals,

    /// <summary>Symbolic links that anybody may make.</summary>
    Links,

    /// <summary>Pipes in the file system.</summary>
    NamedPipes,

    /// <summary>Open files and threads of a process, in <c>/proc</c>.</summary>
    Proc,

    /// <summary>A build with <c>AspirePublishPackages=true</c>.</summary>
    PublishPackages,

    /// <summary>A build without it.</summary>
    NoPublishPackages,
}

/// <summary>Why something that a test needs is missing on this machine; null where it is there.</summary>
internal static class Requirement
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    /// <summary>Why the first that is missing is missing; null where all are there.</summary>
    public static string? Missing(IEnumerable<Need> needs) => needs.Select(Missing).FirstOrDefault(missing => missing is not null);

    /// <summary>The same of what <see cref="RequiresAttribute"/> names at a type.</summary>
    public static string? MissingFor(Type type) =>
        Missing(type.GetCustomAttributes(inherit: true).OfType<RequiresAttribute>().SelectMany(requires => requires.Needs));

    private static string? Missing(Need need) => need switch
    {
        Need.KafkaHome => KafkaHome,
        Need.RedisServer => RedisServer,
#if ASPIRE
        Need.Containers => EndToEnd.Containers.Missing,
#else
        Need.Containers => "needs the build with the Aspire packages",
#endif
        Need.Compose => Deploy.ComposeProject.Missing,
        Need.PythonKafka => PythonKafka,
        Need.Chromium => Chromium,
        Need.Promtool => Promtool,
        Need.Npm => Npm,
        Need.SharedData => SharedData.Missing,
        Need.ChartLibrary => ChartLibrary.Files().Count() == 1 ? "needs the chart library, which the build could not download" : null,
        Need.SlowBroker => SlowBroker.Missing,
        Need.Signals => OperatingSystem.IsWindows() ? "needs signals, which Windows does not have" : null,
        Need.Links => OperatingSystem.IsWindows() ? "needs symbolic links, for which Windows wants a right" : null,
        Need.NamedPipes => File.Exists("/usr/bin/mkfifo") ? null : "needs mkfifo",
        Need.Proc => OperatingSystem.IsLinux() ? null : "needs /proc, which Linux has",
        Need.PublishPackages => HasPublishPackages ? null : "needs a build with AspirePublishPackages=true",
        Need.NoPublishPackages => HasPublishPackages ? "needs a build without AspirePublishPackages=true" : null,
        _ => throw new ArgumentOutOfRangeException(nameof(need)),
    };

    private static bool HasPublishPackages =>
        Assembly.Load("Radar.AppHost").GetReferencedAssemblies().Any(name => name.Name == "Aspire.Hosting.Docker");

    private static string? KafkaHome { get; } = MissingKafka();

    private static string? RedisServer { get; } = Radar.Standalone.Infrastructure.RedisServer.Find() is null
        ? "needs redis-server (or valkey-server) on the path"
        : null;

    /// <summary>The system's Python; others on the path do not see Debian's packages.</summary>
    public const string Python = "/usr/bin/python3";

    private static string? PythonKafka { get; } = Directory.Exists("/usr/lib/python3/dist-packages/confluent_kafka")
        ? null
        : "needs Debian's python3-confluent-kafka";

    private static string? Chromium { get; } = Page.Chromium.Find() is null
        ? $"needs Chromium or Chrome on the path, or {Page.Chromium.PathVariable} set to its program"
        : null;

    private static string? Promtool { get; } = ProgramPath.Find("promtool") is null
        ? "needs promtool on the path (Debian's package prometheus)" : null;

    private static string? Npm { get; } = ProgramPath.Find("npm") is null || ProgramPath.Find("node") is null
        ? "needs Node.js 20 or later, with npm, on the path" : null;

    /// <summary>The client of a container engine that answers: the one that Aspire would use. Null where none does.</summary>
    public static string? ContainerEngine { get; } = FindEngine();

    /// <summary>Why containers of these images cannot be started here. None is pulled: that is no test's business.</summary>
    public static string? Images(IEnumerable<string> images) =>
        ContainerEngine is not { } engine
            ? "needs a container engine that answers, docker or podman"
            : images.FirstOrDefault(image => !Succeeds(engine, "image", "inspect", image)) is { } missing
                ? $"needs the container image {missing} ({engine} pull {missing})"
                : null;

    private static string? FindEngine() =>
        Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") is { Length: > 0 } named
            ? Array.Find([named], client => Succeeds(client, "info"))
            : Array.Find(["docker", "podman"], client => Succeeds(client, "info"));

    /// <summary>Whether a program is here and answers with exit code 0.</summary>
    public static bool Succeeds(string program, params string[] arguments)
    {
        if (ProgramPath.Find(program) is not { } path)
            return false;
        var info = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(info)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (process.WaitForExit(AnswerLimit))
            return process.ExitCode == 0;
        process.Kill(entireProcessTree: true); // one that hangs does not answer
        return false;
    }

    private static string? MissingKafka() =>
        Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable) is not { Length: > 0 } home
            ? "needs Apache Kafka 4: set KAFKA_HOME to its unpacked download"
            : !Directory.Exists(Path.Combine(home, "libs"))
                ? $"needs Apache Kafka 4: KAFKA_HOME={home} has no libs"
                : ApacheKafka.FindJava() is null
                    ? "needs Java 17 for Apache Kafka: set JAVA_HOME or put java on the path"
                    : null;
}
