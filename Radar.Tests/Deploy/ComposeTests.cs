using System.Net;
using System.Text.Json.Nodes;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Deploy;

/// <summary>The whole path in containers, by the compose file that people run.</summary>
[Collection(ComposeAlone.Name)]
public sealed class ComposeTests
{
    [RequiresFact(Need.Compose)]
    public async Task Path_serves_with_a_key_and_after_each_restart_no_record_is_missing_or_counted_twice()
    {
        await using var project = await ComposeProject.UpAsync();
        using var http = new HttpClient { BaseAddress = new Uri(project.Address), Timeout = TimeSpan.FromSeconds(10) };
        await Wait.UntilAsync(async () => await StatusAsync(http, "/ready") == HttpStatusCode.OK, "The API is not ready.");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/api/v2/tickers/BTCUSDT"));
        string made = await project.ExecAsync("api", "/app/Radar.Api", "keys", "create", "--name", "test", "--scopes", "market.read");
        string key = made.Split('\n', ' ').Single(word => word.StartsWith("rk_", StringComparison.Ordinal));
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        await Wait.ForAsync(
            () => FirstReadAsync(http),
            status => status == HttpStatusCode.OK,
            async status => $"The answer with the key is {status}.\n{await project.LogsAsync()}");
        await AssertConfinedAsync(project);

        foreach (string service in new[] { "producer", "consumer", "api", "redis", "kafka" })
        {
            long[] before = (await Wait.ForAsync(
                () => PositionsAsync(http), positions => positions is not null, async _ => $"{await AnswerAsync(http, "/api/v2/lag")}"))!;
            await project.RestartAsync(service);
            long[]? now = await Wait.ForAsync(
                () => PositionsAsync(http),
                after => after is not null && after.Sum() > before.Sum(),
                async after => $"{service} was restarted at {Shown(before)}, now {Shown(after)}: "
                    + await AnswerAsync(http, "/api/v2/lag") + "\n" + await project.LogsAsync());
            Assert.All(before.Zip(now!), partition => Assert.True(partition.Second >= partition.First, $"{Shown(before)} {Shown(now)}"));
        }

        Assert.Equal(["0"], await project.StopAsync("producer"));
        await Wait.ForAsync(
            () => ReadAsync(http, "/api/v2/lag"), lag => (long?)lag?["messages"] == 0, lag => Task.FromResult($"The lag stays: {lag}"));
        Assert.Equal((await PositionsAsync(http))!.Sum(), await CountedAsync(http));
        Assert.Equal(["0", "0"], await project.StopAsync("consumer"));
        Assert.Equal(["0"], await project.StopAsync("api"));
    }

    /// <summary>Their own health command, and what a container must not be able to do.</summary>
    private static async Task AssertConfinedAsync(ComposeProject project)
    {
        foreach (string service in ComposeProject.Services)
        {
            string program = $"/app/Radar.{char.ToUpperInvariant(service[0])}{service[1..]}";
            await Wait.ForAsync( // on a busy machine it may not answer in time at first
                () => project.AskAsync(service, program, "health"),
                answer => answer.ExitCode == 0 && answer.Text.Contains("/ready: 200", StringComparison.Ordinal),
                answer => Task.FromResult($"The health of {service} is {answer}"));
            foreach (string container in await project.InspectAsync(service, "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}"))
                Assert.Equal("1654 true", container);
        }
    }

    /// <summary>A key counts within half a second; who shows it to the API more often before is taken for one who tries keys.</summary>
    private static async Task<HttpStatusCode> FirstReadAsync(HttpClient http)
    {
        await Task.Delay(500);
        return await StatusAsync(http, "/api/v2/tickers/BTCUSDT");
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path) => (await AnswerAsync(http, path)).Status;

    /// <summary>Null while it is not answered, or not with success.</summary>
    private static async Task<JsonNode?> ReadAsync(HttpClient http, string path) =>
        await AnswerAsync(http, path) is (HttpStatusCode.OK, var body) ? JsonNode.Parse(body) : null;

    /// <summary>Status 0 where there is no answer, since the API is being started.</summary>
    private static async Task<(HttpStatusCode Status, string Body)> AnswerAsync(HttpClient http, string path)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return (0, e.Message);
        }
    }

    private static async Task<long[]?> PositionsAsync(HttpClient http) => await ReadAsync(http, "/api/v2/lag") is { } lag
        ? [.. lag["partitions"]!.AsArray().Select(partition => (long?)partition!["position"] ?? 0)]
        : null;

    /// <summary>Trades in the daily bars of all symbols: every record is one.</summary>
    private static async Task<long> CountedAsync(HttpClient http)
    {
        long trades = 0;
        foreach (var symbol in (await ReadAsync(http, "/api/v2/symbols"))!["symbols"]!.AsArray())
        {
            var bars = await ReadAsync(http, $"/api/v2/bars/{symbol}?timeframe=1Day");
            trades += bars!["bars"]!.AsArray().Sum(bar => (long)bar!["n"]!);
        }

        return trades;
    }

    private static string Shown(long[]? positions) => string.Join(' ', positions ?? []);
}

/// <summary>Beside other tests its containers would only be slower.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ComposeAlone
{
    public const string Name = "compose";
}
