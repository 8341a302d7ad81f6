using System.Collections.Concurrent;
using Confluent.Kafka;
using Radar.ServiceDefaults;

namespace Radar.Consumer;

/// <summary>
/// A topic that is made anew, or gets more partitions, changes under running lanes, and not every consumer of the group is told. The watch
/// finds lanes that have opened another topic than there is now; they open again, and say what is wrong.
/// </summary>
internal sealed partial class TopicWatch(TickTopic topic, KafkaClients clients, TimeProvider time, ILogger<TopicWatch> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<PartitionLane> _outdated = [];
    private volatile TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Something hints at a change: look now instead of later.</summary>
    public void LookNow() => _asked.TrySetResult();

    /// <summary>Takes a lane that has opened another topic.</summary>
    public bool TryTakeOutdated([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PartitionLane? lane) => _outdated.TryDequeue(out lane);

    /// <summary>Watches until the process is to end.</summary>
    /// <param name="lanes">Those that run; read at every look.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(IReadOnlyDictionary<int, PartitionLane> lanes, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.WhenAny(_asked.Task, Task.Delay(Interval, time, stop));
            _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                var identity = await topic.IdentityAsync().WaitAsync(stop);
                foreach (PartitionLane lane in lanes.Values.Where(lane => !lane.IsOf(identity)))
                    _outdated.Enqueue(lane);
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
