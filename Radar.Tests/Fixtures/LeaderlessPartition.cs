using System.Runtime.InteropServices;
using Radar.Standalone.Infrastructure;

namespace Radar.Tests.Fixtures;

/// <summary>A partition of the embedded broker that has lost its leader: producers wait with what they have for it.</summary>
internal static class LeaderlessPartition
{
    private const int Nobody = -1;
    private const int TheBroker = 1;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SetLeader(nint cluster, [MarshalAs(UnmanagedType.LPUTF8Str)] string topic, int partition, int broker);

    public static void Lose(EmbeddedKafka kafka, string topic, int partition) => Set(kafka, topic, partition, Nobody);

    public static void Find(EmbeddedKafka kafka, string topic, int partition) => Set(kafka, topic, partition, TheBroker);

    private static void Set(EmbeddedKafka kafka, string topic, int partition, int broker)
    {
        var set = Marshal.GetDelegateForFunctionPointer<SetLeader>(LibRdKafka.Export("rd_kafka_mock_partition_set_leader"));
        Assert.Equal(0, set(kafka.Cluster.DangerousGetHandle(), topic, partition, broker));
    }
}
