using Confluent.Kafka;
using Radar.ServiceDefaults;

namespace Radar.Api.Freshness;

/// <summary>
/// A consumer that reads what it is assigned. It joins no group and commits nothing, and is made at the first read. It is not disposed of
/// while it reads, which would end the process.
/// </summary>
/// <param name="clients">Make the client.</param>
/// <param name="name">A consumer must name a group.</param>
/// <param name="fields">What is read of each record, by librdkafka's names: <c>all</c>, or a list such as <c>headers,timestamp</c>.</param>
/// <param name="isolation">Whether records of open and aborted transactions are read.</param>
/// <param name="configure">Settings beyond that; null is none.</param>
internal sealed class LogConsumer<TKey, TValue>(
    KafkaClients clients, string name, string fields, IsolationLevel isolation, Action<ConsumerConfig>? configure = null) : IDisposable
{
    /// <summary>How long one poll may wait.</summary>
    public static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private IConsumer<TKey, TValue>? _consumer;
    private bool _disposed;

    /// <summary>Assigns offsets, reads, and takes the assignment back; blocks meanwhile, also others.</summary>
    /// <returns>What <paramref name="read"/> returns; the default once this is disposed of.</returns>
    public T? Read<T>(IEnumerable<TopicPartitionOffset> from, Func<IConsumer<TKey, TValue>, T> read)
    {
        lock (_lock)
        {
            if (_disposed)
                return default;
            _consumer ??= Connect();
            _consumer.Assign(from);
            try
            {
                return read(_consumer);
            }
            finally
            {
                _consumer.Unassign();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _consumer?.Dispose();
        }
    }

    private IConsumer<TKey, TValue> Connect() => clients.Consumer<TKey, TValue>(config =>
    {
        config.GroupId = name;
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        config.IsolationLevel = isolation;
        config.AutoOffsetReset = AutoOffsetReset.Error;
        config.QueuedMinMessages = 1;
        config.ConsumeResultFields = fields;
        configure?.Invoke(config);
    }).SetErrorHandler(static (_, _) => { }).Build();
}
