namespace Radar.Benchmarks;

/// <summary>Radar's consumer and API as processes of their own, on a topic that a benchmark fills.</summary>
internal sealed class ServedPath : IDisposable
{
    private readonly BenchProcess _consumer;

    private ServedPath(BenchProcess consumer, BenchProcess api, string url)
    {
        (_consumer, Api, Url) = (consumer, api, url);
        Http = new HttpClient { BaseAddress = new Uri(url) };
    }

    public BenchProcess Api { get; }

    /// <summary>Where the API listens.</summary>
    public string Url { get; }

    public HttpClient Http { get; }

    /// <summary>
    /// Starts both with an empty Redis, and waits until the API serves what is in the topic, which must be something: what is measured
    /// is a path that runs, not one that starts.
    /// </summary>
    public static async Task<ServedPath> StartAsync(Bench bench, string topic, params string[] more)
    {
        await bench.Redis.GetServers()[0].FlushDatabaseAsync();
        string url = BenchProcess.FreeUrl();
        string[] both =
        [
            $"--ConnectionStrings:kafka={bench.KafkaAddress}", $"--ConnectionStrings:redis={bench.RedisAddress}", $"--Kafka:Topic={topic}",
            "--Logging:LogLevel:Default=Warning",
        ];
        var path = new ServedPath(
            new BenchProcess("Radar.Consumer", [.. both, "--urls=http://127.0.0.1:0"]),
            new BenchProcess("Radar.Api", [.. both, "--urls=" + url, "--Api:StreamClientsPerAddressMax=10000", .. more]),
            url);
        try
        {
            await BenchProcess.UpAsync(path.Http, url + "/api/v2/tickers/" + PacedTicks.Name(0));
            while (!await path.IsAppliedAsync())
                await Task.Delay(50);
            await BenchProcess.UpAsync(path.Http, url + "/health");
            return path;
        }
        catch
        {
            path.Dispose();
            throw;
        }
    }

    /// <summary>The lag is known, and 0.</summary>
    private async Task<bool> IsAppliedAsync()
    {
        using var answer = await Http.GetAsync(new Uri(Url + "/api/v2/lag"));
        return answer.IsSuccessStatusCode
            && (await answer.Content.ReadAsStringAsync()).StartsWith("{\"messages\":0,", StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Http.Dispose();
        Api.Dispose();
        _consumer.Dispose();
    }
}
