using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Radar.Benchmarks;

/// <summary>
/// Load by <c>wrk</c>, one thread and 64 connections, on the same machine: two servers in turn, so that what else the machine does falls
/// on both.
/// </summary>
internal static partial class Wrk
{
    private const int Rounds = 7;
    private const int Seconds = 4;

    /// <param name="name">For the log.</param>
    /// <param name="first">URL of (a).</param>
    /// <param name="second">URL of (b).</param>
    /// <param name="ofFirst">Options of <c>wrk</c> for (a).</param>
    /// <param name="ofSecond">Options of <c>wrk</c> for (b).</param>
    public static async Task<Comparison> CompareAsync(string name, string first, string second, string[] ofFirst, string[] ofSecond)
    {
        var firstRuns = new List<Run>();
        var secondRuns = new List<Run>();
        for (int round = -1; round < Rounds; round++)
        {
            Run a = await RunAsync(first, ofFirst), b = await RunAsync(second, ofSecond);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} round {round + 1}: (a) {a.PerSecond:N0}/s p99 {a.P99Ms:F2} ms"
                    + $", (b) {b.PerSecond:N0}/s p99 {b.P99Ms:F2} ms, ratios {b.PerSecond / a.PerSecond:F2}, {b.P99Ms / a.P99Ms:F2}"));
            if (round < 0)
                continue; // warm-up
            firstRuns.Add(a);
            secondRuns.Add(b);
        }

        return new Comparison(firstRuns, secondRuns);
    }

    private static async Task<Run> RunAsync(string url, string[] options)
    {
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-t1", "-c64", $"-d{Seconds}s", "--latency", .. options, url])
            start.ArgumentList.Add(argument);
        using Process wrk = Process.Start(start)!;
        string output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        bool mayBeNotModified = options.Any(option => option.StartsWith("If-None-Match", StringComparison.Ordinal));
        if (output.Contains("Non-2xx", StringComparison.Ordinal) && !mayBeNotModified)
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

    internal sealed record Run(double PerSecond, double P99Ms);

    internal sealed record Comparison(List<Run> First, List<Run> Second)
    {
        public string Table(string kind, string first, string second)
        {
            double rate = Bench.Median(First.Zip(Second, (a, b) => b.PerSecond / a.PerSecond));
            double p99 = Bench.Median(First.Zip(Second, (a, b) => b.P99Ms / a.P99Ms));
            return string.Create(CultureInfo.InvariantCulture, $"""
                | {kind}: (a) {first} | {Bench.Median(First.Select(run => run.PerSecond)):N0} | {Bench.Median(First.Select(run => run.P99Ms)):F2} |
                | {kind}: (b) {second} | {Bench.Median(Second.Select(run => run.PerSecond)):N0} | {Bench.Median(Second.Select(run => run.P99Ms)):F2} |
                | **{kind}: b/a** | **{rate:F2}** | **{p99:F2}** |
                """);
        }
    }
}
