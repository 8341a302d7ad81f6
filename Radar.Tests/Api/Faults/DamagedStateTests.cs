using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Faults;

/// <summary>What Redis holds is not what Radar writes: it is named and not served, and nothing begins from it.</summary>
public sealed class DamagedStateTests : IDisposable
{
    private static readonly RedisKeys First = new(RedisKeys.FirstEpoch, 0);

    private static readonly string[] Logged = ["--Logging:LogLevel:Default=Error", "--Logging:Console:LogLevel:Default=None"];

    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();

    public void Dispose()
    {
        _kafka.Dispose();
        _redis.Dispose();
    }

    [Theory]
    [InlineData("offset", "-5")]
    [InlineData("offset", "2x")]
    [InlineData("offset", "")]
    [InlineData("identity", "market-ticks")]
    [InlineData("identity", "market-ticks - 0")]
    [InlineData("record_ms", "soon")]
    public async Task Position_that_cannot_be_read_is_named_by_answers_and_health(string field, string value)
    {
        _kafka.CreateTopic(Topic, Partitions);
        await using var world = await StartAsync(_redis.Address, _kafka.BootstrapServers, more: Logged);
        using var lines = new LogLines();
        world.App.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await world.TakeInAsync(0, [Tick("A", 1)]);

        await world.Redis.HashSetAsync(First.Position, field, value);

        const string Expected = "Partition 0: the position is damaged in Redis; the log names the key.";
        foreach (string path in new[] { "/api/v2/trades/a", "/api/v2/bars/a", "/api/v1/history/a", "/api/v2/lag" })
        {
            var problem = await world.ProblemAsync(path, HttpStatusCode.ServiceUnavailable);
            Assert.StartsWith(Expected, (string?)problem["detail"], StringComparison.Ordinal);
        }

        await world.UntilAsync(
            "/health", health => ((string?)health["checks"]!["lag"]!["description"])!.StartsWith(Expected, StringComparison.Ordinal));
        await Wait.UntilAsync(
            () => lines.Text.Contains(
                $"{First.Position} has the {field} '{value}', which Radar does not write.", StringComparison.Ordinal),
            "the log names the key");
        var meta = (await world.JsonAsync("/api/v2/tickers/a"))["meta"]!; // from memory, which nobody can confirm
        Assert.True((bool)meta["stale"]!);
    }

    [Fact]
    public async Task Epoch_that_cannot_be_read_is_named_by_answers_and_health()
    {
        _kafka.CreateTopic(Topic, Partitions);
        await using var world = await StartAsync(_redis.Address, _kafka.BootstrapServers, more: Logged);
        using var lines = new LogLines();
        world.App.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await world.TakeInAsync(0, [Tick("A", 1)]);

        await world.Redis.StringSetAsync(RedisKeys.ActiveEpoch, "no epoch");

        var problem = await world.ProblemAsync("/api/v2/lag", HttpStatusCode.ServiceUnavailable);
        const string Expected = "The name of the epoch that is served is damaged in Redis";
        Assert.StartsWith(Expected, (string?)problem["detail"], StringComparison.Ordinal);
        await world.UntilAsync(
            "/health", health => ((string?)health["checks"]!["lag"]!["description"])!.StartsWith(Expected, StringComparison.Ordinal));
        await Wait.UntilAsync(
            () => lines.Text.Contains("radar:epoch holds no name of an epoch", StringComparison.Ordinal), "the log names the key");
    }

    [Fact]
    public async Task Consumer_names_what_it_cannot_begin_from_and_leaves_it_as_it_is()
    {
        _kafka.CreateTopic("damaged", 12);
        await using var path = new RadarPath(_kafka, _redis.Address, "damaged");
        await path.Redis.GetDatabase().StringSetAsync(RedisKeys.ActiveEpoch, "no epoch");
        await path.Redis.GetDatabase().HashSetAsync(First.Position, [new("offset", "-5"), new("identity", "damaged - 12")]);

        using var lines = new LogLines();
        var consumer = path.BuildConsumer();
        consumer.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await consumer.StartAsync();
        await SaysAsync("The name of the epoch that is served is damaged in Redis");
        await path.Redis.GetDatabase().StringSetAsync(RedisKeys.ActiveEpoch, RedisKeys.FirstEpoch);

        await SaysAsync("Partition 0: the position is damaged in Redis");
        Assert.Contains($"{First.Position} has the offset '-5'", lines.Text, StringComparison.Ordinal);
        Assert.Equal("-5", await path.Redis.GetDatabase().HashGetAsync(First.Position, "offset"));

        Task SaysAsync(string sentence) => Wait.UntilAsync(
            async () => (await PartitionsHealth.OfAsync(consumer)).Description!.Contains(sentence, StringComparison.Ordinal),
            $"the consumer says '{sentence}'");
    }
}
