using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using Garnet;
using Garnet.common;
using Garnet.server;
using Microsoft.Extensions.Logging;

namespace Radar.Standalone.Infrastructure;

/// <summary>
/// A Redis server inside this process: Garnet on a loopback port, all in memory, with Lua scripts that run as transactions.
/// </summary>
/// <remarks>
/// Garnet has no <c>noeviction</c>: what exceeds its memory is dropped without a word. So it may have half of the machine's, of which it
/// takes what it needs, page by page.
/// </remarks>
public sealed class EmbeddedRedis : IDisposable, IServerSwitch
{
    private const long LeastMemoryMb = 512;

    private readonly int _port;
    private readonly ILoggerFactory? _loggers;
    private GarnetServer? _server;

    private EmbeddedRedis(GarnetServer server, int port, ILoggerFactory? loggers)
    {
        (_server, _port, _loggers) = (server, port, loggers);
        Address = "127.0.0.1:" + port.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Where clients connect, <c>host:port</c>.</summary>
    public string Address { get; }

    /// <summary>Starts a server on <paramref name="port"/>; 0 takes a free one.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static EmbeddedRedis Start(int port = 0, ILoggerFactory? loggers = null) =>
        LoopbackPort.Start(port, free => StartOn(free, loggers));

    /// <summary>Ends the server; its data is gone.</summary>
    public void Dispose() => _server?.Dispose();

    /// <inheritdoc/>
    bool IServerSwitch.IsUp => _server is not null;

    /// <inheritdoc/>
    string IServerSwitch.Keeps =>
        "It is in memory: what it held is gone, and the consumer builds it again from the log, as far back as that reaches.";

    /// <inheritdoc/>
    Task IServerSwitch.StopAsync()
    {
        _server?.Dispose();
        _server = null;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    Task IServerSwitch.StartAsync(CancellationToken cancellationToken)
    {
        _server ??= Serve(_port, _loggers);
        return Task.CompletedTask;
    }

    /// <summary>Starts a server on a port that was free a moment ago.</summary>
    internal static EmbeddedRedis StartOn(int port, ILoggerFactory? loggers) => new(Serve(port, loggers), port, loggers);

    private static GarnetServer Serve(int port, ILoggerFactory? loggers)
    {
        var options = new GarnetServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
            QuietMode = true,
            EnableLua = true,
            LuaTransactionMode = true,
            LuaOptions = new LuaOptions(),
            LogMemorySize = string.Create(CultureInfo.InvariantCulture, $"{MemoryMb()}m"),
            PageSize = "4m",
            IndexMemorySize = "16m",
            MaxDatabases = 1,
        };
        var server = new GarnetServer(options, loggers);
        try
        {
            server.Start();
            return server;
        }
        catch (GarnetException e) when (e.InnerException is SocketException taken)
        {
            server.Dispose();
            throw new SocketException((int)taken.SocketErrorCode);
        }
    }

    /// <summary>Half of the memory that this process may use, rounded down to the power of two that Garnet asks for.</summary>
    private static long MemoryMb() =>
        Math.Max(LeastMemoryMb, (long)BitOperations.RoundUpToPowerOf2(
            (ulong)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 21) + 1) / 2);
}
