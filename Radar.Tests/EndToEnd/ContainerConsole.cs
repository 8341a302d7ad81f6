using System.Collections.Concurrent;
using System.Diagnostics;
using Radar.Tests.Fixtures;

namespace Radar.Tests.EndToEnd;

/// <summary>
/// The console of a container as its engine gives it, to the container's end: Aspire reads it no more once the AppHost stops.
/// </summary>
internal sealed class ContainerConsole
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    public ContainerConsole(string resource, string container)
    {
        Resource = resource;
        var info = new ProcessStartInfo(Requirement.ContainerEngine!, ["logs", "--follow", "--tail", "0", container])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(info)!;
        _process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Resource { get; }

    /// <summary>Its lines since then, when the container has ended.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        using (_process)
        {
            try
            {
                await _process.WaitForExitAsync().WaitAsync(RunningAppHost.Limit);
            }
            catch (TimeoutException)
            {
                _process.Kill();
                throw;
            }
        }

        return [.. _lines];
    }
}
