using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Radar.Standalone.Infrastructure;

/// <summary>
/// The part of librdkafka that Confluent.Kafka does not wrap: its mock cluster, a broker that speaks Kafka's protocol on real sockets
/// (<c>rdkafka_mock.h</c>). The library itself is the one that Confluent.Kafka carries.
/// </summary>
internal static partial class LibRdKafka
{
    private const string Library = "librdkafka";

    // Confluent.Kafka's own order: the library that is linked with GSSAPI, else the one without; musl has a third.
    private static readonly string[] Candidates = [Library, "centos8-librdkafka", "alpine-librdkafka"];

    static LibRdKafka()
    {
        // Confluent.Kafka picks first, so that both use one copy of the library.
        Confluent.Kafka.Library.Load();
        NativeLibrary.SetDllImportResolver(typeof(LibRdKafka).Assembly, Resolve);
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    public static partial nint NewConfiguration();

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetConfiguration(nint configuration, string name, string value, Span<byte> error, nint errorSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_destroy")]
    public static partial void DestroyConfiguration(nint configuration);

    /// <summary>Takes the configuration over where it succeeds; type 0 is a producer.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    public static partial KafkaClientHandle NewClient(int type, nint configuration, Span<byte> error, nint errorSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    public static partial MockClusterHandle NewCluster(KafkaClientHandle client, int brokers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    public static partial nint Bootstraps(MockClusterHandle cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateTopic(MockClusterHandle cluster, string topic, int partitions, int replicationFactor);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    public static partial void SetInitialRebalanceDelay(MockClusterHandle cluster, int delayMs);

    /// <summary>Closes the broker's connections and takes no new ones; what it holds stays.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    public static partial int SetBrokerDown(MockClusterHandle cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    public static partial int SetBrokerUp(MockClusterHandle cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    private static partial void DestroyCluster(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy")]
    private static partial void DestroyClient(nint client);

    /// <summary>A function of the library, for tests that make the broker misbehave.</summary>
    public static nint Export(string name) => NativeLibrary.GetExport(Resolve(Library, typeof(LibRdKafka).Assembly, null), name);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return 0;
        var order = RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? Candidates.Reverse() : Candidates;
        foreach (string candidate in order)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out nint handle))
                return handle;
        }

        return 0; // the runtime's own search follows and names the missing library
    }

    internal sealed class KafkaClientHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            DestroyClient(handle);
            return true;
        }
    }

    /// <summary>
    /// The library ends the process where a client goes before its cluster. So the cluster holds its client, in whatever order the two are
    /// disposed of or finalized.
    /// </summary>
    internal sealed class MockClusterHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        private KafkaClientHandle? _client;

        public void Hold(KafkaClientHandle client)
        {
            bool held = false;
            client.DangerousAddRef(ref held);
            _client = client;
        }

        protected override bool ReleaseHandle()
        {
            DestroyCluster(handle);
            _client?.DangerousRelease();
            return true;
        }
    }
}
