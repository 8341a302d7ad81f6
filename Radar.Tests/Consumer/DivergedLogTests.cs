using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Consumer;

/// <summary>A broker that loses the end of its log and goes on, and one that is only restarted.</summary>
public sealed class DivergedLogTests(KafkaHome apache) : IClassFixture<KafkaHome>
{
    private const int Applied = 10;
    private const int Kept = 6;
    private const string Records = "radar:{*}:[bdlt]*"; // all keys but the positions
    private static readonly MarketLayout Layout = new(RedisKeys.FirstEpoch, new TopicIdentity("", null, 1));

    private const string Diverged =
        "The partition's log is not the one that was applied: the last record before offset 10 was one of leader epoch 0, now Kafka has "
        + "one of leader epoch ";

    [RequiresFact(Need.KafkaHome)]
    public async Task Log_that_lost_applied_records_and_went_on_while_the_consumer_was_away_stops_the_partition_with_the_mend()
    {
        const string Topic = "diverged-away";
        using var redis = EmbeddedRedis.Start();
        await using var path = Path(redis, Topic);
        var topic = new TopicOnKafka(apache.BootstrapServers, Topic);
        await path.StopAsync(await AppliedAsync(path, topic));
        string state = await RedisDump.OfAsync(path.Redis, Records);
        await LoseTailAndGoOnAsync(Topic, topic);

        string health = await PartitionsHealth.StoppedAsync(await path.StartConsumerAsync(), Diverged);

        Assert.Contains("at offset 9. Kafka lost the end of the partition", health, StringComparison.Ordinal);
        Assert.Contains("Stop the consumers and build the state again (docs/operations.md, \"Rebuild\")", health, StringComparison.Ordinal);
        await AssertKeptAndMarkedAsync(path, state, "Kafka lost the end of the partition");
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Log_that_lost_applied_records_and_went_on_beneath_a_running_consumer_stops_the_partition()
    {
        const string Topic = "diverged-beneath";
        using var redis = EmbeddedRedis.Start();
        await using var path = Path(redis, Topic);
        var topic = new TopicOnKafka(apache.BootstrapServers, Topic);
        var consumer = await AppliedAsync(path, topic);
        string state = await RedisDump.OfAsync(path.Redis, Records);
        await LoseTailAndGoOnAsync(Topic, topic);

        await PartitionsHealth.StoppedAsync(consumer, Diverged);

        // Where the consumer asks before enough records follow, it finds first that the log ends too early.
        var tooEarly = Enumerable.Range(Kept, Applied - Kept).Select(end => $"but the topic ends at {end}:");
        await AssertKeptAndMarkedAsync(path, state, ["Kafka lost the end of the partition", .. tooEarly]);
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Leader_epochs_that_rise_over_a_whole_log_stop_nothing_and_the_last_one_is_kept()
    {
        const string Topic = "restarted";
        using var redis = EmbeddedRedis.Start();
        await using var path = Path(redis, Topic);
        var topic = new TopicOnKafka(apache.BootstrapServers, Topic);
        var consumer = await AppliedAsync(path, topic);
        for (int restart = 1; restart <= 2; restart++)
        {
            apache.Broker.Kill();
            await apache.Broker.RestartAsync();
            await topic.SendAsync(TopicOnKafka.Ticks(restart * 100, Applied));
            await CountAsync(path, Applied * (restart + 1));
        }

        var epoch = (await PositionAsync(path)).LeaderEpoch;
        await path.StopAsync(consumer);
        Assert.InRange(epoch!.Value, 2, int.MaxValue);

        // The same from nothing, over the steps that are in the log by now; and once more without the field, as older versions wrote it.
        await path.Redis.GetDatabase().ExecuteAsync("FLUSHALL");
        await path.StopAsync(await ConsumedAsync(path, Applied * 3));
        Assert.Equal(epoch, (await PositionAsync(path)).LeaderEpoch);
        await path.Redis.GetDatabase().HashDeleteAsync(new RedisKeys(RedisKeys.FirstEpoch, 0).Position, "leader_epoch");
        await topic.SendAsync(TopicOnKafka.Ticks(300, Applied));
        await ConsumedAsync(path, Applied * 4);
        Assert.Equal(epoch, (await PositionAsync(path)).LeaderEpoch);
    }

    /// <summary>Between the last applied record and the position lies what is never handed out: aborted records and markers.</summary>
    [RequiresFact(Need.KafkaHome)]
    public async Task Transactions_of_a_later_leader_epoch_below_the_position_are_no_other_log()
    {
        const string Topic = "markers";
        using var redis = EmbeddedRedis.Start();
        await using var path = Path(redis, Topic);
        var topic = new TopicOnKafka(apache.BootstrapServers, Topic);
        var consumer = await AppliedAsync(path, topic);
        apache.Broker.Kill();
        await apache.Broker.RestartAsync();
        topic.SendInTransaction(TopicOnKafka.Ticks(100, 5_000), commit: false);
        await Wait.UntilAsync(async () => (await PositionAsync(path)).Offset == Applied + 5_001, "the aborted transaction is passed");
        Assert.Equal(0, (await PositionAsync(path)).LeaderEpoch);
        await path.StopAsync(consumer);
        topic.SendInTransaction(TopicOnKafka.Ticks(6_000, Applied), commit: true);

        await ConsumedAsync(path, Applied * 2);
        await Wait.UntilAsync(async () => (await PositionAsync(path)).Offset == (Applied * 2) + 5_002, "the last marker is passed");
    }

    private RadarPath Path(EmbeddedRedis redis, string topic) => new(apache.BootstrapServers, redis.Address, topic);

    private static async Task<WebApplication> AppliedAsync(RadarPath path, TopicOnKafka topic)
    {
        await topic.CreateAsync();
        await topic.SendAsync(TopicOnKafka.Ticks(1, Applied));
        return await ConsumedAsync(path, Applied);
    }

    private static async Task<WebApplication> ConsumedAsync(RadarPath path, int count)
    {
        var consumer = await path.StartConsumerAsync();
        await CountAsync(path, count);
        return consumer;
    }

    private static Task CountAsync(RadarPath path, int count) =>
        Wait.UntilAsync(async () => await path.CountAsync() == count, $"{count} records are applied");

    private static async Task<PartitionPosition> PositionAsync(RadarPath path) =>
        (await new MarketReader(path.Redis).PositionsAsync(Layout))[0]!.Value;

    private static async Task AssertKeptAndMarkedAsync(RadarPath path, string state, params string[] details)
    {
        Assert.Equal(state, await RedisDump.OfAsync(path.Redis, Records));
        PartitionPosition position = await PositionAsync(path);
        Assert.Equal(Applied, position.Offset);
        IntegrityMark mark = Assert.Single(IntegrityMarks.Read(position.Incomplete));
        Assert.Equal((IntegrityMarks.Truncation, Applied), (mark.Reason, mark.To));
        Assert.Contains(details, detail => mark.Detail.Contains(detail, StringComparison.Ordinal));
        using HttpClient api = await path.StartApiAsync();
        await Wait.UntilAsync(
            async () => await MarkedReasonAsync(api) == IntegrityMarks.Truncation, "answers have the mark");
    }

    private static async Task<string?> MarkedReasonAsync(HttpClient api)
    {
        using var response = await api.GetAsync(new Uri("/api/v2/trades/S", UriKind.Relative));
        return response.IsSuccessStatusCode
            ? (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["meta"]!["incomplete"]?[0]!["reason"]
            : null;
    }

    private async Task LoseTailAndGoOnAsync(string name, TopicOnKafka topic)
    {
        apache.Broker.Kill();
        LostLogTail.CutAt(apache.Broker.DataDirectory, name, Kept);
        await apache.Broker.RestartAsync();
        await topic.SendAsync(TopicOnKafka.Ticks(100, Applied));
    }
}
