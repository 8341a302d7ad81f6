using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.WholePath;

/// <summary>One Redis for several states: <c>Radar:Name</c>.</summary>
public sealed class NamedStateTests : IAsyncLifetime
{
    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();

    public Task InitializeAsync()
    {
        foreach (string topic in new[] { "first", "first.dlq", "second", "second.dlq" })
            _kafka.CreateTopic(topic, 2); // this broker does not answer who asks it to
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        _redis.Dispose();
        _kafka.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Named_states_live_side_by_side_and_without_a_name_the_second_topic_is_refused_with_the_mend()
    {
        await using var first = Path("first");
        await using var second = Path("second");
        await using var named = Path("second", "--Radar:Name=second");
        await using var again = Path("first", "--Radar:Name=again"); // the same topic: without a group of its own it would get half of it
        foreach (var path in new[] { first, named, again })
            await path.StartConsumerAsync();
        await first.SendAsync(("A", """{"symbol":"A","price":1,"timestamp":1}"""), ("B", """{"symbol":"B","price":3,"timestamp":1}"""));
        await named.SendAsync(("A", """{"symbol":"A","price":2,"timestamp":1}"""));

        Assert.Equal([("A", 1m), ("B", 3m)], await ServedAsync(first));
        Assert.Equal([("A", 2m)], await ServedAsync(named));
        Assert.Equal([("A", 1m), ("B", 3m)], await ServedAsync(again));

        WebApplication refused = await second.StartConsumerAsync();
        string said = "";
        await Wait.UntilAsync(
            async () =>
            {
                said = (await refused.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["lanes"].Description!;
                return said.Contains("The state is of topic first, and not of second.", StringComparison.Ordinal);
            },
            $"the second consumer says whose state it is; {said}");
        Assert.Contains("or give this state a name of its own (Radar:Name, of consumers and APIs)", said, StringComparison.Ordinal);
        Assert.Contains("stop the consumers and build the state again", said, StringComparison.Ordinal);
        Assert.Equal([("A", 1m), ("B", 3m)], await ServedAsync(first));
    }

    [Fact]
    public async Task Name_that_cannot_be_part_of_a_key_stops_the_start()
    {
        await using var path = Path("first", "--Radar:Name=My State:1");

        var error = await Assert.ThrowsAnyAsync<Exception>(() => path.StartConsumerAsync());

        Assert.Contains("Name", error.Message, StringComparison.Ordinal);
    }

    private RadarPath Path(string topic, params string[] settings) => new(
        _kafka, _redis.Address, topic, ["--Kafka:Partitions=2", $"--Kafka:TopicIdentity={topic}", .. settings]);

    private static async Task<List<(string, decimal)>> ServedAsync(RadarPath path)
    {
        using HttpClient api = await path.StartApiAsync();
        await RadarPath.BacklogAppliedAsync(api);
        return [.. (await RadarPath.GetAsync(api, "/api/v2/tickers"))["tickers"]!.AsArray().Select(
            ticker => ((string)ticker!["symbol"]!, (decimal)ticker["p"]!))];
    }
}
