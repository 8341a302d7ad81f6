using System.Text.Json.Nodes;

namespace Radar.Tests.EndToEnd;

/// <summary>What the API of an AppHost serves once every tick that was sent is in the state.</summary>
internal static class ServedState
{
    /// <summary>Waits until the topic has so many ticks and the state all of them.</summary>
    public static async Task UntilServedAsync(RunningAppHost host, int count)
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
    public static async Task<Dictionary<string, string>> AnswersAsync(RunningAppHost host)
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
