using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Radar.Benchmarks;

/// <summary>A program of ours in a process of its own, killed when it is no longer needed.</summary>
internal sealed class BenchProcess : IDisposable
{
    private readonly Process _process;

    /// <param name="assembly">Its name, without extension.</param>
    /// <param name="arguments">Its configuration.</param>
    public BenchProcess(string assembly, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (string argument in (string[])[Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), .. arguments])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
    }

    /// <summary>Resident memory, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>A loopback URL whose port is free now.</summary>
    public static string FreeUrl()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }

    /// <summary>Waits until <paramref name="url"/> answers with success.</summary>
    public static async Task UpAsync(HttpClient http, string url)
    {
        for (int attempt = 0; attempt < 600; attempt++)
        {
            try
            {
                using var response = await http.GetAsync(new Uri(url));
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException($"{url} did not answer in a minute.");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
