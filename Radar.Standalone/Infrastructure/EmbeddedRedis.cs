using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Garnet;
using Garnet.server;
using Microsoft.Extensions.Logging;

namespace Radar.Standalone.Infrastructure;

/// <summary>A Redis server inside this process: Garnet on a loopback port, all in memory, with Lua scripts that run as transactions.</summary>
public sealed class EmbeddedRedis : IDisposable
{
    private readonly GarnetServer server;

    private EmbeddedRedis(GarnetServer server, int port)
    {
        this.server = server;
        Address = "127.0.0.1:" + port.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Where clients connect, <c>host:port</c>.</summary>
    public string Address { get; }

    /// <summary>Starts a server on <paramref name="port"/>; 0 takes a free one.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static EmbeddedRedis Start(int port = 0, ILoggerFactory? loggers = null)
    {
        port = LoopbackPort.Free(port);
        var options = new GarnetServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
            QuietMode = true,
            EnableLua = true,
            LuaTransactionMode = true,
            LuaOptions = new LuaOptions(),
            LogMemorySize = "512m",
            PageSize = "4m",
            IndexMemorySize = "16m",
            MaxDatabases = 1,
        };
        var server = new GarnetServer(options, loggers);
        server.Start();
        return new EmbeddedRedis(server, port);
    }

    /// <summary>Ends the server; its data is gone.</summary>
    public void Dispose() => server.Dispose();
}
