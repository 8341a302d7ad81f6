using System.Collections.Concurrent;
using Confluent.Kafka;
using Radar.ServiceDefaults;

namespace Radar.Consumer;

/// <summary>
/// A topic that is recreated, or gets more partitions, changes under running processors, and not every consumer of the group is told. The watch
/// finds processors that have opened another topic than there is now; they open again, and say what is wrong.
/// </summary>
internal sealed partial class TopicWatch(TickTopic topic, KafkaClients clients, TimeProvider time, ILogger<TopicWatch> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<PartitionProcessor> _outdated = [];
    private volatile TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Something hints at a change: look now instead of later.</summary>
    public void CheckNow() => _asked.TrySetResult();

    /// <summary>Takes a processor that has opened another topic.</summary>
    public bool TryTakeOutdated([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PartitionProcessor? processor) => _outdated.TryDequeue(out processor);

    /// <summary>Watches until the process is to end.</summary>
    /// <param name="processors">Those that run; read at every look.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(IReadOnlyDictionary<int, PartitionProcessor> processors, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.WhenAny(_asked.Task, Task.Delay(Interval, time, stop));
            _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                var identity = await topic.IdentityAsync().WaitAsync(stop);
                foreach (PartitionProcessor processor in processors.Values.Where(processor => !processor.IsOf(identity)))
                    _outdated.Enqueue(processor);
            }
            catch (KafkaException e)
            {
                Unknown(clients.Servers, e.Error.Reason);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    [LoggerMessage(19, LogLevel.Warning, "Kafka at {Address} does not tell which topic it has ({Reason}); asking again.")]
    private partial void Unknown(string address, string reason);
}
