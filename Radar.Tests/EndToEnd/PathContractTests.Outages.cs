using Aspire.Hosting.ApplicationModel;
using Radar.Tests.Fixtures;

namespace Radar.Tests.EndToEnd;

// What is taken away and comes back.
public abstract partial class PathContractTests
{
    [ContractFact]
    public async Task Lag_rises_in_health_and_metric_while_the_consumer_is_stopped_and_falls_to_0_when_it_is_back()
    {
        const long Behind = 40;
        var api = Host.Api();

        await Host.CommandAsync("consumer", KnownResourceCommands.StopCommand);
        await Host.UntilStateAsync("consumer", KnownResourceStates.Exited, KnownResourceStates.Finished);
        long inHealth = 0;
        await Host.UntilAsync(
            async () => (inHealth = await LagInHealthAsync(api)) >= Behind && LagInMetric() >= Behind,
            $"the lag is at least {Behind} messages in health and metric",
            () => $"It is {inHealth} in health and {LagInMetric()} in the metric.");

        // Without new ticks it is exactly 0 in the end.
        await Host.CommandAsync("producer", KnownResourceCommands.StopCommand);
        await Host.CommandAsync("consumer", KnownResourceCommands.StartCommand);
        await Host.UntilAsync(
            async () => (inHealth = await LagInHealthAsync(api)) == 0 && LagInMetric() == 0,
            "the lag is 0 in health and metric",
            () => $"It is {inHealth} in health and {LagInMetric()} in the metric.");

        await Host.CommandAsync("producer", KnownResourceCommands.StartCommand);
        await Host.UntilHealthyAsync();
        await AssertServedAsTheTopicHasItAsync();
    }

    [ContractFact]
    public Task A_killed_Kafka_that_is_back_leaves_everything_healthy_and_every_value_right() => AssertSurvivedAsync("kafka");

    [ContractFact]
    public Task A_killed_Redis_that_is_back_leaves_everything_healthy_and_every_value_right() => AssertSurvivedAsync("redis");

    private async Task AssertSurvivedAsync(string server)
    {
        var api = Host.Api();
        _ = await JsonAsync(api, $"/api/v2/tickers/{Symbol}");

        await shared.KillAsync(server);
        await Host.UntilAsync(
            async () => (string?)(await JsonAsync(api, $"/api/v2/tickers/{Symbol}"))["meta"]!["lag_ms"]?.ToJsonString() is null,
            $"the API knows that {server} is away and the lag with it");
        await shared.BringBackAsync(server);

        await Host.UntilHealthyAsync();
        var before = await JsonAsync(api, $"/api/v2/tickers/{Symbol}");
        await Host.UntilAsync(
            async () => VersionOf(await JsonAsync(api, $"/api/v2/tickers/{Symbol}")) != VersionOf(before) && LagInMetric() is >= 0 and < 20,
            "ticks come again, and the backlog is taken in",
            () => $"The lag is {LagInMetric()}; the version was {VersionOf(before)}.");
        await AssertServedAsTheTopicHasItAsync();
    }

    /// <summary>Messages that the API's health report says are missing; -1 where it says nothing of them.</summary>
    private static async Task<long> LagInHealthAsync(HttpClient api)
    {
        using var answer = await api.GetAsync(new Uri("/health", UriKind.Relative));
        var health = System.Text.Json.Nodes.JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        return (long?)health["checks"]?["lag"]?["data"]?["messages"] ?? -1;
    }

    /// <summary>Messages over all partitions as the replica says that exports the largest sum; -1 where none exports it.</summary>
    private double LagInMetric() =>
        Host.Telemetry.Series("api", "kafka.consumer_group.lag").GroupBy(point => point.Metric.Service.Instance)
            .Select(replica => replica.Sum(point => point.Value)).DefaultIfEmpty(-1).Max();
}
