using Radar.Benchmarks;

// `dotnet radar.cs bench [consume] [memory] [produce] [decode]`; needs KAFKA_HOME (Apache Kafka 4, Java 17) and redis-server.
string[] wanted = args is [] ? ["decode", "consume", "memory", "produce"] : args;
await using Bench bench = await Bench.StartAsync();
var tables = new List<string>();
foreach (string name in wanted)
{
    tables.Add(await (name switch
    {
        "decode" => Task.FromResult(DecodeBenchmark.Run()),
        "consume" => ConsumeBenchmark.RunAsync(bench),
        "memory" => ConsumeBenchmark.MemoryAsync(bench),
        "produce" => ProduceBenchmark.RunAsync(bench),
        _ => throw new ArgumentException($"Unknown benchmark '{name}'. One of: decode, consume, memory, produce."),
    }));
}

Console.WriteLine();
Console.WriteLine(string.Join("\n\n", tables));
