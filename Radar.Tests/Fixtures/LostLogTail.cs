using System.Buffers.Binary;

namespace Radar.Tests.Fixtures;

/// <summary>Cuts off the end of a partition's log while the broker is down, as a crash does before records are on disk.</summary>
internal static class LostLogTail
{
    /// <summary>Every batch of Kafka's format begins with its first offset and the length of what follows, both big-endian.</summary>
    private const int OffsetBytes = 8;
    private const int LengthBytes = 4;

    /// <param name="dataDirectory">Of the broker.</param>
    /// <param name="topic">The partition is its first; its log is one segment.</param>
    /// <param name="end">The offset that is to come next; batches from it on are cut off.</param>
    public static void CutAt(string dataDirectory, string topic, long end)
    {
        string segment = Path.Combine(dataDirectory, topic + "-0", "00000000000000000000.log");
        byte[] log = File.ReadAllBytes(segment);
        int at = 0;
        while (at < log.Length && BinaryPrimitives.ReadInt64BigEndian(log.AsSpan(at, OffsetBytes)) < end)
            at += OffsetBytes + LengthBytes + BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(at + OffsetBytes, LengthBytes));
        Assert.InRange(at, 1, log.Length - 1);
        using FileStream file = File.OpenWrite(segment);
        file.SetLength(at);
    }
}
