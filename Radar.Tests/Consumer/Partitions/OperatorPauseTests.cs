using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Radar.Consumer.Polling;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer.Partitions;

public sealed class OperatorPauseTests : IAsyncLifetime
{
    private const int Partitions = 3;

    private readonly EmbeddedWorld _world = new(Partitions, ControlCalls.Setting);
    private int _sent;

    public Task InitializeAsync() => _world.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Paused_consumer_keeps_its_partitions_while_lag_rises_and_catches_up_when_resumed()
    {
        var host = await _world.Path.StartConsumerAsync();
        using var consumer = ControlCalls.Client(host);
        await SendAsync(30);
        await RadarPath.BacklogAppliedAsync(_world.Api);
        var partitions = EmbeddedWorld.Source(host).Processors.ToHashSet();

        string paused = await ControlCalls.MarkdownAsync(consumer, "/control/pause");
        await SendAsync(50);
        await Wait.UntilAsync(async () => await LagAsync() == 50, "lag rises");
        JsonObject health = await RadarPath.GetAsync(consumer, "/health");
        // Longer than the session timeout of 4 s: a consumer that is silent would be put out of the group.
        await Wait.UntilAsync(
            async () => (double)(await RadarPath.GetAsync(_world.Api, "/api/v2/lag"))["seconds"]! > 5, "lag is past the session timeout");
        long lag = await LagAsync();
        var lanesThen = EmbeddedWorld.Source(host).Processors.ToHashSet();
        string resumed = await ControlCalls.MarkdownAsync(consumer, "/control/resume");
        await RadarPath.BacklogAppliedAsync(_world.Api);

        Assert.Contains("Held partitions: 0, 1, 2", paused, StringComparison.Ordinal);
        Assert.Equal("Degraded", (string?)health["status"]);
        Assert.StartsWith("Paused by an operator since 20", (string?)health["checks"]!["lanes"]!["description"], StringComparison.Ordinal);
        Assert.Equal(50, lag);
        Assert.Equal(partitions, lanesThen);
        Assert.Contains("Consuming", resumed, StringComparison.Ordinal);
        Assert.Equal(80, await _world.Path.CountAsync());
        Assert.Equal("Healthy", (string?)(await RadarPath.GetAsync(consumer, "/health"))["checks"]!["lanes"]!["status"]);
    }

    [Fact]
    public async Task Consumer_that_is_paused_hands_over_and_the_other_goes_on()
    {
        var paused = await _world.Path.StartConsumerAsync();
        using var consumer = ControlCalls.Client(paused);
        await SendAsync(30);
        await RadarPath.BacklogAppliedAsync(_world.Api);
        await ControlCalls.MarkdownAsync(consumer, "/control/pause");
        await SendAsync(20);

        await _world.Path.StopAsync(paused);
        await _world.Path.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(_world.Api);

        Assert.Equal(50, await _world.Path.CountAsync());
    }

    [Fact]
    public async Task Pause_and_resume_report_when_there_was_nothing_to_do()
    {
        using var consumer = ControlCalls.Client(await _world.Path.StartConsumerAsync());

        var idle = await ControlCalls.PostAsync(consumer, "/control/resume");
        await ControlCalls.PostAsync(consumer, "/control/pause");
        var again = await ControlCalls.PostAsync(consumer, "/control/pause");

        Assert.Equal("It was not paused.", (string?)idle.Body["message"]);
        Assert.StartsWith("It was paused already, since 20", (string?)again.Body["message"], StringComparison.Ordinal);
    }

    private async Task<long> LagAsync() => (long)(await RadarPath.GetAsync(_world.Api, "/api/v2/lag"))["messages"]!;

    private async Task SendAsync(int count)
    {
        for (int i = 0; i < count; i++, _sent++)
        {
            string symbol = $"SYM{_sent % 10}";
            await _world.Path.SendAsync((symbol, $$"""{"symbol":"{{symbol}}","price":1,"timestamp":{{1_700_000_000_000 + _sent}}}"""));
        }
    }
}
