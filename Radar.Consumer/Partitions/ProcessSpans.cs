using System.Diagnostics;
using System.Runtime.CompilerServices;
using Confluent.Kafka;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Consumer.Partitions;

/// <summary>
/// The spans of sampled events in the batch under way: <c>process market-ticks</c> continues the sender's trace, the write to Redis is its
/// child, and its context travels with the published change. An event that was not sampled costs a null check, or a look at its header.
/// </summary>
internal sealed class ProcessSpans(
    KafkaOptions kafka, ServerAddress? broker, IConnectionMultiplexer redis, RedisKeys keys, TimeProvider time)
{
    private const string WriteCommand = "EVALSHA";

    private readonly RedisSpans _writes = new(ConsumerMetrics.Activities, redis);
    private readonly List<(Activity Process, Activity? Write)> _open = [];
    private readonly string _name = $"process {kafka.Topic}";
    private bool _sent;

    /// <summary>The tick as it is applied; opens its spans where the record carries a sampled trace.</summary>
    public AppliedTick Begin(in PartitionEvent record, in Tick tick) =>
        record.Headers is null ? new AppliedTick(tick, record.Offset) : BeginSampled(record, tick);

    /// <summary>The batch goes to Redis now: the writes begin.</summary>
    public void Sending()
    {
        if (_open.Count == 0)
            return;
        _sent = true;
        DateTime now = time.GetUtcNow().UtcDateTime;
        ServerAddress? server = _writes.ServerOf(keys.Position, CommandFlags.DemandMaster);
        foreach (var (_, write) in _open)
        {
            if (write is not null)
                server?.Tag(write.SetStartTime(now));
        }
    }

    /// <summary>Closes the spans of the batch. Where it never went to Redis there was no write.</summary>
    /// <param name="errorType">What went wrong, or null.</param>
    public void End(string? errorType)
    {
        while (_open is [.., var (process, write)])
        {
            _open.RemoveAt(_open.Count - 1); // first: a listener may throw
            if (_sent)
                Close(write, errorType);
            Close(process, errorType);
        }

        _sent = false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private AppliedTick BeginSampled(in PartitionEvent record, in Tick tick)
    {
        // The value may be null, and anything else.
        if (!record.Headers!.TryGetLastBytes(TelemetryNames.TraceParent, out byte[]? header)
            || !TraceParent.TryReadSampled(header, out ActivityContext sender))
            return new AppliedTick(tick, record.Offset);

        // Several spans are open at once, so none is the current one.
        Activity? current = Activity.Current;
        Activity? process = ConsumerMetrics.Activities.StartActivity(_name, ActivityKind.Consumer, sender);
        Activity.Current = current;
        Activity? write = null;
        if (process is { IsAllDataRequested: true })
        {
            Tag(process, record, tick);
            write = _writes.Start(WriteCommand, process.Context); // begins with Sending; its id has to be in what is sent
            Activity.Current = current;
            _open.Add((process, write));
        }

        return new AppliedTick(tick, record.Offset, TraceParent.Format(sender), write is { Recorded: true } ? write.Id : null);
    }

    private void Tag(Activity process, in PartitionEvent record, in Tick tick)
    {
        process.SetTag(TelemetryNames.MessagingSystem, "kafka")
            .SetTag(TelemetryNames.OperationName, "process")
            .SetTag(TelemetryNames.OperationType, "process")
            .SetTag(TelemetryNames.DestinationName, kafka.Topic)
            .SetTag(TelemetryNames.DestinationPartition, PartitionNames.Of(keys.Partition))
            .SetTag(TelemetryNames.ConsumerGroup, kafka.ConsumerGroup)
            .SetTag(TelemetryNames.KafkaOffset, record.Offset)
            .SetTag(TelemetryNames.KafkaMessageKey, tick.Symbol);
        broker?.Tag(process);
    }

    private static void Close(Activity? span, string? errorType)
    {
        if (errorType is not null)
            span?.SetStatus(ActivityStatusCode.Error).SetTag(TelemetryNames.ErrorType, errorType);
        span?.Dispose();
    }
}
