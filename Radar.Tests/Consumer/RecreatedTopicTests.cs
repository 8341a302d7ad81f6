using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Radar.Consumer.Partitions;
using Radar.Consumer.Polling;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer;

/// <summary>A topic that is deleted, and made again with more records than the old one had, while a consumer runs.</summary>
public sealed class RecreatedTopicTests(KafkaHome apache) : IClassFixture<KafkaHome>
{
    private const int Applied = 5;
    private const string Recreated = "was recreated: the state is of the one with id ";

    /// <summary>The processor is held between receiving and writing: what it has received may be of either topic.</summary>
    [RequiresFact(Need.KafkaHome)]
    public async Task Records_that_no_answer_proves_to_be_of_the_opened_topic_are_not_applied_and_none_becomes_a_dead_letter()
    {
        var topic = new TopicOnKafka(apache.BootstrapServers, "new-records");
        using var redis = EmbeddedRedis.Start();
        await using var path = Path(redis, "new-records");
        var (consumer, processor) = await StartAsync(path, topic);
        string state = await RedisDump.OfAsync(path.Redis, "radar:{*");

        var pause = consumer.Services.GetRequiredService<OperatorPause>();
        Assert.True(pause.TryPause());
        await topic.SendAsync(["no json", .. TopicOnKafka.Ticks(100, Applied)]);
        await Wait.UntilAsync(() => Task.FromResult(processor.Inbox.Waiting > Applied), "records wait for the processor");
        await topic.RecreateAsync();
        await topic.SendAsync(TopicOnKafka.Ticks(200, 20));
        Assert.True(pause.TryResume());

        await PartitionsHealth.StoppedAsync(consumer, Recreated);
        Assert.Equal(state, await RedisDump.OfAsync(path.Redis, "radar:{*"));
        Assert.False(topic.HasDeadLetters());
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Records_are_written_only_when_Kafka_has_confirmed_their_topic_and_health_reports_it()
    {
        var topic = new TopicOnKafka(apache.BootstrapServers, "unconfirmed");
        using var redis = EmbeddedRedis.Start();
        await using var path = Path(redis, "unconfirmed");
        var (consumer, processor) = await StartAsync(path, topic);
        string state = await RedisDump.OfAsync(path.Redis, "radar:{*");

        var pause = consumer.Services.GetRequiredService<OperatorPause>();
        Assert.True(pause.TryPause());
        await topic.SendAsync(TopicOnKafka.Ticks(Applied + 1, 2));
        await Wait.UntilAsync(() => Task.FromResult(processor.Inbox.Waiting > 1), "records wait for the processor");
        apache.Broker.Kill();
        Assert.True(pause.TryResume());

        await PartitionsHealth.StoppedAsync(
            consumer, "s for Kafka to confirm that topic unconfirmed is still the one that the state was built from.");
        Assert.Equal(state, await RedisDump.OfAsync(path.Redis, "radar:{*"));
        await apache.Broker.RestartAsync();
        await Wait.UntilAsync(async () => await path.CountAsync() == Applied + 2, "the records are written");
    }

    /// <summary>One record a batch: what is wrongly applied cannot hide in a batch that comes to nothing.</summary>
    private RadarPath Path(EmbeddedRedis redis, string topic) => new(
        apache.BootstrapServers, redis.Address, topic, "--Consumer:BatchRecordsMax=1", "--Kafka:Client:session.timeout.ms=60000");

    private static async Task<(WebApplication Consumer, PartitionProcessor Processor)> StartAsync(RadarPath path, TopicOnKafka topic)
    {
        await topic.CreateAsync();
        await topic.SendAsync(TopicOnKafka.Ticks(1, Applied));
        var consumer = await path.StartConsumerAsync();
        await Wait.UntilAsync(async () => await path.CountAsync() == Applied, "everything is applied");
        return (consumer, Assert.Single(consumer.Services.GetRequiredService<KafkaTickSource>().Processors));
    }
}
