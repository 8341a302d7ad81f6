using System.Net;
using System.Net.Sockets;

namespace Radar.Standalone.Infrastructure;

/// <summary>Hands the connections of one loopback port to another, byte by byte.</summary>
internal sealed class TcpRelay : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    private readonly TcpListener _listener;
    private readonly int _target;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    private TcpRelay(TcpListener listener, int target)
    {
        _listener = listener;
        _target = target;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Listens on <paramref name="port"/>; throws <see cref="SocketException"/> where it is taken.</summary>
    public static TcpRelay Start(int port, int target)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return new TcpRelay(listener, target);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
        _accepting.GetAwaiter().GetResult();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.RemoveAll(connection => connection.IsCompleted);
                if (await TryAcceptAsync() is { } incoming)
                    connections.Add(RelayAsync(incoming));
            }
        }
        catch (Exception e) when (_stopping.IsCancellationRequested
            && e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(connections);
        }
    }

    /// <summary>Null where a client went away before it was let in, or where there is no room for one more.</summary>
    private async Task<Socket?> TryAcceptAsync()
    {
        try
        {
            return await _listener.AcceptSocketAsync(_stopping.Token);
        }
        catch (SocketException) when (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(RetryPause, TimeProvider.System, _stopping.Token);
            return null;
        }
    }

    private async Task RelayAsync(Socket incoming)
    {
        using var left = new NetworkStream(incoming, ownsSocket: true);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        try
        {
            incoming.NoDelay = true;
            await socket.ConnectAsync(IPAddress.Loopback, _target, ended.Token);
            using var right = new NetworkStream(socket);
            var copies = new[] { left.CopyToAsync(right, ended.Token), right.CopyToAsync(left, ended.Token) };
            await Task.WhenAny(copies);
            await ended.CancelAsync(); // whichever side closed, the other is closed with it
            await Task.WhenAll(copies);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // A client that went away; it sees a closed connection and connects again if it wants to.
        }
    }
}
