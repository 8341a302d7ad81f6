namespace Radar.Benchmarks;

/// <summary>
/// Reads of one ticker, (b), against a Kestrel endpoint that returns the same bytes without looking, (a): whole answers, and answers
/// that have not changed. Each server in a process of its own.
/// </summary>
internal static class ReadBenchmark
{
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
        var whole = await Wrk.CompareAsync("read whole", same, ticker, [], []);
        var notModified = await Wrk.CompareAsync("read not modified", same, ticker, known, known);
        return $"""
            | read one ticker, wrk, 64 connections | requests/s | p99 ms |
            |---|---:|---:|
            {whole.Table("200", "fixed bytes", "Radar")}
            {notModified.Table("304", "fixed bytes", "Radar")}
            """;
    }
}
