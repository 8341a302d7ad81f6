using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Radar.ServiceDefaults;

/// <summary>Calls of Kafka's admin client that a host which ends cannot overtake.</summary>
/// <remarks>
/// Confluent's client may be disposed of during a call, or called when it is gone, which ends the process by a segmentation fault. So the
/// end of this waits for calls under way, and none comes after it; it is created after the client, and the container ends it first.
/// </remarks>
public sealed class GuardedAdmin(IAdminClient admin) : IDisposable
{
    private readonly CountdownEvent _calls = new(1); // one is this
    private volatile bool _disposed;

    /// <summary>
    /// All topics and brokers. Naming one topic instead would make some brokers create it with their own defaults. The call blocks for up
    /// to its timeout; this makes it on another thread.
    /// </summary>
    /// <exception cref="KafkaException">No broker answers in time.</exception>
    /// <exception cref="ObjectDisposedException">The service stops.</exception>
    public Task<Metadata> AllAsync(TimeSpan timeout) => Task.Run(() => All(timeout));

    /// <inheritdoc cref="AllAsync"/>
    public Metadata All(TimeSpan timeout)
    {
        Begin();
        try
        {
            return admin.GetMetadata(timeout);
        }
        finally
        {
            _calls.Signal();
        }
    }

    /// <inheritdoc cref="TopicOffsets.OffsetsAsync"/>
    /// <exception cref="ObjectDisposedException">The service stops.</exception>
    public Task<long[]> OffsetsAsync(
        IReadOnlyList<TopicPartition> partitions, OffsetSpec spec, TimeSpan timeout,
        IsolationLevel isolation = IsolationLevel.ReadUncommitted) =>
        AskAsync(() => admin.OffsetsAsync(partitions, spec, timeout, isolation));

    /// <summary>Creates a topic.</summary>
    /// <exception cref="CreateTopicsException">Kafka refuses.</exception>
    /// <exception cref="ObjectDisposedException">The service stops.</exception>
    public Task CreateAsync(TopicSpecification topic) => AskAsync(async () =>
    {
        await admin.CreateTopicsAsync([topic]);
        return topic;
    });

    /// <summary>Waits for calls under way.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _calls.Signal();
        _calls.Wait();
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        Begin();
        try
        {
            return await ask();
        }
        finally
        {
            _calls.Signal();
        }
    }

    private void Begin() => ObjectDisposedException.ThrowIf(_disposed || !_calls.TryAddCount(), this);
}
