using System.Diagnostics;
using Radar.Standalone.Infrastructure;

namespace Radar.Tests.Fixtures;

/// <summary>What a test may need of this machine beyond the .NET SDK; each says why it is missing, or null where it is there.</summary>
internal static class Requirement
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    public static string? KafkaHome { get; } = MissingKafka();

    public static string? RedisServer { get; } = Radar.Standalone.Infrastructure.RedisServer.Find() is null
        ? "needs redis-server (or valkey-server) on the path"
        : null;

    /// <summary>The system's Python; others on the path do not see Debian's packages.</summary>
    public const string Python = "/usr/bin/python3";

    public static string? PythonKafka { get; } = Directory.Exists("/usr/lib/python3/dist-packages/confluent_kafka")
        ? null
        : "needs Debian's python3-confluent-kafka";

    public static string? Chromium { get; } = Page.Chromium.Find() is null
        ? $"needs Chromium or Chrome on the path, or {Page.Chromium.PathVariable} set to its program"
        : null;

    public static string? Promtool { get; } = ProgramPath.Find("promtool") is null
        ? "needs promtool on the path (Debian's package prometheus)" : null;

    public static string? Npm { get; } = ProgramPath.Find("npm") is null || ProgramPath.Find("node") is null
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

    /// <summary>Skips the test, a <c>SkippableFact</c>, with the first reason that is not null.</summary>
    public static void Need(params string?[] missing)
    {
        string? reason = Array.Find(missing, candidate => candidate is not null);
        Skip.If(reason is not null, reason);
    }

    private static string? FindEngine() =>
        Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") is { Length: > 0 } named
            ? Array.Find([named], client => Succeeds(client, "info"))
            : Array.Find(["docker", "podman"], client => Succeeds(client, "info"));

    private static bool Succeeds(string program, params string[] arguments)
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

/// <summary>A test on a real Apache Kafka broker; see <see cref="KafkaHome"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresKafkaHomeFactAttribute : FactAttribute
{
    public RequiresKafkaHomeFactAttribute() => Skip = Requirement.KafkaHome;
}

/// <summary>A test on a real Redis or Valkey server.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresRedisServerFactAttribute : FactAttribute
{
    public RequiresRedisServerFactAttribute() => Skip = Requirement.RedisServer;
}

/// <summary>A test in a real browser.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresChromiumFactAttribute : FactAttribute
{
    public RequiresChromiumFactAttribute() => Skip = Requirement.Chromium;
}

/// <inheritdoc cref="RequiresChromiumFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresChromiumTheoryAttribute : TheoryAttribute
{
    public RequiresChromiumTheoryAttribute() => Skip = Requirement.Chromium;
}
