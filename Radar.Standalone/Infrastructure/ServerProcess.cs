using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace Radar.Standalone.Infrastructure;

/// <summary>A server that runs as a child process in a temporary directory of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int LinesKept = 30;
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly string program;
    private readonly ProcessStartInfo info;
    private readonly ConcurrentQueue<string> lastLines = new();
    private readonly string directory;
    private Process process;

    private ServerProcess(string program, IEnumerable<string> arguments, string directory)
    {
        this.program = program;
        this.directory = directory;
        // Ctrl+C in a terminal reaches the children, too. A server that stopped by itself at that moment would leave the services, which
        // still have work to finish, without it; so it starts with that signal ignored and ends with Dispose.
        info = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(program, arguments) { CreateNewProcessGroup = true }
            : new ProcessStartInfo("/bin/sh", ["-c", "trap '' INT; exec \"$@\"", "sh", program, .. arguments]);
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        info.RedirectStandardInput = true;
        info.WorkingDirectory = directory;
        try
        {
            process = Launch();
        }
        catch
        {
            Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    /// <summary>The server's process id.</summary>
    public int Id => process.Id;

    /// <summary>A new empty directory for a server's data.</summary>
    public static string NewDirectory(string name) => Directory.CreateTempSubdirectory($"radar-{name}-").FullName;

    /// <summary>
    /// Starts a server in <paramref name="directory"/>, which is deleted at the end, and waits until it <paramref name="answers"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">It cannot be started, ended, or took a minute; with its last lines.</exception>
    public static async Task<ServerProcess> StartAsync(
        string program, IEnumerable<string> arguments, string directory, Func<Task<bool>> answers, CancellationToken cancellationToken)
    {
        var server = new ServerProcess(program, arguments, directory);
        try
        {
            await server.WaitUntilAsync(answers, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program to its end; where it fails, <paramref name="directory"/> is deleted.</summary>
    /// <exception cref="InvalidOperationException">It cannot be started, or fails; with its last lines.</exception>
    public static async Task RunAsync(string program, IEnumerable<string> arguments, string directory, CancellationToken cancellationToken)
    {
        var run = new ServerProcess(program, arguments, directory);
        try
        {
            await run.process.WaitForExitAsync(cancellationToken);
            if (run.process.ExitCode != 0)
                throw run.Failed($"ended with exit code {run.process.ExitCode}");
            run.process.Dispose();
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the process at once, as a crash would; its directory stays.</summary>
    public void Kill()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    /// <summary>Starts a killed server again in the same directory.</summary>
    public async Task RestartAsync(Func<Task<bool>> answers, CancellationToken cancellationToken)
    {
        process.Dispose();
        process = Launch();
        await WaitUntilAsync(answers, cancellationToken);
    }

    /// <summary>Ends the process and deletes its directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private Process Launch()
    {
        var started = new Process { StartInfo = info };
        started.OutputDataReceived += (_, line) => Keep(line.Data);
        started.ErrorDataReceived += (_, line) => Keep(line.Data);
        try
        {
            started.Start();
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{program} cannot be started: {e.Message}", e);
        }

        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        started.StandardInput.Close();
        return started;
    }

    private async Task WaitUntilAsync(Func<Task<bool>> answers, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await answers())
        {
            if (process.HasExited)
                throw Failed($"ended with exit code {process.ExitCode}");
            if (Stopwatch.GetElapsedTime(start) > StartPatience)
                throw Failed($"did not answer within {StartPatience.TotalSeconds:0} s");
            await Task.Delay(ProbePause, TimeProvider.System, cancellationToken);
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lastLines.Enqueue(line);
        while (lastLines.Count > LinesKept)
            lastLines.TryDequeue(out _);
    }

    private InvalidOperationException Failed(string how) =>
        new($"{program} {how}.{Environment.NewLine}{string.Join(Environment.NewLine, lastLines)}");
}
