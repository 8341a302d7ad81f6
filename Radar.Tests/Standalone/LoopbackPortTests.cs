using System.Net;
using System.Net.Sockets;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Standalone;

/// <summary>Free ports that somebody else takes before the server does.</summary>
public sealed class LoopbackPortTests : IDisposable
{
    private TcpListener? _faster;

    public void Dispose() => _faster?.Dispose();

    [Fact]
    public void Free_ports_differ_and_are_none_that_the_system_gives_to_others()
    {
        int[] ports = [.. Enumerable.Range(0, 50).Select(_ => LoopbackPort.Free())];

        Assert.Distinct(ports);
        Assert.All(ports, port => Assert.InRange(port, 1024, 32_767));
    }

    [Fact]
    public void Embedded_Redis_takes_another_free_port()
    {
        using var redis = LoopbackPort.Start(0, port => EmbeddedRedis.StartOn(Taken(port), null));

        Assert.NotEqual(_faster!.LocalEndpoint, IPEndPoint.Parse(redis.Address));
    }

    [RequiresFact(Need.RedisServer)]
    public async Task Redis_takes_another_free_port()
    {
        await using var redis = await LoopbackPort.StartAsync(
            0, port => RedisServer.StartOnAsync(RedisServer.Find()!, Taken(port), false, default));

        Assert.NotEqual(_faster!.LocalEndpoint, IPEndPoint.Parse(redis.Address));
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Kafka_takes_another_free_port()
    {
        string home = Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!;
        await using var kafka = await LoopbackPort.StartAsync(
            0, port => ApacheKafka.StartOnAsync(home, ApacheKafka.FindJava()!, Taken(port), 512, KafkaListener.Plain, default));

        Assert.NotEqual(_faster!.LocalEndpoint, IPEndPoint.Parse(kafka.BootstrapServers));
    }

    [Fact]
    public void Port_that_was_asked_for_is_not_exchanged()
    {
        var error = Assert.Throws<SocketException>(
            () => LoopbackPort.Start(LoopbackPort.Free(), port => EmbeddedRedis.StartOn(Taken(port), null)));

        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
    }

    /// <summary>The first port that is asked about is taken.</summary>
    private int Taken(int port)
    {
        if (_faster is null)
        {
            _faster = new TcpListener(IPAddress.Loopback, port);
            _faster.Start();
            _ = HangUpAsync(_faster);
        }

        return port;
    }

    private static async Task HangUpAsync(TcpListener listener)
    {
        try
        {
            while (true)
                (await listener.AcceptSocketAsync()).Dispose();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
