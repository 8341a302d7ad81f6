using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Radar.Standalone.Infrastructure;

/// <summary>
/// A Kafka broker inside this process: librdkafka's mock cluster, real sockets and the real protocol, all in memory. It keeps
/// <see cref="PartitionBytesMax"/> bytes and <see cref="PartitionRecordsMax"/> records per partition and drops the oldest beyond that.
/// </summary>
/// <remarks>
/// It answers no admin requests, so it creates the topics itself; and where a client names a topic that does not exist, it makes one
/// with four partitions.
/// </remarks>
public sealed class EmbeddedKafka : IDisposable, IServerSwitch
{
    /// <summary>Bytes that a partition keeps; fixed in librdkafka (<c>rd_kafka_mock_partition_init</c>).</summary>
    public const int PartitionBytesMax = 5 * 1024 * 1024;

    /// <summary>Records that a partition keeps; fixed in librdkafka.</summary>
    public const int PartitionRecordsMax = 100_000;

    /// <summary>
    /// Client settings for it. It balances a group that lost or gained a member only when the session timeout has passed (less a second),
    /// whether or not all are back: librdkafka's default of 45 s would be a long wait for a restarted consumer. And a fetch that found
    /// nothing is answered only when its time is over, though records have come in: the default of 500 ms would be the API's delay.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string> ClientSettings = new Dictionary<string, string>
    {
        ["session.timeout.ms"] = "4000",
        ["heartbeat.interval.ms"] = "1000",
        ["fetch.wait.max.ms"] = "10",
    };

    private const int Producer = 0;
    private const int OnlyBroker = 1; // brokers are numbered from 1
    private const int ErrorSize = 512;

    // The broker's default of three seconds is for clusters that start many consumers at once; here a person waits for the first tick.
    private const int InitialRebalanceDelayMs = 50;

    private readonly LibRdKafka.KafkaClientHandle _client;
    private readonly LibRdKafka.MockClusterHandle _cluster;
    private readonly int _brokerPort;
    private readonly int? _relayPort;
    private TcpRelay? _relay;
    private bool _isDown;

    private EmbeddedKafka(LibRdKafka.KafkaClientHandle client, LibRdKafka.MockClusterHandle cluster, int brokerPort, TcpRelay? relay,
        int? relayPort)
    {
        (_client, _cluster, _brokerPort, _relay, _relayPort) = (client, cluster, brokerPort, relay, relayPort);
        BootstrapServers = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{relayPort ?? brokerPort}");
    }

    /// <summary>Where clients connect, <c>host:port</c>; loopback only.</summary>
    public string BootstrapServers { get; }

    /// <summary>The cluster, for tests that make it misbehave.</summary>
    internal SafeHandle Cluster => _cluster;

    /// <summary>
    /// Starts a broker with no topics. <paramref name="port"/> 0 takes a free one; any other is served by a relay, because librdkafka
    /// cannot be configured: a client asks there for the cluster's metadata, which names the broker's real port, and continues there.
    /// </summary>
    /// <exception cref="System.Net.Sockets.SocketException">The port is taken.</exception>
    public static EmbeddedKafka Start(int port = 0)
    {
        var client = NewClient();
        var cluster = NewCluster(client);
        if (cluster.IsInvalid)
        {
            client.Dispose();
            throw new InvalidOperationException("librdkafka could not start its broker on a loopback port.");
        }

        LibRdKafka.SetInitialRebalanceDelay(cluster, InitialRebalanceDelayMs);
        string bootstrap = Marshal.PtrToStringUTF8(LibRdKafka.Bootstraps(cluster))!;
        int brokerPort = int.Parse(bootstrap[(bootstrap.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
        try
        {
            var relay = port == 0 ? null : TcpRelay.Start(port, brokerPort);
            return new EmbeddedKafka(client, cluster, brokerPort, relay, port == 0 ? null : port);
        }
        catch
        {
            cluster.Dispose();
            client.Dispose();
            throw;
        }
    }

    /// <summary>Creates a topic; the broker takes no such request from clients.</summary>
    public void CreateTopic(string name, int partitions)
    {
        int error = LibRdKafka.CreateTopic(_cluster, name, partitions, replicationFactor: 1);
        if (error != 0)
        {
            throw new InvalidOperationException(
                $"The embedded broker did not create topic {name} with {partitions} partitions: {(Confluent.Kafka.ErrorCode)error}.");
        }
    }

    /// <inheritdoc/>
    bool IServerSwitch.IsUp => !_isDown;

    /// <inheritdoc/>
    string IServerSwitch.Keeps => "It keeps its records and offsets in memory, so that they are there when it comes back.";

    /// <summary>Closes all connections and takes no new ones.</summary>
    Task IServerSwitch.StopAsync()
    {
        _relay?.Dispose();
        _relay = null;
        Check(LibRdKafka.SetBrokerDown(_cluster, OnlyBroker), "stop");
        _isDown = true;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    Task IServerSwitch.StartAsync(CancellationToken cancellationToken)
    {
        Check(LibRdKafka.SetBrokerUp(_cluster, OnlyBroker), "start");
        _relay ??= _relayPort is { } port ? TcpRelay.Start(port, _brokerPort) : null;
        _isDown = false;
        return Task.CompletedTask;
    }

    /// <summary>Ends the broker; its records are gone.</summary>
    public void Dispose()
    {
        _relay?.Dispose();
        _cluster.Dispose();
        _client.Dispose();
    }

    /// <summary>
    /// The broker's thread ends at the first signal that it takes (github.com/confluentinc/librdkafka/issues/4727): a window that is
    /// resized, a process that is put into the foreground again, a child that ends. So it takes none.
    /// </summary>
    private static LibRdKafka.MockClusterHandle NewCluster(LibRdKafka.KafkaClientHandle client)
    {
        using var blocked = new BlockedSignals();
        var cluster = LibRdKafka.NewCluster(client, brokers: 1);
        if (!cluster.IsInvalid)
            cluster.Hold(client);
        return cluster;
    }

    private static void Check(int error, string what)
    {
        if (error != 0)
            throw new InvalidOperationException($"The embedded broker does not {what}: {(Confluent.Kafka.ErrorCode)error}.");
    }

    private static LibRdKafka.KafkaClientHandle NewClient()
    {
        Span<byte> error = stackalloc byte[ErrorSize];
        nint configuration = LibRdKafka.NewConfiguration();
        // Errors only: it would warn on stderr that it has no broker to connect to, and it is the broker.
        LibRdKafka.SetConfiguration(configuration, "log_level", "3", error, ErrorSize);
        var client = LibRdKafka.NewClient(Producer, configuration, error, ErrorSize);
        if (!client.IsInvalid)
            return client;
        LibRdKafka.DestroyConfiguration(configuration);
        throw new InvalidOperationException("librdkafka did not start: " + Encoding.UTF8.GetString(error).TrimEnd('\0'));
    }
}
