using System.Buffers.Text;
using System.Globalization;
using Confluent.Kafka;

namespace Radar.Standalone.Infrastructure;

/// <summary>
/// Apache Kafka 4 from a directory as one downloads it (<c>KAFKA_HOME</c>): one KRaft process, broker and controller in one, on loopback,
/// with a temporary data directory. Needs Java 17 (<c>JAVA_HOME</c>, or <c>java</c> on the path).
/// </summary>
public sealed class ApacheKafka : IAsyncDisposable, IServerSwitch
{
    /// <summary>Environment variable that names the directory.</summary>
    public const string HomeVariable = "KAFKA_HOME";

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ProbePatience = TimeSpan.FromMilliseconds(500);

    private readonly ServerProcess _process;
    private readonly KafkaListener _listener;
    private readonly KafkaCluster _cluster;

    private ApacheKafka(ServerProcess process, string bootstrap, string data, KafkaListener listener, KafkaCluster cluster)
    {
        (_process, _listener, _cluster) = (process, listener, cluster);
        BootstrapServers = bootstrap;
        DataDirectory = data;
    }

    /// <summary>Where clients connect, <c>host:port</c>.</summary>
    public string BootstrapServers { get; }

    /// <summary>Where the broker keeps its partitions, each in a directory of its own; deleted with <see cref="DisposeAsync"/>.</summary>
    internal string DataDirectory { get; }

    /// <summary>
    /// Full path of the Java that would be used: that of <c>JAVA_HOME</c>, else the one on the path; null where there is none.
    /// </summary>
    public static string? FindJava()
    {
        if (Environment.GetEnvironmentVariable("JAVA_HOME") is not { Length: > 0 } home)
            return ProgramPath.Find("java");
        string java = Path.Combine(home, "bin", OperatingSystem.IsWindows() ? "java.exe" : "java");
        return File.Exists(java) ? java : null;
    }

    /// <summary>Formats a temporary directory and starts a broker; returns when it answers, after about three seconds.</summary>
    /// <param name="home">Directory with Kafka's <c>libs</c>.</param>
    /// <param name="port">Port of the broker; 0 takes a free one.</param>
    /// <param name="heapMb">The broker's largest heap in MiB.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">No Kafka there, no Java, or the broker did not start; the message names
    /// which.</exception>
    public static async Task<ApacheKafka> StartAsync(
        string home, int port = 0, int heapMb = 512, CancellationToken cancellationToken = default)
    {
        home = Path.GetFullPath(home);
        if (!Directory.Exists(Libraries(home)))
            throw new InvalidOperationException($"{home} holds no Apache Kafka: it has no directory libs. Give the unpacked download.");
        string java = FindJava() ?? throw new InvalidOperationException(
            "Apache Kafka needs Java 17: set JAVA_HOME or put java on the path (Debian: openjdk-17-jre-headless).");
        return await LoopbackPort.StartAsync(port, free => StartOnAsync(home, java, free, heapMb, KafkaListener.Plain, cancellationToken));
    }

    /// <summary>The same with a listener for clients that asks for TLS, users, or both.</summary>
    internal static Task<ApacheKafka> StartAsync(string home, KafkaListener listener, CancellationToken cancellationToken = default) =>
        LoopbackPort.StartAsync(0, free => StartOnAsync(Path.GetFullPath(home), FindJava()!, free, 512, listener, cancellationToken));

    /// <summary>Starts one more broker of the cluster, without a controller.</summary>
    /// <param name="home">As of the first.</param>
    /// <param name="node">Its id; the first has 1.</param>
    /// <param name="listener">Of the protocol of the first.</param>
    internal Task<ApacheKafka> AddBrokerAsync(string home, int node, KafkaListener listener) =>
        LoopbackPort.StartAsync(0, free => StartOnAsync(
            Path.GetFullPath(home), FindJava()!, free, 512, listener, default, _cluster with { Node = node }));

    /// <summary>Ends the broker at once, as a crash would; its data stays for <see cref="RestartAsync"/>.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Starts a killed broker again on its data; takes about five seconds.</summary>
    public Task RestartAsync(CancellationToken cancellationToken = default) =>
        _process.RestartAsync(() => AnswersAsync(BootstrapServers, _listener), cancellationToken);

    /// <inheritdoc/>
    bool IServerSwitch.IsUp => _process.IsRunning;

    /// <inheritdoc/>
    string IServerSwitch.Keeps => "Its topics and offsets are kept on disk.";

    /// <inheritdoc/>
    Task IServerSwitch.StopAsync() => _process.StopAsync(StopLimit);

    /// <inheritdoc/>
    Task IServerSwitch.StartAsync(CancellationToken cancellationToken) => RestartAsync(cancellationToken);

    /// <summary>Ends the broker and deletes its data.</summary>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>Starts a broker on a port that was free a moment ago.</summary>
    internal static async Task<ApacheKafka> StartOnAsync(
        string home, string java, int port, int heapMb, KafkaListener listener, CancellationToken cancellationToken,
        KafkaCluster? joined = null)
    {
        var cluster = joined ?? KafkaCluster.New();
        string bootstrap = "127.0.0.1:" + port.ToString(CultureInfo.InvariantCulture);
        string directory = ServerProcess.NewDirectory("kafka");
        string properties = Path.Combine(directory, "server.properties");
        string data = Path.Combine(directory, "data");
        await File.WriteAllTextAsync(properties, Properties(port, cluster, data, listener), cancellationToken);
        string[] options =
        [
            $"-Xmx{heapMb}m", "-XX:+UseG1GC", "-Djava.awt.headless=true",
            "-Dlog4j2.configurationFile=" + new Uri(Path.Combine(home, "config", "tools-log4j2.yaml")).AbsoluteUri,
            "-cp", Path.Combine(Libraries(home), "*"),
        ];
        string[] format =
        [
            "kafka.tools.StorageTool", "format", cluster.IsController ? "--standalone" : "--no-initial-controllers",
            "--config", properties, "--cluster-id=" + cluster.Id, .. listener.FormatArguments,
        ];
        await ServerProcess.RunAsync(java, [.. options, .. format], directory, cancellationToken);
        var process = await ServerProcess.StartAsync(
            java, [.. options, "kafka.Kafka", properties], directory, () => AnswersAsync(bootstrap, listener), cancellationToken);
        return new ApacheKafka(process, bootstrap, data, listener, cluster);
    }

    private static string Libraries(string home) => Path.Combine(home, "libs");

    private static Task<bool> AnswersAsync(string bootstrap, KafkaListener listener) => Task.Run(() =>
    {
        var config = new AdminClientConfig { BootstrapServers = bootstrap };
        foreach (var (name, value) in listener.Client)
            config.Set(name, value);
        using var admin = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        try
        {
            return admin.GetMetadata(ProbePatience).Brokers.Count > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    });

    private static string Properties(int port, KafkaCluster cluster, string data, KafkaListener listener) =>
        $"""
        process.roles={(cluster.IsController ? "broker,controller" : "broker")}
        node.id={cluster.Node}
        controller.quorum.bootstrap.servers={cluster.Controller}
        listeners={listener.Protocol}://127.0.0.1:{port}{(cluster.IsController ? ",CONTROLLER://" + cluster.Controller : "")}
        advertised.listeners={listener.Protocol}://127.0.0.1:{port}
        controller.listener.names=CONTROLLER
        inter.broker.listener.name={listener.Protocol}
        listener.security.protocol.map=CONTROLLER:PLAINTEXT,{listener.Protocol}:{listener.Protocol}
        log.dirs={data.Replace('\\', '/')}
        num.network.threads=2
        num.io.threads=4
        auto.create.topics.enable=false
        group.initial.rebalance.delay.ms=0
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=4
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        transaction.state.log.num.partitions=4
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        share.coordinator.state.topic.num.partitions=1
        broker.session.timeout.ms=3000
        broker.heartbeat.interval.ms=500
        {listener.Properties}

        """;
}

/// <summary>How clients reach a broker.</summary>
/// <param name="Protocol">As Kafka names it, such as <c>SASL_SSL</c>.</param>
/// <param name="Properties">Lines of the broker's configuration.</param>
/// <param name="FormatArguments">Of the program that formats its directory, such as users.</param>
/// <param name="Client">Settings of a client that may ask for the cluster.</param>
internal sealed record KafkaListener(
    string Protocol, string Properties, string[] FormatArguments, IReadOnlyDictionary<string, string> Client)
{
    /// <summary>Without TLS and users.</summary>
    public static readonly KafkaListener Plain = new("PLAINTEXT", "", [], new Dictionary<string, string>());
}

/// <summary>Where a broker stands in its cluster.</summary>
/// <param name="Id">Of the cluster.</param>
/// <param name="Controller">Address of the only controller, which the first broker is.</param>
/// <param name="Node">Id of the broker.</param>
internal sealed record KafkaCluster(string Id, string Controller, int Node)
{
    public bool IsController => Node == 1;

    public static KafkaCluster New() => new(
        Base64Url.EncodeToString(Guid.NewGuid().ToByteArray()),
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{LoopbackPort.Free()}"), 1);
}
