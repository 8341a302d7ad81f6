using System.Globalization;
using Confluent.Kafka;
using Radar.Consumer;

namespace Radar.Benchmarks;

/// <summary>
/// From <c>Produce</c> to (a) a bare consumer, (b) a client of the stream, (c) the value read over HTTP, all in one run: Apache Kafka,
/// Radar's consumer, Redis and the API beside it on the same machine. The first two seconds are warm-up.
/// </summary>
internal static class VisibleBenchmark
{
    private const int Symbols = 16;
    private const int Seconds = 17;
    private const int WarmUpSeconds = 2;
    private static readonly int[] Rates = [1000, 5000];

    public static async Task<string> RunAsync(Bench bench)
    {
        var lines = new List<string>();
        foreach (int rate in Rates)
            lines.Add(await RunAsync(bench, rate));
        return $"""
            | from `Produce`, ms | p50 | p99 | p99 / (a) |
            |---|---:|---:|---:|
            {string.Join('\n', lines)}
            """;
    }

    private static async Task<string> RunAsync(Bench bench, int rate)
    {
        string topic = $"visible-{rate}";
        await bench.FillAsync(topic, 200, Symbols);
        using var path = await ServedPath.StartAsync(bench, topic);
        var ticks = new PacedTicks(bench.KafkaAddress, topic, Symbols, rate, Seconds);
        int first = rate * WarmUpSeconds;
        Latencies bare = new(ticks.Count), stream = new(ticks.Count), http = new(ticks.Count);
        using var stop = new CancellationTokenSource();
        var ready = new TaskCompletionSource();
        var consuming = Task.Factory.StartNew(
            () => Consume(bench, topic, ticks, first, bare, ready, stop.Token), TaskCreationOptions.LongRunning);
        var streaming = StreamAsync(path, ticks, first, stream, stop.Token);
        var reading = ReadAsync(path, ticks, first, http, stop.Token);
        await ready.Task;
        await ticks.RunAsync();
        for (int i = 0; i < 300 && (stream.Count < ticks.Count - first || bare.Count < ticks.Count - first); i++)
            await Task.Delay(100);
        await stop.CancelAsync();
        await Task.WhenAll(consuming, streaming, reading);
        if (stream.Count != ticks.Count - first || bare.Count != ticks.Count - first)
            throw new InvalidOperationException($"{stream.Count} and {bare.Count} of {ticks.Count - first} ticks arrived.");

        Console.WriteLine($"visible at {rate}/s: {stream.Count} ticks, {http.Count} read over HTTP");
        double baseline = bare.Quantile(0.99);
        return $"""
            {Line($"{rate:N0} ticks/s: (a) bare consumer", bare)} |
            {Line($"{rate:N0} ticks/s: (b) client of the stream", stream)} {stream.Quantile(0.99) / baseline:F2} |
            {Line($"{rate:N0} ticks/s: (c) read over HTTP", http)} {http.Quantile(0.99) / baseline:F2} |
            """;
    }

    private static string Line(string name, Latencies latencies) => string.Create(
        CultureInfo.InvariantCulture, $"| {name} | {latencies.Quantile(0.5):F1} | {latencies.Quantile(0.99):F1} |");

    private static void Consume(Bench bench, string topic, PacedTicks ticks, int first, Latencies latencies, TaskCompletionSource ready,
        CancellationToken stop)
    {
        var config = new ConsumerConfig { BootstrapServers = bench.KafkaAddress };
        ConsumerService.Configure(config, "bare-" + topic, 1000);
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        consumer.Subscribe(topic);
        while (!stop.IsCancellationRequested)
        {
            var result = consumer.Consume(50);
            if (consumer.Assignment.Count > 0)
                ready.TrySetResult();
            if (result is null || result.IsPartitionEOF)
                continue;
            if (PacedTicks.IdAfter(result.Message.Value, "\"trade_id\":"u8) is { } id && id >= first)
                latencies.Add(ticks.Since(id));
        }

        consumer.Close();
    }

    private static async Task StreamAsync(ServedPath path, PacedTicks ticks, int first, Latencies latencies, CancellationToken stop)
    {
        try
        {
            using var body = await path.Http.GetStreamAsync(new Uri("/api/v2/stream?channels=trades", UriKind.Relative), stop);
            var lines = new EventLines(body);
            while (await lines.NextAsync(stop) is { } data)
            {
                if (PacedTicks.IdAfter(data.Span, "\"i\":"u8) is { } id && id >= first)
                    latencies.Add(ticks.Since(id));
                if (data.Span.IndexOf("reason"u8) >= 0) Console.WriteLine(System.Text.Encoding.ASCII.GetString(data.Span));
            }
            Console.WriteLine("END OF STREAM " + latencies.Count);
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }

    /// <summary>Asks for one symbol again and again; a tick is visible when an answer has it or a later one.</summary>
    private static async Task ReadAsync(ServedPath path, PacedTicks ticks, int first, Latencies latencies, CancellationToken stop)
    {
        var url = new Uri("/api/v2/tickers/" + PacedTicks.Name(0), UriKind.Relative);
        int next = first;
        while (!stop.IsCancellationRequested)
        {
            using var response = await path.Http.GetAsync(url, CancellationToken.None);
            byte[] body = await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
            if (!response.IsSuccessStatusCode || PacedTicks.IdAfter(body, "\"i\":"u8) is not { } newest)
            {
                await Task.Delay(5, CancellationToken.None);
                continue;
            }

            for (; next <= newest; next++)
            {
                if (ticks.SymbolOf(next) == 0)
                    latencies.Add(ticks.Since(next));
            }

            await Task.Delay(1, CancellationToken.None); // a core that only asks would be taken from those who answer
        }
    }
}
