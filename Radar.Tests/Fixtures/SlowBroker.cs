using System.Runtime.InteropServices;
using Confluent.Kafka;
using Radar.Standalone.Infrastructure;

namespace Radar.Tests.Fixtures;

/// <summary>Makes the embedded broker slow or unwilling, as brokers far away, busy or newly elected are.</summary>
internal static class SlowBroker
{
    private const short ListOffsets = 2;
    private const short OffsetFetch = 9;
    private const short FindCoordinator = 10;

    /// <summary>Why this machine cannot, or null where it can: the library's function takes a variable number of arguments.</summary>
    public static string? Missing { get; } = OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64
        ? "macOS on ARM hands variable arguments over in another way than .NET can"
        : null;

    /// <summary><c>rd_kafka_mock_broker_push_request_error_rtts</c> with one pair of error and round trip, in ms.</summary>
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int PushRoundTrip(nint cluster, int broker, short request, nint count, int error, int ms);

    /// <summary><c>rd_kafka_mock_push_request_errors_array</c>.</summary>
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void PushErrors(nint cluster, short request, nint count, int[] errors);

    /// <summary>The next requests for a group's offsets are answered with an error each.</summary>
    public static void RefuseNextOffsetFetches(EmbeddedKafka kafka, params ErrorCode[] errors) => Refuse(kafka, OffsetFetch, errors);

    /// <summary>The next searches for a coordinator are answered with an error each.</summary>
    public static void RefuseNextCoordinatorSearches(EmbeddedKafka kafka, params ErrorCode[] errors) =>
        Refuse(kafka, FindCoordinator, errors);

    /// <summary>The next requests for offsets are answered late; those after them as always.</summary>
    public static void DelayNextListOffsets(EmbeddedKafka kafka, int requests, int delayMs)
    {
        var push = Marshal.GetDelegateForFunctionPointer<PushRoundTrip>(LibRdKafka.Export("rd_kafka_mock_broker_push_request_error_rtts"));
        for (int i = 0; i < requests; i++)
            Assert.Equal(0, push(kafka.Cluster.DangerousGetHandle(), 1, ListOffsets, 1, 0, delayMs));
    }

    private static void Refuse(EmbeddedKafka kafka, short request, ErrorCode[] errors)
    {
        var push = Marshal.GetDelegateForFunctionPointer<PushErrors>(LibRdKafka.Export("rd_kafka_mock_push_request_errors_array"));
        push(kafka.Cluster.DangerousGetHandle(), request, errors.Length, Array.ConvertAll(errors, error => (int)error));
    }
}
