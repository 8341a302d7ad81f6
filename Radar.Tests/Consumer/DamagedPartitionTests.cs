using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Radar.Consumer.Partitions;
using Radar.Market;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Consumer;

/// <summary>State that is damaged in Redis beneath a running consumer: nobody has to ask for it, and nobody has to fix it.</summary>
public sealed class DamagedPartitionTests : IAsyncLifetime
{
    private const int Trades = 300;
    private static readonly RedisKeys Keys = new(RedisKeys.FirstEpoch, 0);

    private readonly EmbeddedWorld _world = new(partitions: 1);

    public static TheoryData<string> Damages => ["a bar deleted", "latest deleted", "another type", "one bit", "everything evicted"];

    private IDatabase Database => _world.Path.Redis.GetDatabase();

    public Task InitializeAsync() => _world.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damaged_partition_is_rebuilt_automatically_and_marked_until_it_is_complete(string damage)
    {
        WebApplication consumer = await _world.Path.StartConsumerAsync();
        await SendAsync(0, Trades);
        await RadarPath.BacklogAppliedAsync(_world.Api);
        string whole = await RedisDump.OfAsync(_world.Path.Redis, "radar:{*");
        var pause = consumer.Services.GetRequiredService<OperatorPause>();
        pause.TryPause();

        await DamageAsync(damage);

        JsonNode mark = await MarkedAsync();
        Assert.Equal((0, 0, Trades), ((int?)mark["partition"], (int?)mark["from"], (int?)mark["to"]));
        Assert.Null(mark["key"]);
        Assert.Contains("is being rebuilt from the log", await PartitionsHealth.StoppedAsync(consumer, "damage"), StringComparison.Ordinal);
        Assert.Equal("Degraded", await RadarPath.HealthAsync(_world.Api, "integrity"));

        // The consumer is paused: what the state lacks grows older.
        await Wait.UntilAsync(
            async () => (bool?)(await RadarPath.GetAsync(_world.Api, "/api/v2/tickers/A"))["meta"]!["stale"] == true, "the state is stale");

        pause.TryResume();
        await Wait.UntilAsync(
            async () => await RadarPath.HealthAsync(_world.Api, "integrity") == "Healthy"
                && await RadarPath.HealthAsync(_world.Api, "state") == "Healthy", "the state is whole");
        Assert.Null((await RadarPath.GetAsync(_world.Api, "/api/v2/bars/A?timeframe=1Min"))["meta"]!["incomplete"]);
        RedisDump.AssertSame(whole, await RedisDump.OfAsync(_world.Path.Redis, "radar:{*"), "The state is another than before.");
    }

    [Fact]
    public async Task Rebuild_that_was_interrupted_before_everything_was_deleted_is_done_again()
    {
        WebApplication first = await _world.Path.StartConsumerAsync();
        await SendAsync(0, Trades);
        await RadarPath.BacklogAppliedAsync(_world.Api);
        string whole = await RedisDump.OfAsync(_world.Path.Redis, "radar:{*");
        await _world.Path.StopAsync(first);
        var projection = new PartitionProjection(Database, Keys, new ProjectionOptions());
        await projection.OpenAsync();
        await projection.MarkAsync(IntegrityMarks.Add(null, new IntegrityMark(
            0, IntegrityMarks.Damage, 0, Trades, Start: null, End: null, Marks.Found, "A bar is damaged.", "radar:{1.p00}:latest")));
        await Database.KeyDeleteAsync(Keys.Trades("A")); // so far it came

        await _world.Path.StartConsumerAsync();

        await Wait.UntilAsync(
            async () => await RedisDump.OfAsync(_world.Path.Redis, "radar:{*") == whole, "the state is what it was");
    }

    [Fact]
    public async Task Damaged_partition_whose_log_no_longer_has_its_beginning_stops_marked_and_goes_on_when_it_is_restored()
    {
        await SendAsync(0, Trades);
        WebApplication consumer = await _world.Path.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(_world.Api);
        string compacted = IntegrityMarks.Add(null, new IntegrityMark(
            0, IntegrityMarks.Compaction, null, null, null, null, Marks.Found, "The topic is compacted."));
        await _world.Path.StopAsync(consumer);
        var projection = new PartitionProjection(Database, Keys, new ProjectionOptions());
        await projection.OpenAsync();
        await projection.MarkAsync(compacted); // as good as a log that is cut off, which the embedded broker does not do
        RedisValue[] trades = await Database.ListRangeAsync(Keys.Trades("A"));
        consumer = await _world.Path.StartConsumerAsync();

        await Database.KeyDeleteAsync(Keys.Trades("A"));

        string sentence = await PartitionsHealth.StoppedAsync(consumer, "not rebuilt automatically");
        Assert.Contains("Partition 0: the trades of a symbol are damaged", sentence, StringComparison.Ordinal);
        Assert.Contains("Restore it from a backup", sentence, StringComparison.Ordinal);
        Assert.Contains("the trades of a symbol are damaged", (string?)(await MarkedAsync())["detail"], StringComparison.Ordinal);
        await _world.Path.StopAsync(consumer);
        using var lines = new LogLines();
        consumer = _world.Path.BuildConsumer(); // no restart loses the mark
        consumer.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await consumer.StartAsync();
        await PartitionsHealth.StoppedAsync(consumer, "the trades of a symbol are damaged");
        await Wait.UntilAsync( // the mark that it has read is in health before
            () => lines.Text.Contains("radar:{1.p00}:trades:A is missing", StringComparison.Ordinal), "the log names the key");
        Assert.Equal(Trades, (long)(await Database.HashGetAsync(Keys.Position, "offset")));

        await Database.ListRightPushAsync(Keys.Trades("A"), trades);
        await SendAsync(Trades, 1);

        await RadarPath.BacklogAppliedAsync(_world.Api);
        var left = (await RadarPath.GetAsync(_world.Api, "/api/v2/tickers/A"))["meta"]!["incomplete"]!.AsArray();
        Assert.Equal("compaction", (string?)Assert.Single(left)!["reason"]);
    }

    private async Task DamageAsync(string damage)
    {
        RedisKey minutes = Keys.Bars(Timeframe.Minute, "A");
        switch (damage)
        {
            case "a bar deleted":
                await Database.SortedSetRemoveRangeByRankAsync(minutes, 0, 0);
                break;
            case "latest deleted":
                await Database.HashDeleteAsync(Keys.Latest, "A");
                break;
            case "another type":
                await Database.StringSetAsync(Keys.Bars(Timeframe.Day, "B"), "garbage");
                break;
            case "one bit":
                SortedSetEntry oldest = (await Database.SortedSetRangeByRankWithScoresAsync(minutes, 0, 0))[0];
                byte[] bar = oldest.Element!;
                await Database.SortedSetRemoveRangeByRankAsync(minutes, 0, 0);
                bar[8] ^= 1;
                await Database.SortedSetAddAsync(minutes, bar, oldest.Score);
                break;
            default:
                var server = _world.Path.Redis.GetServers()[0];
                await Database.KeyDeleteAsync([.. server.Keys(pattern: "radar:{*").Where(key => key != Keys.Position)]);
                break;
        }
    }

    /// <summary>Waits for the mark in an answer.</summary>
    private async Task<JsonNode> MarkedAsync()
    {
        JsonNode? mark = null;
        await Wait.UntilAsync(
            async () =>
            {
                using var response = await _world.Api.GetAsync(new Uri("/api/v2/tickers/A", UriKind.Relative));
                if (!response.IsSuccessStatusCode)
                    return false;
                var marks = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["meta"]!["incomplete"]?.AsArray();
                mark = marks?.FirstOrDefault(one => (string?)one!["reason"] == IntegrityMarks.Damage);
                return mark is not null;
            },
            "answers say that the state is damaged");
        return mark!;
    }

    /// <summary>Trades of two symbols, 10 s apart.</summary>
    private Task SendAsync(int first, int count) => _world.Path.SendAsync([.. Enumerable.Range(first, count).Select(i =>
    {
        string symbol = i % 2 == 0 ? "A" : "B";
        return (
            (string?)symbol, (string?)$$"""{"symbol":"{{symbol}}","price":{{i + 1}},"timestamp":{{1_700_000_000_000 + (i * 10_000L)}}}""");
    })]);
}
