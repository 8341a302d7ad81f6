using Radar.Benchmarks;

// `dotnet radar.cs bench [consume] [produce]`; needs KAFKA_HOME (Apache Kafka 4, Java 17) and redis-server.
string[] wanted = args is [] ? ["consume"] : args;
await using Bench bench = await Bench.StartAsync();
foreach (string name in wanted)
{
    await (name switch
    {
        "consume" => ConsumeBenchmark.RunAsync(bench),
        _ => throw new ArgumentException($"Unknown benchmark '{name}'. One of: consume."),
    });
}
