using System.Buffers;
using System.Diagnostics;
using Radar.Market;

namespace Radar.Benchmarks;

/// <summary>One event of 130 bytes, decoded (a) by the library's reader, (b) the short way that plain events take.</summary>
internal static class DecodeBenchmark
{
    private const int Count = 500_000;
    private const int Rounds = 9;

    public static string Run()
    {
        var json = new ArrayBufferWriter<byte>();
        byte[][] plain = [.. Bench.Ticks(Count, 64).Select(tick =>
        {
            json.ResetWrittenCount();
            TickCodec.Write(json, tick);
            return json.WrittenSpan.ToArray();
        })];
        // A line feed is white space that the short way leaves to the library; the event is the same.
        byte[][] spaced = [.. plain.Select(value => (byte[])[.. value, (byte)'\n'])];
        var library = new List<double>();
        var own = new List<double>();
        for (int round = -3; round < Rounds; round++)
        {
            double a = Decode(spaced), b = Decode(plain);
            if (round < 0)
                continue;
            library.Add(a);
            own.Add(b);
        }

        return $"""
            | decode one event | ns |
            |---|---:|
            | (a) Utf8JsonReader | {Bench.Median(library):N0} |
            | (b) plain events | {Bench.Median(own):N0} |
            | **b/a** | **{Bench.Median([.. library.Zip(own, (a, b) => b / a)]):F2}** |
            """;
    }

    private static double Decode(byte[][] values)
    {
        var names = new NameTable();
        long started = Stopwatch.GetTimestamp();
        foreach (byte[] value in values)
        {
            if (TickCodec.TryRead(value, names, out _) != TickRefusal.None)
                throw new InvalidOperationException("An event was refused.");
        }

        return Stopwatch.GetElapsedTime(started).TotalNanoseconds / values.Length;
    }
}
