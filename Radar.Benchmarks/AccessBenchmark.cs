using Radar.Api.Access;
using Radar.Market.Store;

namespace Radar.Benchmarks;

/// <summary>
/// Reads of one ticker with a key and a limit that is not reached, (b), against the same without either, (a): two API processes on the
/// same state.
/// </summary>
internal static class AccessBenchmark
{
    public static async Task<string> RunAsync(Bench bench)
    {
        await bench.FillAsync("access", 10_000, 64);
        using var path = await ServedPath.StartAsync(bench, "access");
        var secret = KeySecret.New();
        var now = TimeProvider.System.GetUtcNow();
        var key = new ApiKey(secret.Id, "bench", [Scopes.Read], [new KeptSecret(secret.Hash(), now)], now);
        await new ApiKeyRecords(bench.Redis).TryReplaceAsync(key.Id, null, key.Format());
        string url = BenchProcess.FreeUrl();
        using var guarded = new BenchProcess(
            "Radar.Api", $"--ConnectionStrings:kafka={bench.KafkaAddress}", $"--ConnectionStrings:redis={bench.RedisAddress}",
            "--Kafka:Topic=access", "--Logging:LogLevel:Default=Warning", "--urls=" + url, "--Auth:Mode=keys",
            "--Limits:UnitsPerSecond=1000000", "--Limits:Burst=10000000");
        const string Ticker = "/api/v2/tickers/SYM007USDT";
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("X-Api-Key", secret.Reveal());
        await BenchProcess.UpAsync(http, url + Ticker);

        var compared = await Wrk.CompareAsync("access", path.Url + Ticker, url + Ticker, [], ["-H", "X-Api-Key: " + secret.Reveal()]);
        return $"""
            | read one ticker, wrk, 64 connections | requests/s | p99 ms |
            |---|---:|---:|
            {compared.Table("200", "open", "key and limit")}
            """;
    }
}
