using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Radar.AppHost.Commands;
using Radar.Producer.Control;
using Radar.Tests.Fixtures;

namespace Radar.Tests.EndToEnd;

// Every command on a resource, as dashboard and CLI run it.
public sealed partial class PathOnEmbeddedTests
{
    private const int AfterReference = 1; // the topic gets records that are no ticks, which the other tests do not expect

    private HttpClient? _api;

    private DistributedApplication App => Host.App;

    private HttpClient Api => _api ??= Host.Api();

    [Fact]
    public void Kinds_of_poison_on_offer_are_those_that_the_producer_knows() =>
        Assert.Equal(PoisonRecord.All.Select(poison => poison.Kind), ProducerCommands.Poisons.Select(poison => poison.Key));

    [Fact]
    public async Task Rate_is_multiplied_set_and_brought_back()
    {
        string faster = await SucceedAsync("producer", "rate-x10");
        string set = await SucceedAsync("producer", "rate", ("rate", "250"), ("seconds", "0"));
        string back = await SucceedAsync("producer", "rate-back");

        Assert.Contains("| **now** | **1000 ticks/s** (for 60 s, then 100 ticks/s again) |", faster, StringComparison.Ordinal);
        Assert.Contains("| before | 1000 ticks/s |\n| **now** | **250 ticks/s** (until it is set again", set, StringComparison.Ordinal);
        Assert.Contains("| **now** | **100 ticks/s** (as configured) |", back, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("producer", "rate", "rate", "-1")]
    [InlineData("producer", "rate", "rate", "fast")]
    [InlineData("producer", "inject-poison", "kind", "arsenic")]
    [InlineData("producer", "replay", "path", "trades.csv")]
    [InlineData("producer", "replay", "speed", "-1")]
    [InlineData("api", "verify", "timeframe", "2Min")]
    [InlineData("api", "verify", "symbol", "")]
    public async Task Argument_that_cannot_be_is_refused_before_anything_is_sent(
        string resource, string command, string argument, string value)
    {
        var result = await RunAsync(resource == "api" ? (await ReplicasAsync(resource))[0] : resource, command, (argument, value));

        Assert.False(result.Success);
        Assert.Equal("Command argument validation failed.", result.Message);
    }

    [Fact]
    [Runs(AfterReference)]
    public async Task Poison_is_refused_into_the_dead_letters()
    {
        foreach (string kind in ProducerCommands.Poisons.Select(poison => poison.Key))
        {
            string markdown = await SucceedAsync("producer", "inject-poison", ("kind", kind));

            Assert.Contains(kind == "null-traceparent" ? "to be applied" : "refused, `", markdown, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Runs(AfterReference)]
    public async Task Recording_is_replayed_from_its_path_and_served()
    {
        var directory = Directory.CreateTempSubdirectory("radar-test-");
        try
        {
            string path = Path.Combine(directory.FullName, "recorded.csv");
            await File.WriteAllTextAsync(
                path, "symbol,price,size,side,timestamp\nRECORDED,12.5,1,buy,1700000000000\nRECORDED,13.5,2,sell,1700000001000\n");

            string markdown = await SucceedAsync("producer", "replay", ("path", path));

            Assert.Contains("| recorded.csv | 2 |", markdown, StringComparison.Ordinal);
            await Host.UntilAsync(async () => (decimal?)(await GetAsync("/api/v2/tickers/RECORDED"))?["p"] == 13.5m,
                "the recording is served");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Lag_rises_while_the_consumers_are_paused_and_falls_when_they_are_resumed()
    {
        var consumer = App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(
            resource => resource.Name == "consumer");
        var commands = App.Services.GetRequiredService<ResourceCommandService>();

        var paused = await commands.ExecuteCommandAsync(consumer, "pause");
        await Host.UntilAsync(async () => await LagAsync() > 200, "lag rises");
        var resumed = await commands.ExecuteCommandAsync(consumer, "resume");
        await Host.UntilAsync(async () => await LagAsync() < 50, "lag falls");

        Assert.True(paused.Success && resumed.Success, $"{paused.Message} {resumed.Message}");
        Assert.Contains("Paused since", paused.Data!.Value, StringComparison.Ordinal);
        Assert.Contains("Consuming.", resumed.Data!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_replica_hands_over_and_comes_back_when_started()
    {
        string killed = (await ReplicasAsync("consumer"))[0];

        string markdown = await SucceedAsync(killed, "kill");
        await App.ResourceNotifications.WaitForResourceAsync(
            "consumer", at => at.ResourceId == killed && KnownResourceStates.TerminalStates.Contains(at.Snapshot.State?.Text))
                .WaitAsync(RunningAppHost.Limit);
        long end = await EndAsync();
        await Host.UntilAsync(async () => await EndAsync() > end + 200 && await LagAsync() < 50, "the other replica has all partitions");
        var started = await RunAsync(killed, "start");
        await Host.UntilAsync(async () => (await RunAsync(killed, "resume")).Success, "the killed replica takes commands again");

        Assert.Contains("Killed process", markdown, StringComparison.Ordinal);
        Assert.True(started.Success, started.Message);
    }

    [Fact]
    public async Task Symbol_is_verified_against_the_log()
    {
        await Host.UntilAsync(async () => await GetAsync("/api/v2/tickers/BTCUSDT") is not null, "the symbol is there");

        string api = (await ReplicasAsync("api"))[0];
        string markdown = await SucceedAsync(api, "verify", ("symbol", "btcusdt"), ("timeframe", "5Min"));
        var unknown = await RunAsync(api, "verify", ("symbol", "NOSUCH"));

        Assert.Contains("**BTCUSDT is equal", markdown, StringComparison.Ordinal);
        Assert.Contains("| bars 5Min |", markdown, StringComparison.Ordinal);
        Assert.Contains("The API has no symbol NOSUCH", unknown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kafka")]
    [InlineData("redis")]
    public async Task Server_is_stopped_and_started_and_ticks_flow_again(string server)
    {
        string stopped = await SucceedAsync("infrastructure", "stop-" + server);
        await Host.UntilAsync(async () => !await IsHealthyAsync(), "the API is no longer healthy");
        string back = await SucceedAsync("infrastructure", "start-" + server);
        await Host.UntilAsync(IsHealthyAsync, "the API is healthy again");
        long end = await EndAsync();
        await Host.UntilAsync(async () => await EndAsync() > end + 100 && await LagAsync() < 50, "ticks flow again");

        Assert.Contains("is stopped", stopped, StringComparison.Ordinal);
        Assert.Contains("runs again", back, StringComparison.Ordinal);
    }

    private async Task<string> SucceedAsync(string resource, string command, params (string Name, string Value)[] arguments)
    {
        var result = await RunAsync(resource, command, arguments);
        Assert.True(result.Success, $"{resource} {command}: {result.Message} {result.Data?.Value}");
        Assert.Equal(CommandResultFormat.Markdown, result.Data!.Format);
        return result.Data.Value.ReplaceLineEndings("\n");
    }

    private Task<ExecuteCommandResult> RunAsync(string resource, string command, params (string Name, string Value)[] arguments) =>
        App.Services.GetRequiredService<ResourceCommandService>().ExecuteCommandAsync(
            resource, command,
            new InteractionInputCollection(
                [.. arguments.Select(argument =>
                    new InteractionInput { Name = argument.Name, Value = argument.Value, InputType = InputType.Text })]))
                        .WaitAsync(RunningAppHost.Limit);

    private async Task<List<string>> ReplicasAsync(string resource)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        await App.ResourceNotifications.WaitForResourceAsync(resource, at =>
        {
            found.Add(at.ResourceId);
            return found.Count == 2;
        }).WaitAsync(RunningAppHost.Limit);
        return [.. found];
    }

    private async Task<JsonNode?> GetAsync(string path)
    {
        using var response = await Api.GetAsync(new Uri(path, UriKind.Relative));
        return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonNode>() : null;
    }

    private async Task<long> LagAsync() => (long?)(await GetAsync("/api/v2/lag"))?["messages"] ?? long.MaxValue;

    private async Task<long> EndAsync() =>
        (await GetAsync("/api/v2/lag"))?["partitions"]!.AsArray().Sum(partition => (long?)partition!["end"] ?? 0) ?? 0;

    private async Task<bool> IsHealthyAsync() => (string?)(await GetAsync("/health"))?["status"] == "Healthy";
}
