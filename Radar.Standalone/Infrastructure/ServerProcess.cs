using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace Radar.Standalone.Infrastructure;

/// <summary>A server that runs as a child process in a temporary directory of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int LinesKept = 30;

    /// <summary>
    /// Ctrl+C in a terminal, and its closing, reach the children, too. A server that stopped by itself at that moment would leave the
    /// services, which still have work to finish, without it. To ignore the signals is not enough, since redis-server handles them; so it
    /// runs in a session of its own (macOS has no setsid, but Perl). And it ends with this process whatever befalls that: standard input
    /// is closed then. A line on standard input asks the server to end in order.
    /// </summary>
    private const string Guard = """
        trap '' INT HUP
        if command -v setsid >/dev/null; then set -- setsid "$@"
        elif command -v perl >/dev/null; then set -- perl -MPOSIX -e 'POSIX::setsid(); exec @ARGV' "$@"
        fi
        exec 3<&0
        "$@" </dev/null 3<&- & server=$!
        trap 'kill -9 $server' TERM
        (read -r asked <&3 && kill $server && read -r closed <&3; kill -9 $server) & watch=$!
        wait $server; code=$?
        kill -9 $watch
        exit $code
        """;

    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly string _program;
    private readonly ProcessStartInfo _info;
    private readonly ConcurrentQueue<string> _lastLines = new();
    private readonly string _directory;
    private Process _process;

    private ServerProcess(string program, IEnumerable<string> arguments, string directory)
    {
        _program = program;
        _directory = directory;
        _info = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(program, arguments) { CreateNewProcessGroup = true }
            : new ProcessStartInfo("/bin/sh", ["-c", Guard, "sh", program, .. arguments]);
        _info.RedirectStandardOutput = true;
        _info.RedirectStandardError = true;
        _info.RedirectStandardInput = true;
        _info.WorkingDirectory = directory;
        try
        {
            _process = Launch();
        }
        catch
        {
            Directory.Delete(directory, recursive: true);
            throw;
        }
    }

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
            await run._process.WaitForExitAsync(cancellationToken);
            if (run._process.ExitCode != 0)
                throw run.Failed($"ended with exit code {run._process.ExitCode}");
            run._process.Dispose();
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
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    /// <summary>Asks the process to end in order, by SIGTERM; one that does not within <paramref name="limit"/> is killed.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        if (OperatingSystem.IsWindows())
        {
            Kill(); // there is no such signal
            return;
        }

        await _process.StandardInput.WriteLineAsync("end");
        await _process.StandardInput.FlushAsync();
        await EndedAsync(limit);
    }

    /// <summary>Waits for a process that was asked to end; one that does not within <paramref name="limit"/> is killed.</summary>
    public async Task EndedAsync(TimeSpan limit)
    {
        await _process.WaitForExitAsync().WaitAsync(limit, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
            Kill();
    }

    /// <summary>True while the process runs.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>Starts a server that ended again in the same directory.</summary>
    public async Task RestartAsync(Func<Task<bool>> answers, CancellationToken cancellationToken)
    {
        _process.Dispose();
        _process = Launch();
        await WaitUntilAsync(answers, cancellationToken);
    }

    /// <summary>Ends the process and deletes its directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private Process Launch()
    {
        var started = new Process { StartInfo = _info };
        started.OutputDataReceived += (_, line) => Keep(line.Data);
        started.ErrorDataReceived += (_, line) => Keep(line.Data);
        try
        {
            started.Start();
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{_program} cannot be started: {e.Message}", e);
        }

        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return started;
    }

    private async Task WaitUntilAsync(Func<Task<bool>> answers, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await answers())
        {
            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(cancellationToken); // for its last lines
                throw Failed($"ended with exit code {_process.ExitCode}");
            }

            if (Stopwatch.GetElapsedTime(start) > StartPatience)
                throw Failed($"did not answer within {StartPatience.TotalSeconds:0} s");
            await Task.Delay(ProbePause, TimeProvider.System, cancellationToken);
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        _lastLines.Enqueue(line);
        while (_lastLines.Count > LinesKept)
            _lastLines.TryDequeue(out _);
    }

    private InvalidOperationException Failed(string how) =>
        new($"{_program} {how}.{Environment.NewLine}{string.Join(Environment.NewLine, _lastLines)}");
}
