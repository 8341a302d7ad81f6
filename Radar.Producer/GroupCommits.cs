using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer;

/// <summary>
/// Reads what the consumer group has committed, by a consumer of the group that never joins it: librdkafka 2.16 crashes in the admin
/// client's ListConsumerGroupOffsets where the coordinator answers with an error (its issue 5040).
/// </summary>
internal sealed class GroupCommits(KafkaClients clients, IOptions<KafkaOptions> kafka) : IDisposable
{
    private readonly Lazy<IConsumer<Ignore, Ignore>> _reader = new(() => clients.Consumer<Ignore, Ignore>(
        config => (config.GroupId, config.EnableAutoCommit) = (kafka.Value.ConsumerGroup, false)).SetErrorHandler((_, _) => { }).Build());

    /// <summary>The offset of each partition; a special one, below 0, where nothing was committed.</summary>
    /// <remarks>
    /// The call blocks. It has to be waited for though the host may be stopping: a client that is freed in a call ends the process.
    /// </remarks>
    /// <exception cref="KafkaException">The coordinator does not answer in time.</exception>
    public Task<List<TopicPartitionOffset>> ReadAsync(IReadOnlyList<TopicPartition> partitions, TimeSpan timeout) =>
        Task.Run(() => _reader.Value.Committed(partitions, timeout), CancellationToken.None);

    public void Dispose()
    {
        if (_reader.IsValueCreated)
            _reader.Value.Dispose();
    }
}
