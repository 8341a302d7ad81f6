using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Radar.ServiceDefaults;

/// <summary>
/// Asks the brokers which topics there are, and where their partitions end. The first call blocks for up to its timeout; this makes it on
/// another thread.
/// </summary>
/// <remarks>
/// Confluent's client may be disposed of during a call, or called when it is gone, which ends the process by a segmentation fault. So the
/// end of this waits for calls under way, and none comes after it; it is created after the client, and the container ends it first.
/// </remarks>
public sealed class KafkaMetadata(IAdminClient admin) : IDisposable
{
    private readonly CountdownEvent _calls = new(1); // one is this
    private volatile bool _disposed;

    /// <summary>All topics and brokers. Naming one topic instead would make some brokers create it with their own defaults.</summary>
    /// <exception cref="KafkaException">No broker answers in time.</exception>
    /// <exception cref="ObjectDisposedException">The service stops.</exception>
    public Task<Metadata> AllAsync(TimeSpan timeout) => Task.Run(() => All(timeout));

    /// <summary>An offset of each partition, see <see cref="TopicOffsets"/>.</summary>
    /// <exception cref="KafkaException">Kafka refuses, did not answer, or gave no offset of some partition.</exception>
    /// <exception cref="ObjectDisposedException">The service stops.</exception>
    public async Task<long[]> OffsetsAsync(
        IReadOnlyList<TopicPartition> partitions, OffsetSpec spec, TimeSpan timeout,
        IsolationLevel isolation = IsolationLevel.ReadUncommitted)
    {
        Begin();
        try
        {
            return await admin.OffsetsAsync(partitions, spec, timeout, isolation);
        }
        finally
        {
            _calls.Signal();
        }
    }

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

    /// <summary>Waits for calls under way.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _calls.Signal();
        _calls.Wait();
    }

    private void Begin() => ObjectDisposedException.ThrowIf(_disposed || !_calls.TryAddCount(), this);
}
