using System.Globalization;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Connections;

/// <summary>A <c>redis-server</c> with settings of the test.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private RedisProcess(ServerProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public string Address => AddressOf(Port);

    public static string AddressOf(int port) => "127.0.0.1:" + port.ToString(CultureInfo.InvariantCulture);

    /// <summary>Starts a server; returns when it answers.</summary>
    /// <param name="arguments">Of the program, by its port.</param>
    /// <param name="more">Further settings of a client that may ask it, such as <c>,ssl=true</c>.</param>
    /// <param name="configure">The same in code.</param>
    /// <param name="configuration">Lines of a file that the server may rewrite; null gives it none.</param>
    public static Task<RedisProcess> StartAsync(
        Func<int, string[]> arguments, string more = "", Action<ConfigurationOptions>? configure = null, string? configuration = null) =>
        LoopbackPort.StartAsync(0, async port =>
        {
            string directory = ServerProcess.NewDirectory("redis");
            if (configuration is not null)
                await File.WriteAllTextAsync(Path.Combine(directory, "redis.conf"), configuration);
            Task<bool> Answers() => AnswersAsync(AddressOf(port) + more, configure);
            var process = await ServerProcess.StartAsync(
                RedisServer.Find()!, [.. configuration is null ? (string[])[] : ["redis.conf"], .. arguments(port), "--bind", "127.0.0.1"],
                directory, Answers, CancellationToken.None);
            return new RedisProcess(process, port);
        });

    /// <summary>Arguments of a server that keeps its data in memory.</summary>
    public static string[] Plain(int port) => ["--port", port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no"];

    public void Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<bool> AnswersAsync(string address, Action<ConfigurationOptions>? configure)
    {
        var options = ConfigurationOptions.Parse(address);
        options.ConnectTimeout = 1000;
        options.ConnectRetry = 1;
        options.AllowAdmin = true;
        configure?.Invoke(options);
        try
        {
            await using var client = await ConnectionMultiplexer.ConnectAsync(options);
            await client.GetServers()[0].PingAsync();
            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return false;
        }
    }
}
