using System.Text.Json.Nodes;
using Radar.Tests.Fixtures;

namespace Radar.Tests.EndToEnd;

/// <summary>What containers keep in their volumes.</summary>
[Collection(OneAppHostAtATime.Name)]
public sealed class VolumeTests
{
    [SkippableFact]
    public async Task Ticks_and_state_are_there_again_after_a_restart_of_the_AppHost()
    {
        const int Count = 300;
        Requirement.Need(await Containers.MissingAsync());
        string prefix = TestVolumes.NewPrefix();
        string[] settings = ["--Infrastructure=containers", TestVolumes.Setting(prefix), "--Kafka:Partitions=3"];
        await TestVolumes.OfTestsOnlyAsync(prefix);
        try
        {
            Dictionary<string, string> before;
            string[] some = [$"--Producer:Synthetic:Count={Count}", "--Producer:Synthetic:Rate=100"];
            await using (var host = await RunningAppHost.StartAsync([.. settings, .. some]))
            {
                await UntilServedAsync(host, Count);
                before = await AnswersAsync(host);
                await host.StopAsync();
            }

            await using (var host = await RunningAppHost.StartAsync([.. settings, "--Producer:Source=none"]))
            {
                await UntilServedAsync(host, Count);
                Assert.Equal(before, await AnswersAsync(host));
                await host.StopAsync();
            }
        }
        finally
        {
            await TestVolumes.DeleteAsync(prefix);
        }
    }

    private static async Task UntilServedAsync(RunningAppHost host, int count)
    {
        var api = host.Api();
        JsonObject lag = [];
        await host.UntilAsync(
            async () =>
            {
                lag = await RunningAppHost.JsonAsync(api, "/api/v2/lag");
                return (long)lag["messages"]! == 0 && lag["partitions"]!.AsArray().Sum(partition => (long)partition!["end"]!) == count;
            },
            $"{count} ticks are in the topic and in the state",
            () => lag.ToJsonString());
    }

    /// <summary>Versions and values of every symbol; without what goes on with the clock.</summary>
    private static async Task<Dictionary<string, string>> AnswersAsync(RunningAppHost host)
    {
        var api = host.Api();
        var answers = new Dictionary<string, string>();
        var tickers = await host.WithinAsync(RunningAppHost.JsonAsync(api, "/api/v2/tickers"), "tickers");
        foreach (var symbol in tickers["tickers"]!.AsArray().Select(ticker => (string)ticker!["symbol"]!))
        {
            string[] paths = [$"/api/v2/tickers/{symbol}", $"/api/v2/trades/{symbol}", $"/api/v2/bars/{symbol}?timeframe=1Min"];
            foreach (string path in paths)
            {
                var answer = await host.WithinAsync(RunningAppHost.JsonAsync(api, path), path);
                foreach (string member in new[] { "age_ms", "lag_ms", "stale" })
                    answer["meta"]!.AsObject().Remove(member);
                answers[path] = answer.ToJsonString();
            }
        }

        return answers;
    }
}
