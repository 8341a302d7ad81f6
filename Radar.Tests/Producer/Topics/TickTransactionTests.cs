using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Topics;
using Radar.ServiceDefaults;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Topics;

public sealed class TickTransactionTests
{
    private static readonly TopicPartitionOffset[] Done = [new("orders", 0, 1)];

    /// <summary>
    /// librdkafka searches the group's coordinator three times at most, as a broker that has just started has none yet, and then waits
    /// for a broker to come or go, whatever its timeout.
    /// </summary>
    [Fact]
    public async Task Commit_that_never_finds_the_group_s_coordinator_is_given_up_and_a_new_producer_commits()
    {
        await using var producer = new ProducerHost();
        producer.Kafka.CreateTopic("orders", 1);
        var services = producer.Build("Producer:Source=kafka", "Producer:Topic:Name=orders").Services;
        var group = Group(producer.BootstrapServers);
        var time = new FakeTimeProvider();
        var first = Transaction(services, time);
        using (first)
        {
            first.Init();
            first.Begin();
            SlowBroker.RefuseNextCoordinatorSearches(
                producer.Kafka, [.. Enumerable.Repeat(ErrorCode.GroupCoordinatorNotAvailable, 3)]);
            var commit = Task.Run(() => first.TryCommit(Done, group));
            await Wait.UntilAsync(
                () =>
                {
                    time.Advance(TimeSpan.FromMilliseconds(100));
                    return commit.IsCompleted;
                },
                "the commit is given up");
            await Assert.ThrowsAsync<TransactionsLostException>(() => commit);
            Assert.NotNull(services.GetRequiredService<TopicStatus>().UnhealthyReason);
        }

        using var second = Transaction(services, TimeProvider.System);
        second.Init();
        second.Begin();
        Assert.Null(second.TryCommit(Done, group));

        // The client that was given up notices that a broker has come back, and is freed.
        await ((IServerSwitch)producer.Kafka).StopAsync();
        await ((IServerSwitch)producer.Kafka).StartAsync(CancellationToken.None);
    }

    private static TickTransaction Transaction(IServiceProvider services, TimeProvider time) => new(
        services.GetRequiredService<KafkaClients>(), Guid.NewGuid().ToString("N"), new ProducerOptions(), new KafkaOptions(),
        services.GetRequiredService<TopicStatus>(), time, NullLogger.Instance, CancellationToken.None);

    private static IConsumerGroupMetadata Group(string kafka)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = kafka, GroupId = "g" }).Build();
        return consumer.ConsumerGroupMetadata;
    }
}
