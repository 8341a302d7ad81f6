using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Radar.Standalone.Infrastructure;

/// <summary>The <c>redis-server</c> of this machine as a process of its own, on loopback, with a temporary data directory.</summary>
public sealed class RedisServer : IAsyncDisposable, IServerSwitch
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly ServerProcess _process;
    private readonly int _port;

    private RedisServer(ServerProcess process, int port)
    {
        _process = process;
        _port = port;
    }

    /// <summary>Where clients connect, <c>host:port</c>.</summary>
    public string Address => "127.0.0.1:" + _port.ToString(CultureInfo.InvariantCulture);

    /// <summary>Full path of the first of <c>redis-server</c> and <c>valkey-server</c> on the path, or null.</summary>
    public static string? Find() => ProgramPath.Find("redis-server") ?? ProgramPath.Find("valkey-server");

    /// <summary>Starts a server; returns when it accepts connections.</summary>
    /// <param name="port">Port; 0 takes a free one.</param>
    /// <param name="appendOnly">Whether writes go to an append-only file, so that they outlive <see cref="Kill"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">No server on the path, or it did not start; the message names which.</exception>
    public static async Task<RedisServer> StartAsync(int port = 0, bool appendOnly = false, CancellationToken cancellationToken = default)
    {
        string program = Find() ?? throw new InvalidOperationException("No redis-server on the path. Install it (Debian: redis-server).");
        return await LoopbackPort.StartAsync(port, free => StartOnAsync(program, free, appendOnly, cancellationToken));
    }

    /// <summary>Ends the server at once, as a crash would; an append-only file stays for <see cref="RestartAsync"/>.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Starts a killed server again on its data.</summary>
    public Task RestartAsync(CancellationToken cancellationToken = default) =>
        _process.RestartAsync(() => AnswersAsync(_port, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    bool IServerSwitch.IsUp => _process.IsRunning;

    /// <inheritdoc/>
    string IServerSwitch.Keeps => "Its data is saved when it stops and loaded when it starts.";

    /// <summary>Saves the data and ends; by a command, since the server is configured to save nothing by itself.</summary>
    async Task IServerSwitch.StopAsync()
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, _port);
            await client.GetStream().WriteAsync("SHUTDOWN SAVE\r\n"u8.ToArray());
            await _process.EndedAsync(StopLimit);
        }
    }

    /// <inheritdoc/>
    Task IServerSwitch.StartAsync(CancellationToken cancellationToken) => RestartAsync(cancellationToken);

    /// <summary>Ends the server and deletes its data.</summary>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>Starts a server on a port that was free a moment ago.</summary>
    internal static async Task<RedisServer> StartOnAsync(string program, int port, bool appendOnly, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--save", "",
            "--appendonly", appendOnly ? "yes" : "no", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
        ];
        string directory = ServerProcess.NewDirectory("redis");
        var process = await ServerProcess.StartAsync(
            program, arguments, directory, () => AnswersAsync(port, cancellationToken), cancellationToken);
        return new RedisServer(process, port);
    }

    /// <summary>A server that still loads its data answers PING with an error, so the answer is looked at.</summary>
    private static async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray(), cancellationToken);
            using var reader = new StreamReader(client.GetStream());
            return await reader.ReadLineAsync(cancellationToken) == "+PONG";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
