using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Radar.Benchmarks;

/// <summary>
/// Many clients of one API process: what an idle one costs in resident memory, and how long a trade takes from <c>Produce</c> to each of
/// the clients that follow its symbol. Every client must have got every trade of its symbol.
/// </summary>
internal static class StreamBenchmark
{
    private const int Clients = 2000;
    private const int Symbols = 64;
    private const int PerSecond = 500;
    private const int Seconds = 20;
    private const int WarmUpSeconds = 2;

    public static async Task<string> RunAsync(Bench bench)
    {
        await bench.FillAsync("stream", 500, Symbols);
        using var path = await ServedPath.StartAsync(bench, "stream");
        var ticks = new PacedTicks(bench.KafkaAddress, "stream", Symbols, PerSecond, Seconds);
        int first = PerSecond * WarmUpSeconds;
        var latencies = new Latencies(Clients * ticks.Count / Symbols * 2);
        int[] received = new int[Clients];

        await UseAsync(path, 200); // code and pools that any load brings
        long before = await SettledAsync(path);
        using var stop = new CancellationTokenSource();
        var connected = new CountdownEvent(Clients);
        var clients = new Task[Clients];
        for (int i = 0; i < Clients; i++)
            clients[i] = FollowAsync(path, i, ticks, first, latencies, received, connected, stop.Token);
        while (connected.CurrentCount > 0)
            await Task.Delay(50);
        long after = await SettledAsync(path);

        await ticks.RunAsync();
        int[] expected = new int[Symbols];
        for (int tick = 0; tick < ticks.Count; tick++)
            expected[ticks.SymbolOf(tick)]++;
        bool Complete() => Enumerable.Range(0, Clients).All(i => Volatile.Read(ref received[i]) == expected[i % Symbols]);
        for (int wait = 0; wait < 300 && !Complete(); wait++)
            await Task.Delay(100);
        int missing = Enumerable.Range(0, Clients).Sum(i => expected[i % Symbols] - received[i]);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        if (missing != 0)
            throw new InvalidOperationException($"{missing} of {received.Sum(count => (long)count) + missing} pushes did not arrive.");

        return string.Create(CultureInfo.InvariantCulture, $"""
            | {Clients:N0} clients of one API process, {PerSecond} ticks/s, {Symbols} symbols | |
            |---|---:|
            | resident memory per idle client, KiB | {(after - before) / 1024.0 / Clients:F1} |
            | pushes, all delivered | {received.Sum(count => (long)count):N0} |
            | from `Produce` to the client, p50, ms | {latencies.Quantile(0.5):F1} |
            | from `Produce` to the client, p99, ms | {latencies.Quantile(0.99):F1} |
            """);
    }

    /// <summary>Connects and goes away again.</summary>
    private static async Task UseAsync(ServedPath path, int clients)
    {
        using var stop = new CancellationTokenSource();
        var connected = new CountdownEvent(clients);
        var all = Enumerable.Range(0, clients)
            .Select(i => FollowAsync(path, i, null, 0, null, new int[clients], connected, stop.Token)).ToArray();
        while (connected.CurrentCount > 0)
            await Task.Delay(50);
        await stop.CancelAsync();
        await Task.WhenAll(all);
    }

    /// <summary>Resident memory when two heartbeats have gone by.</summary>
    private static async Task<long> SettledAsync(ServedPath path)
    {
        await Task.Delay(TimeSpan.FromSeconds(12));
        return path.Api.WorkingSet;
    }

    private static async Task FollowAsync(
        ServedPath path, int client, PacedTicks? ticks, int first, Latencies? latencies, int[] received, CountdownEvent connected,
        CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var url = new Uri(path.Url);
        await socket.ConnectAsync(url.Host, url.Port, stop);
        string request =
            $"GET /api/v2/stream?channels=trades&symbols={PacedTicks.Name(client % Symbols)} HTTP/1.1\r\nHost: {url.Authority}\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), stop);
        await using var body = new NetworkStream(socket);
        var lines = new EventLines(body, 8 * 1024);
        bool snapshot = false;
        try
        {
            while (await lines.NextAsync(stop) is { } data)
            {
                if (!snapshot)
                {
                    snapshot = true;
                    connected.Signal();
                }
                else if (PacedTicks.IdAfter(data.Span, "\"i\":"u8) is { } id && ticks is not null)
                {
                    Interlocked.Increment(ref received[client]);
                    if (id >= first)
                        latencies!.Add(ticks.Since(id));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }
}
