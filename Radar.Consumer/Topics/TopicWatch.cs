using Confluent.Kafka;
using Radar.Market.Store;
using Radar.ServiceDefaults;

namespace Radar.Consumer.Topics;

/// <summary>
/// Looks which topic there is: one that is recreated, or gets more partitions, changes while it is read, and not every consumer of the
/// group is notified.
/// </summary>
internal sealed partial class TopicWatch(TickTopic topic, KafkaClients clients, TimeProvider time, ILogger<TopicWatch> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private volatile TaskCompletionSource _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private object? _found; // boxed: another thread takes it whole

    /// <summary>Something indicates a change: look now instead of later.</summary>
    public void CheckNow() => _requested.TrySetResult();

    /// <summary>What the topic is, if that was looked up since the last call.</summary>
    public TopicIdentity? TakeIdentity() =>
        Volatile.Read(ref _found) is null ? null : (TopicIdentity?)Interlocked.Exchange(ref _found, null);

    /// <summary>Watches until the process is to end.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.WhenAny(_requested.Task, Task.Delay(Interval, time, stop));
            _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                Volatile.Write(ref _found, await topic.IdentityAsync().WaitAsync(stop));
            }
            catch (KafkaException e)
            {
                Unknown(clients.Servers, clients.Reason(e.Error).Detailed);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    [LoggerMessage(19, LogLevel.Warning, "Kafka at {Address} does not report which topic it has ({Reason}); asking again.")]
    private partial void Unknown(string address, string reason);
}
