using Confluent.Kafka;

namespace Radar.ServiceDefaults;

/// <summary>Asks the brokers which topics there are. The call blocks for up to its timeout; this makes it on another thread.</summary>
/// <remarks>
/// Confluent's client may be disposed of during the call, which then ends the process by a segmentation fault. So the end of this waits
/// for calls under way; it is created after the client, and the container ends it first.
/// </remarks>
public sealed class KafkaMetadata(IAdminClient admin) : IDisposable
{
    private readonly CountdownEvent _calls = new(1); // one is this
    private volatile bool _disposed;

    /// <summary>All topics and brokers. Naming one topic instead would make some brokers create it with their own defaults.</summary>
    /// <exception cref="KafkaException">No broker answers in time.</exception>
    /// <exception cref="ObjectDisposedException">The service stops.</exception>
    public Task<Metadata> AllAsync(TimeSpan timeout) => Task.Run(() => All(timeout));

    /// <inheritdoc cref="AllAsync"/>
    public Metadata All(TimeSpan timeout)
    {
        ObjectDisposedException.ThrowIf(_disposed || !_calls.TryAddCount(), this);
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
}
