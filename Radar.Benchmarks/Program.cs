using Radar.Benchmarks;

// `dotnet radar.cs bench [consume] [trace] [memory] [produce] [decode] [read] [access] [visible] [stream]`; needs KAFKA_HOME (Apache
// Kafka 4, Java 17), redis-server, and for read and access wrk.
if (args is [FixedServer.Command, ..])
{
    await FixedServer.RunAsync(args[1..]);
    return;
}

string[] wanted = args is [] ? ["decode", "consume", "trace", "memory", "produce", "read", "access", "visible", "stream"] : args;
await using Bench bench = await Bench.StartAsync();
var tables = new List<string>();
foreach (string name in wanted)
{
    tables.Add(await (name switch
    {
        "decode" => Task.FromResult(DecodeBenchmark.Run()),
        "consume" => ConsumeBenchmark.RunAsync(bench),
        "trace" => TraceBenchmark.RunAsync(bench),
        "memory" => ConsumeBenchmark.MemoryAsync(bench),
        "produce" => ProduceBenchmark.RunAsync(bench),
        "read" => ReadBenchmark.RunAsync(bench),
        "access" => AccessBenchmark.RunAsync(bench),
        "visible" => VisibleBenchmark.RunAsync(bench),
        "stream" => StreamBenchmark.RunAsync(bench),
        _ => throw new ArgumentException(
            $"Unknown benchmark '{name}'. One of: decode, consume, trace, memory, produce, read, access, visible, stream."),
    }));
}

Console.WriteLine();
Console.WriteLine(string.Join("\n\n", tables));
