using System.Net;
using System.Net.Sockets;

namespace Radar.Standalone.Infrastructure;

/// <summary>Finds and checks ports for servers that cannot tell which one they took.</summary>
internal static class LoopbackPort
{
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
}
