using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api.Freshness;
using Radar.Api.Http.Contract;
using Radar.ServiceDefaults;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Freshness;

public sealed class LagOnApacheKafkaTests(KafkaHome kafka) : IClassFixture<KafkaHome>, IDisposable
{
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();

    public void Dispose() => _redis.Dispose();

    [RequiresFact(Need.KafkaHome)]
    public async Task Lag_counts_what_an_open_transaction_holds_back_and_reports_it()
    {
        await CreateTopicAsync();
        await using var world = await ApiWorld.StartAsync(_redis.Address, kafka.BootstrapServers);
        await world.TakeInAsync(0, [ApiWorld.Tick("A", 1), ApiWorld.Tick("A", 2)]);
        Assert.Equal(0, (await world.ReadAsync<LagAnswer>("/api/v2/lag")).Messages);
        using var producer = new ProducerBuilder<Null, string>(
            new ProducerConfig { BootstrapServers = kafka.BootstrapServers, TransactionalId = "lag" }).Build();
        producer.InitTransactions(Wait.Limit);
        producer.BeginTransaction();
        for (int i = 0; i < 3; i++)
            await producer.ProduceAsync(new TopicPartition(ApiWorld.Topic, 0), new Message<Null, string> { Value = "{}" });

        Assert.Equal((3L, 5L, 3L), Partition0(await world.ReadAsync<LagAnswer>("/api/v2/lag")));
        await world.UntilAsync(
            "/health", health => ((string?)health["checks"]!["lag"]!["description"])!.Contains(
                "3 of them are held back", StringComparison.Ordinal));
        await world.UntilAsync("/api/v2/tickers/a", answer => (long?)answer["meta"]!["lag_ms"] > 0);
        producer.CommitTransaction(Wait.Limit);

        // The broker writes the commit's marker, which has an offset of its own, a moment after it has answered.
        await world.UntilAsync("/api/v2/lag", lag => (long?)lag["messages"] == 4 && (long?)lag["partitions"]![0]!["held_back"] == 0);
        Assert.Equal((4L, 6L, 0L), Partition0(await world.ReadAsync<LagAnswer>("/api/v2/lag")));

        static (long Messages, long End, long HeldBack) Partition0(LagAnswer lag) =>
            (lag.Partitions[0].Messages, lag.Partitions[0].End, lag.Partitions[0].HeldBack);
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task State_is_of_this_topic_only_where_it_has_the_id_of_the_broker()
    {
        string id = await CreateTopicAsync();
        foreach (string stored in new[] { id, "before" })
        {
            using var redis = EmbeddedRedis.Start();
            await using var world = await ApiWorld.StartAsync(redis.Address, kafka.BootstrapServers, fresh: true);
            await new StateWriter(world.Redis.Multiplexer, topicId: stored).BeginAsync();

            await world.TextAsync("/api/v2/lag");

            Assert.All(world.App.Services.GetRequiredService<LagMeter>().Latest!.Partitions,
                lag => Assert.Equal(stored != id, lag.Foreign));
        }
    }

    /// <returns>The broker's id of the topic.</returns>
    private async Task<string> CreateTopicAsync()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build();
        try
        {
            await admin.CreateTopicsAsync(
                [new TopicSpecification { Name = ApiWorld.Topic, NumPartitions = ApiWorld.Partitions, ReplicationFactor = 1 }]);
        }
        catch (CreateTopicsException e) when (e.Results[0].Error.Code == ErrorCode.TopicAlreadyExists)
        {
            // Another test of this class was first.
        }

        string? id = null;
        var partitions = Enumerable.Range(0, ApiWorld.Partitions).Select(number => new TopicPartition(ApiWorld.Topic, number)).ToList();
        await Wait.UntilAsync(
            async () =>
            {
                try
                {
                    var described = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([ApiWorld.Topic]));
                    id = described.TopicDescriptions[0].TopicId.ToString();
                    await admin.OffsetsAsync(partitions, OffsetSpec.Latest(), Wait.Limit);
                    return true;
                }
                catch (KafkaException)
                {
                    return false; // it is created, but this broker does not know it yet, or its partitions have no leader
                }
            },
            "the topic is there and its leaders answer");
        return id!;
    }
}
