using System.ComponentModel;
using System.Diagnostics;

namespace Radar.AppHost;

/// <summary>Finds out whether a container engine answers; that its client is installed does not mean that.</summary>
internal static class ContainerEngine
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    // Aspire's own variable, and its own default.
    private static string Client => Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") ?? "docker";

    public static bool Answers() => Answers(Client) || (Client == "docker" && Answers("podman"));

    private static bool Answers(string client)
    {
        try
        {
            var info = new ProcessStartInfo(client, ["info"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(info)!;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (process.WaitForExit(AnswerTimeout))
                return process.ExitCode == 0;
            process.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            return false; // not installed
        }
    }
}
