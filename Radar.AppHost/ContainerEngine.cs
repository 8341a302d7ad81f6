using System.ComponentModel;
using System.Diagnostics;

namespace Radar.AppHost;

/// <summary>Finds out whether a container can be run here; that an engine's client is installed, or answers, does not mean that.</summary>
internal static class ContainerEngine
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PullTimeout = TimeSpan.FromMinutes(10);

    // Aspire's own variable, and its own default.
    private static string Client => Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") ?? "docker";

    /// <summary>The client of an engine that answers; null where none does.</summary>
    public static string? Find() =>
        Answers(Client) ? Client
        : Client == "docker" && Answers("podman") ? "podman"
        : null;

    /// <summary>Runs a container that ends at once, and pulls its image where that is missing.</summary>
    /// <param name="client">Of the engine.</param>
    /// <param name="image">Of a server that would be run.</param>
    /// <returns>Why it cannot be run, as the engine says it; null where it can.</returns>
    public static string? Fault(string client, string image)
    {
        var (exitCode, error) = Run(client, PullTimeout, "run", "--rm", "--entrypoint", "true", image) ?? (1, "it does not answer");
        return exitCode == 0 ? null
            : error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault()
                ?? $"exit code {exitCode}";
    }

    private static bool Answers(string client) => Run(client, AnswerTimeout, "info")?.ExitCode == 0;

    private static (int ExitCode, string Error)? Run(string client, TimeSpan limit, params string[] arguments)
    {
        try
        {
            var info = new ProcessStartInfo(client, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(info)!;
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            var error = process.StandardError.ReadToEndAsync();
            if (process.WaitForExit(limit))
                return (process.ExitCode, error.GetAwaiter().GetResult());
            process.Kill(entireProcessTree: true);
            return null;
        }
        catch (Win32Exception)
        {
            return null; // not installed
        }
    }
}
