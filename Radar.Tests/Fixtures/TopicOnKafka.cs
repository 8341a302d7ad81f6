using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Radar.Tests.Fixtures;

/// <summary>A topic of one partition on a broker of the test, and records for it.</summary>
internal sealed class TopicOnKafka(string bootstrapServers, string topic)
{
    private const string Symbol = "S";

    /// <summary>Ticks of one symbol; prices and event times count up from <paramref name="from"/>.</summary>
    public static IEnumerable<string> Ticks(int from, int count) =>
        Enumerable.Range(from, count).Select(i => $$"""{"symbol":"{{Symbol}}","price":{{i}},"timestamp":{{i}}}""");

    /// <summary>Creates it.</summary>
    /// <param name="settings">Kafka's settings of the topic; null are the broker's.</param>
    public async Task CreateAsync(Dictionary<string, string>? settings = null)
    {
        using IAdminClient admin = Admin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 1, Configs = settings }]);
    }

    /// <summary>Deletes the records before an offset, as retention does.</summary>
    public async Task DeleteBeforeAsync(long offset)
    {
        using IAdminClient admin = Admin();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 0, offset)]);
    }

    /// <summary>Deletes the topic and makes it again at once: a consumer that does not notice reads on in the new one.</summary>
    public async Task RecreateAsync()
    {
        using IAdminClient admin = Admin();
        await admin.DeleteTopicsAsync([topic]);
        await Wait.UntilAsync(
            async () =>
            {
                try
                {
                    await CreateAsync();
                    return true;
                }
                catch (CreateTopicsException e) when (e.Results[0].Error.Code == ErrorCode.TopicAlreadyExists)
                {
                    return false;
                }
            },
            "the topic is made again");
    }

    /// <summary>True where the broker has a topic of dead letters beside this one.</summary>
    public bool HasDeadLetters()
    {
        using IAdminClient admin = Admin();
        return Exists(admin, topic + ".dlq");
    }

    /// <summary>Sends records in batches of their own and returns when they are acknowledged.</summary>
    public async Task SendAsync(IEnumerable<string> values)
    {
        var config = new ProducerConfig { BootstrapServers = bootstrapServers, EnableIdempotence = true, LingerMs = 0 };
        using var producer = new ProducerBuilder<string, string>(config).SetLogHandler((_, _) => { }).Build();
        foreach (string value in values)
            await producer.ProduceAsync(new TopicPartition(topic, 0), new Message<string, string> { Key = Symbol, Value = value });
    }

    /// <summary>Sends records in one transaction.</summary>
    public void SendInTransaction(IEnumerable<string> values, bool commit)
    {
        var config = new ProducerConfig { BootstrapServers = bootstrapServers, TransactionalId = topic };
        using var producer = new ProducerBuilder<string, string>(config).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(Wait.Limit);
        producer.BeginTransaction();
        foreach (string value in values)
            producer.Produce(new TopicPartition(topic, 0), new Message<string, string> { Key = Symbol, Value = value });
        producer.Flush(Wait.Limit); // an unsent record would leave no trace of the abort
        if (commit)
            producer.CommitTransaction();
        else
            producer.AbortTransaction();
    }

    private IAdminClient Admin() =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).SetLogHandler((_, _) => { }).Build();

    private static bool Exists(IAdminClient admin, string name) =>
        admin.GetMetadata(Wait.Limit).Topics.Exists(found => found.Topic == name && found.Error.Code == ErrorCode.NoError);
}
