using System.Net;
using System.Net.Sockets;

namespace Radar.Standalone.Infrastructure;

/// <summary>Finds and checks ports for servers that cannot report which one they took.</summary>
internal static class LoopbackPort
{
    private const int Attempts = 5;

    // Below those that Linux (32768 and up), macOS and Windows (49152 and up) give to whoever does not ask for a certain one, so that a
    // server which starts later, or again on its port, does not find somebody there by chance.
    private const int First = 20_000, Count = 12_768;
    private const string Taken = "Address already in use"; // the text of Java and redis-server

    private static int _next = Random.Shared.Next(Count);

    /// <summary>
    /// Returns <paramref name="wanted"/>, or a free port for 0: another one each time. The port is bound for a moment, so one that is
    /// taken fails here and with a plain <see cref="SocketException"/>.
    /// </summary>
    public static int Free(int wanted = 0)
    {
        for (int attempt = 0; wanted == 0 && attempt < Count; attempt++)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            try
            {
                return Bind(port);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Somebody has it, or Windows keeps it for itself.
            }
        }

        return Bind(wanted);
    }

    /// <summary>
    /// Starts a server on <paramref name="wanted"/>, or for 0 on a free port: on another where somebody took that one before the server
    /// did.
    /// </summary>
    public static T Start<T>(int wanted, Func<int, T> start)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return start(Free(wanted));
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && wanted == 0 && attempt < Attempts)
            {
                // Nobody asked for this port.
            }
        }
    }

    /// <summary>The same for a server process, which reports it in its last lines.</summary>
    public static async Task<T> StartAsync<T>(int wanted, Func<int, Task<T>> start)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await start(Free(wanted));
            }
            catch (InvalidOperationException e) when (
                e.Message.Contains(Taken, StringComparison.Ordinal) && wanted == 0 && attempt < Attempts)
            {
                // Nobody asked for this port.
            }
        }
    }

    private static int Bind(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
