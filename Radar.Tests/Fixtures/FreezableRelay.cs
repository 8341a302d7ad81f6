using System.Net;
using System.Net.Sockets;

namespace Radar.Tests.Fixtures;

/// <summary>
/// A loopback port that hands connections on to a server, and can freeze: connections stay open, and nothing comes back any more.
/// </summary>
internal sealed class FreezableRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _server;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];
    private volatile TaskCompletionSource _thawed = new();

    public FreezableRelay(string server)
    {
        _server = IPEndPoint.Parse(server);
        _thawed.SetResult();
        _listener.Start();
        Run(AcceptAsync);
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>From here on no answer of the server arrives, as if it was stopped by a signal.</summary>
    public void Freeze() => _thawed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What waits arrives, and all goes on.</summary>
    public void Thaw() => _thawed.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Thaw();
        _listener.Dispose();
        Task[] running;
        lock (_running)
            running = [.. _running];
        await Task.WhenAll(running);
        _stopping.Dispose();
    }

    private void Run(Func<Task> run)
    {
        lock (_running)
            _running.Add(Task.Run(async () =>
            {
                try
                {
                    await run();
                }
                catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
                {
                    // One of the two ends has gone, or the test is over.
                }
            }));
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
            Run(async () =>
            {
                using (client)
                {
                    using var server = new TcpClient();
                    await server.ConnectAsync(_server, _stopping.Token);
                    await Task.WhenAny(PumpAsync(client.GetStream(), server.GetStream(), freezes: false),
                        PumpAsync(server.GetStream(), client.GetStream(), freezes: true));
                }
            });
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, bool freezes)
    {
        var bytes = new byte[64 * 1024];
        while (await from.ReadAsync(bytes, _stopping.Token) is > 0 and var read)
        {
            if (freezes)
                await _thawed.Task.WaitAsync(_stopping.Token);
            await to.WriteAsync(bytes.AsMemory(0, read), _stopping.Token);
        }
    }
}
