using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Radar.Market;

namespace Radar.Consumer;

/// <summary>
/// The spans of sampled events in the batch under way: <c>process market-ticks</c> continues the sender's trace, and the write to Redis is
/// its child. Events that nobody sampled cost a null check.
/// </summary>
internal sealed class ProcessSpans(string topic, string group, TimeProvider time)
{
    private readonly List<Activity> _open = [];

    /// <summary>Opens the span of a record that carries a sampled trace.</summary>
    /// <returns>The trace as it is stored beside the value; null where there is none.</returns>
    public string? Begin(in Arrival arrival, int partition, string symbol) =>
        arrival.Headers is null ? null : BeginSampled(arrival, partition, symbol);

    /// <summary>Closes the spans of the batch.</summary>
    /// <param name="errorType">What went wrong, or null.</param>
    /// <param name="writing">Timestamp of the <see cref="TimeProvider"/> at which the write began.</param>
    public void End(string? errorType, long writing)
    {
        if (_open.Count == 0)
            return;
        DateTimeOffset wroteFrom = time.GetUtcNow() - time.GetElapsedTime(writing);
        foreach (Activity process in _open)
        {
            using (Activity? write = ConsumerMetrics.Activities.StartActivity(
                "EVALSHA", ActivityKind.Client, process.Context, startTime: wroteFrom))
            {
                write?.SetTag("db.system.name", "redis").SetTag("db.operation.name", "EVALSHA");
                SetError(write, errorType);
            }

            SetError(process, errorType);
            process.Dispose();
        }

        _open.Clear();
    }

    private string? BeginSampled(in Arrival arrival, int partition, string symbol)
    {
        if (!arrival.Headers!.TryGetLastBytes(TelemetryNames.TraceParent, out byte[]? header) || header?.Length != 55)
            return null;
        string traceParent = Encoding.ASCII.GetString(header);
        if (!ActivityContext.TryParse(traceParent, null, isRemote: true, out ActivityContext sender))
            return null;

        // Several spans are open at once, so none is the current one.
        Activity? current = Activity.Current;
        Activity? process = ConsumerMetrics.Activities.StartActivity($"process {topic}", ActivityKind.Consumer, sender);
        Activity.Current = current;
        if (process is not null)
        {
            process.SetTag(TelemetryNames.MessagingSystem, "kafka")
                .SetTag(TelemetryNames.OperationName, "process")
                .SetTag(TelemetryNames.OperationType, "process")
                .SetTag(TelemetryNames.DestinationName, topic)
                .SetTag(TelemetryNames.DestinationPartition, PartitionNames.Of(partition))
                .SetTag(TelemetryNames.ConsumerGroup, group)
                .SetTag(TelemetryNames.KafkaOffset, arrival.Offset)
                .SetTag(TelemetryNames.KafkaMessageKey, symbol);
            _open.Add(process);
        }

        return traceParent;
    }

    private static void SetError(Activity? activity, string? errorType)
    {
        if (errorType is not null)
            activity?.SetStatus(ActivityStatusCode.Error).SetTag(TelemetryNames.ErrorType, errorType);
    }
}
