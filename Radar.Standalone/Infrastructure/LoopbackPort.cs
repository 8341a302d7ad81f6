using System.Net;
using System.Net.Sockets;

namespace Radar.Standalone.Infrastructure;

/// <summary>Finds and checks ports for servers that cannot report which one they took.</summary>
internal static class LoopbackPort
{
    private const int Attempts = 5;
    private const string Taken = "Address already in use"; // the text of Java and redis-server

    /// <summary>
    /// Returns <paramref name="wanted"/>, or a free port for 0. The port is bound for a moment, so one that is taken fails here and
    /// with a plain <see cref="SocketException"/>.
    /// </summary>
    public static int Free(int wanted = 0)
    {
        using var listener = new TcpListener(IPAddress.Loopback, wanted);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
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
}
