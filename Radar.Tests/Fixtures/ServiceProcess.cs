using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Radar.Tests.Fixtures;

/// <summary>A service as a process of its own, for tests that kill it.</summary>
internal sealed partial class ServiceProcess : IDisposable
{
    private readonly Process _process;

    /// <param name="assembly">Name of the service's assembly, which lies beside the tests.</param>
    /// <param name="arguments">Its configuration.</param>
    public ServiceProcess(string assembly, params string[] arguments)
        : this(assembly, new Dictionary<string, string>(), arguments)
    {
    }

    /// <param name="assembly">Name of the service's assembly, which lies beside the tests.</param>
    /// <param name="environment">Variables that it has beside those of the tests.</param>
    /// <param name="arguments">Its configuration.</param>
    public ServiceProcess(string assembly, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[System.IO.Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it wrote so far.</summary>
    public string Output { get; private set; } = "";

    /// <summary>Where it listens: a port that it chose itself, so that nobody else can take it before.</summary>
    public async Task<string> AddressAsync()
    {
        var listening = await Wait.ForAsync(
            () => Task.FromResult(Listening().Match(Output)), static match => match.Success,
            _ => Task.FromResult("the service listens; " + Output));
        return listening.Groups["url"].Value;
    }

    /// <summary>Ends it as a crash would: SIGKILL, no handler runs.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Waits for its own end, and for its last line.</summary>
    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Wait.Limit);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal that .NET has no name for: STOP, CONT.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    [GeneratedRegex(@"Now listening on: (?<url>http\S+)\s")]
    private static partial Regex Listening();

    private void Keep(string? line)
    {
        lock (_process)
            Output += line + "\n";
    }
}
