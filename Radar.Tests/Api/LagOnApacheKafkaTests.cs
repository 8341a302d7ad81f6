using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Radar.Api;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api;

public sealed class LagOnApacheKafkaTests(KafkaHome kafka) : IClassFixture<KafkaHome>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();

    public void Dispose() => _redis.Dispose();

    [RequiresKafkaHomeFact]
    public async Task Lag_counts_records_when_their_transaction_is_committed()
    {
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build())
        {
            await admin.CreateTopicsAsync(
                [new TopicSpecification { Name = ApiWorld.Topic, NumPartitions = ApiWorld.Partitions, ReplicationFactor = 1 }]);
        }

        await using var world = await ApiWorld.StartAsync(_redis.Address, kafka.BootstrapServers);
        await world.TakeInAsync(0, [ApiWorld.Tick("A", 1), ApiWorld.Tick("A", 2)]);
        Assert.Equal(0, (await world.ReadAsync<LagAnswer>("/api/v2/lag")).Messages);
        using var producer = new ProducerBuilder<Null, string>(
            new ProducerConfig { BootstrapServers = kafka.BootstrapServers, TransactionalId = "lag" }).Build();
        producer.InitTransactions(Patience);
        producer.BeginTransaction();
        for (int i = 0; i < 3; i++)
            await producer.ProduceAsync(new TopicPartition(ApiWorld.Topic, 0), new Message<Null, string> { Value = "{}" });

        Assert.Equal((0L, 2L), Partition0(await world.ReadAsync<LagAnswer>("/api/v2/lag")));
        producer.CommitTransaction(Patience);

        // The broker writes the commit's marker, which has an offset of its own, a moment after it has answered.
        await world.UntilAsync("/api/v2/lag", lag => (long)lag["messages"]! > 0);
        Assert.Equal((4L, 6L), Partition0(await world.ReadAsync<LagAnswer>("/api/v2/lag")));

        static (long Messages, long End) Partition0(LagAnswer lag) => (lag.Partitions[0].Messages, lag.Partitions[0].End);
    }
}
