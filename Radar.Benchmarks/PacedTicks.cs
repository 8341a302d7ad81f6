using System.Buffers;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Radar.Market;

namespace Radar.Benchmarks;

/// <summary>Sends ticks at a steady rate and remembers when each was handed to <c>Produce</c>; a tick's trade id is its number.</summary>
internal sealed class PacedTicks(string kafka, string topic, int symbols, int perSecond, int seconds)
{
    private readonly long[] _sent = new long[perSecond * seconds];
    private readonly int[] _symbolOf = new int[perSecond * seconds];

    public int Count => _sent.Length;

    /// <summary>The name of a symbol.</summary>
    public static string Name(int symbol) => $"SYM{symbol:D3}USDT";

    /// <summary>Which symbol a tick is of.</summary>
    public int SymbolOf(int tick) => _symbolOf[tick];

    /// <summary>Milliseconds since a tick was handed to <c>Produce</c>.</summary>
    public double Since(int tick) => Stopwatch.GetElapsedTime(Volatile.Read(ref _sent[tick])).TotalMilliseconds;

    /// <summary>Sends all, on a thread of its own, with the settings of Radar's producer.</summary>
    public Task RunAsync() => Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Finds the number in a JSON text: what follows <paramref name="member"/>.</summary>
    public static int? IdAfter(ReadOnlySpan<byte> json, ReadOnlySpan<byte> member)
    {
        int at = json.IndexOf(member);
        return at >= 0 && System.Buffers.Text.Utf8Parser.TryParse(json[(at + member.Length)..], out int id, out _) ? id : null;
    }

    private void Run()
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = kafka, EnableIdempotence = true, Acks = Acks.All, CompressionType = CompressionType.Lz4, LingerMs = 5,
            Partitioner = Partitioner.Murmur2Random,
        }).Build();
        var random = new Random(7);
        var json = new ArrayBufferWriter<byte>();
        byte[][] keys = [.. Enumerable.Range(0, symbols).Select(i => Encoding.ASCII.GetBytes(Name(i)))];
        long started = Stopwatch.GetTimestamp();
        for (int tick = 0; tick < Count;)
        {
            int due = (int)Math.Min(Count, Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond);
            for (; tick < due; tick++)
            {
                int symbol = _symbolOf[tick] = random.Next(symbols);
                json.ResetWrittenCount();
                long nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
                TickCodec.Write(json, new Tick(Name(symbol), 100 + (tick % 100), nowMs, 1, new TradeId(tick), Side.Buy, "bench"));
                Volatile.Write(ref _sent[tick], Stopwatch.GetTimestamp());
                producer.Produce(topic, new Message<byte[], byte[]> { Key = keys[symbol], Value = json.WrittenSpan.ToArray() });
            }

            Thread.Yield();
            Task.Delay(1).Wait();
        }

        producer.Flush(TimeSpan.FromMinutes(1));
    }
}

/// <summary>How long something took, often.</summary>
internal sealed class Latencies(int capacity)
{
    private readonly double[] _ms = new double[capacity];
    private int _count;

    public int Count => Math.Min(Volatile.Read(ref _count), _ms.Length);

    public void Add(double ms)
    {
        int at = Interlocked.Increment(ref _count) - 1;
        if (at < _ms.Length)
            _ms[at] = ms;
    }

    /// <summary>The value below which <paramref name="share"/> of all are, in ms.</summary>
    public double Quantile(double share)
    {
        double[] sorted = [.. _ms.AsSpan(0, Count).ToArray().Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
