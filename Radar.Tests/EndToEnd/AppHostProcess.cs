using System.Diagnostics;

namespace Radar.Tests.EndToEnd;

/// <summary>The AppHost as a process of its own, as a publishing tool starts it.</summary>
internal static class AppHostProcess
{
    /// <summary>Runs it to its end, with <paramref name="folder"/> for its files and those that Aspire keeps in a home directory.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string folder, params string[] arguments)
    {
        var info = new ProcessStartInfo("dotnet", ["exec", Program(), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        info.Environment["HOME"] = info.Environment["USERPROFILE"] = folder;
        using var process = Process.Start(info)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(RunningAppHost.Limit) + await errors;
        await process.WaitForExitAsync().WaitAsync(RunningAppHost.Limit);
        return (process.ExitCode, output);
    }

    /// <summary>Where it was built, with what it needs beside it: <c>bin/…</c> as that of the tests.</summary>
    private static string Program()
    {
        string here = AppContext.BaseDirectory;
        int bin = here.LastIndexOf($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal) + 1;
        return Path.Combine(Projects.Radar_AppHost.ProjectPath, here[bin..], "Radar.AppHost.dll"); // of an AppHost the path is its folder
    }
}
