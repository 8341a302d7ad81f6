using System.Net;
using Radar.Tests.Fixtures;

namespace Radar.Tests.EndToEnd;

/// <summary>On the embedded servers; the commands and settings are tested on the same AppHost.</summary>
[Collection(OneAppHostAtATime.Name)]
public sealed partial class PathOnEmbeddedTests(EmbeddedAppHost shared) : PathContractTests(shared), IClassFixture<EmbeddedAppHost>
{
    [Fact]
    public async Task Settings_reach_the_services_and_the_documents_are_served()
    {
        var lag = await Host.WithinAsync(RunningAppHost.JsonAsync(Api, "/api/v2/lag"), "the lag is served");
        var ticker = await Host.WithinAsync(RunningAppHost.JsonAsync(Api, "/api/v1/ticker/btcusdt"), "a ticker is served");
        using var docs = await Host.WithinAsync(Api.GetAsync(new Uri("/docs/index.html", UriKind.Relative)), "the documents are served");

        Assert.Equal(EmbeddedAppHost.Partitions, lag["partitions"]!.AsArray().Count);
        Assert.Equal("BTCUSDT", (string?)ticker["symbol"]);
        Assert.Equal(HttpStatusCode.OK, docs.StatusCode);
    }
}

[Collection(OneAppHostAtATime.Name)]
public sealed class PathOnKafkaHomeTests(KafkaHomeAppHost shared) : PathContractTests(shared), IClassFixture<KafkaHomeAppHost>;

/// <summary>On containers; what their volumes keep is tested by a second start.</summary>
[Collection(OneAppHostAtATime.Name)]
public sealed class PathOnContainersTests(ContainersAppHost shared) : PathContractTests(shared), IClassFixture<ContainersAppHost>
{
    [ContractFact]
    [Runs(Last + 1)]
    public async Task Second_start_on_the_same_volumes_has_the_same_ticks_and_state_and_logs_nothing_at_Warning_or_above()
    {
        _ = Host;
        if (shared.AnswersAtStop is null)
            await shared.StopAsync();

        await using var again = await RunningAppHost.StartAsync(
            [.. SharedAppHost.Common, "--Kafka:Partitions=4", "--Producer:Source=none", .. shared.Settings]);
        var complaints = await Complaints.OfStartAsync(again);
        await ServedState.UntilServedAsync(again, shared.CountAtStop);
        Assert.Equal(shared.AnswersAtStop, await ServedState.AnswersAsync(again));
        Complaints.AssertNone([.. complaints, .. await Complaints.OfStopAsync(again, DateTimeOffset.MinValue)]);
    }
}

/// <summary>
/// An AppHost is ten processes that start at once: two beside each other would take as long, and time out sooner. No other test runs
/// beside one either: a server that takes long to answer on a busy machine is a fault of nobody, and yet a warning; and Chromium gives up
/// its requests when a container's network comes or goes.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneAppHostAtATime
{
    public const string Name = "AppHost";
}
