using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Radar.Benchmarks;

/// <summary>
/// Reads of one ticker, (b), against a Kestrel endpoint that returns the same bytes without looking, (a): whole answers, and answers
/// that have not changed. Load by <c>wrk</c>, one thread and 64 connections, on the same machine; each server in a process of its own.
/// </summary>
internal static partial class ReadBenchmark
{
    private const int Rounds = 7;
    private const int Seconds = 4;

    public static async Task<string> RunAsync(Bench bench)
    {
        await bench.FillAsync("read", 10_000, 64);
        using var path = await ServedPath.StartAsync(bench, "read");
        string ticker = path.Url + "/api/v2/tickers/SYM007USDT";
        using var answer = await path.Http.GetAsync(new Uri(ticker));
        string tag = answer.Headers.ETag!.Tag;
        string fixedUrl = BenchProcess.FreeUrl();
        using var constant = new BenchProcess(
            "Radar.Benchmarks", FixedServer.Command, fixedUrl, "/api/v2/tickers/SYM007USDT", tag, await answer.Content.ReadAsStringAsync());
        string same = fixedUrl + "/api/v2/tickers/SYM007USDT";
        await BenchProcess.UpAsync(path.Http, same);

        string[] known = ["-H", "If-None-Match: " + tag];
        var whole = await CompareAsync("whole", same, ticker, []);
        var notModified = await CompareAsync("not modified", same, ticker, known);
        return $"""
            | read one ticker, wrk, 64 connections | requests/s | p99 ms |
            |---|---:|---:|
            {whole.Table("200")}
            {notModified.Table("304")}
            """;
    }

    private static async Task<Comparison> CompareAsync(string name, string fixedUrl, string url, string[] headers)
    {
        var fixedRuns = new List<Run>();
        var radarRuns = new List<Run>();
        for (int round = -1; round < Rounds; round++)
        {
            Run a = await WrkAsync(fixedUrl, headers), b = await WrkAsync(url, headers);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"read {name} round {round + 1}: fixed {a.PerSecond:N0}/s p99 {a.P99Ms:F2} ms"
                    + $", Radar {b.PerSecond:N0}/s p99 {b.P99Ms:F2} ms, ratios {b.PerSecond / a.PerSecond:F2}, {b.P99Ms / a.P99Ms:F2}"));
            if (round < 0)
                continue; // warm-up
            fixedRuns.Add(a);
            radarRuns.Add(b);
        }

        return new Comparison(fixedRuns, radarRuns);
    }

    private static async Task<Run> WrkAsync(string url, string[] headers)
    {
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-t1", "-c64", $"-d{Seconds}s", "--latency", .. headers, url])
            start.ArgumentList.Add(argument);
        using Process wrk = Process.Start(start)!;
        string output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        if (output.Contains("Non-2xx", StringComparison.Ordinal) && headers.Length == 0)
            throw new InvalidOperationException(output);
        var rate = Rate().Match(output);
        var p99 = P99().Match(output);
        if (!rate.Success || !p99.Success)
            throw new InvalidOperationException("wrk said something else than expected:\n" + output);
        double unit = p99.Groups[2].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 };
        return new Run(
            double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture),
                double.Parse(p99.Groups[1].Value, CultureInfo.InvariantCulture) * unit);
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex P99();

    private sealed record Run(double PerSecond, double P99Ms);

    private sealed record Comparison(List<Run> Fixed, List<Run> Radar)
    {
        public string Table(string kind)
        {
            double rate = Bench.Median(Fixed.Zip(Radar, (a, b) => b.PerSecond / a.PerSecond));
            double p99 = Bench.Median(Fixed.Zip(Radar, (a, b) => b.P99Ms / a.P99Ms));
            return string.Create(CultureInfo.InvariantCulture, $"""
                | {kind}: (a) fixed bytes | {Bench.Median(Fixed.Select(run => run.PerSecond)):N0} | {Bench.Median(Fixed.Select(run => run.P99Ms)):F2} |
                | {kind}: (b) Radar | {Bench.Median(Radar.Select(run => run.PerSecond)):N0} | {Bench.Median(Radar.Select(run => run.P99Ms)):F2} |
                | **{kind}: b/a** | **{rate:F2}** | **{p99:F2}** |
                """);
        }
    }
}
