using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Consumer.Partitions;
using Radar.Consumer.Topics;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Consumer.Polling;

/// <summary>
/// Polls Kafka on one thread and puts every record into the inbox of its partition's processor. A processor that falls behind has its
/// partition paused; the others continue.
/// </summary>
internal sealed partial class KafkaTickSource(
    Lazy<IConsumer<RecordBytes, RecordBytes>> client, KafkaClients clients, TopicSetup topics, TopicWatch watch,
    TopicConfirmation confirmation, EpochToWrite epochToWrite, PartitionProcessorFactory processors, PollingSignals signals,
    IOptions<KafkaOptions> kafka, IOptions<ConsumerOptions> options, TimeProvider time, ILogger<KafkaTickSource> logger) : BackgroundService
{
    /// <summary>Between two looks at the outboxes while nothing arrives.</summary>
    private const int PollMs = 20;

    /// <summary>The same while a seek or an overflow waits.</summary>
    private const int BusyPollMs = 5;

    /// <summary>A failure of so long ago still counts as current: librdkafka retries, and reports it, about once a second.</summary>
    private static readonly TimeSpan FailureAge = TimeSpan.FromSeconds(10);

    private readonly ThrottledLog _awayLog = new(time, TimeSpan.FromSeconds(30));
    private readonly ConcurrentDictionary<int, AssignedPartition> _partitions = [];

    private IConsumer<RecordBytes, RecordBytes> _consumer = null!; // made when the epoch is known
    private string _epoch = "";
    private volatile Failure? _failure;

    /// <summary>The processors of the partitions that this process has.</summary>
    public IReadOnlyList<PartitionProcessor> Processors => [.. _partitions.Select(entry => entry.Value.Processor)];

    /// <summary>How many partitions are not read until their processors have caught up.</summary>
    public int PausedPartitions => _partitions.Count(entry => entry.Value.IsPaused);

    /// <summary>Why no records arrive: Redis names no epoch to write, or Kafka delivers nothing; null where no reason is known.</summary>
    public Fault? Fault => epochToWrite.Fault is { } noEpoch ? noEpoch
        : _failure is { } failure && time.GetElapsedTime(failure.Last) < FailureAge
        ? new Fault($"Kafka: {failure.Reason.Public}", time.GetElapsedTime(failure.First), IsOver: false)
        : null;

    /// <summary>librdkafka's own errors; it recovers by itself.</summary>
    public void Failed(Error error)
    {
        if (error.Code is ErrorCode.Local_AllBrokersDown && _awayLog.IsDue(out _))
            KafkaAway(clients.Servers, clients.Reason(error).Detailed, clients.Advice);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await topics.EnsureAsync(kafka.Value.Topic, stoppingToken);
        _epoch = await epochToWrite.FindAsync(stoppingToken);
        _consumer = client.Value;
        var watching = watch.RunAsync(stoppingToken);
        await Task.Factory.StartNew(
            () => Poll(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await watching;
    }

    private void Poll(CancellationToken stop)
    {
        _consumer.Subscribe(kafka.Value.Topic);
        try
        {
            while (!stop.IsCancellationRequested)
                Step();
        }
        catch (KafkaException e) when (e.Error.IsFatal)
        {
            string taken = options.Value.InstanceName is { } name
                ? $" Another consumer has the same Consumer:InstanceName={name}: give each its own name."
                : "";
            CannotContinue(clients.Servers, clients.Reason(e.Error).Detailed, taken);
            throw;
        }
        finally
        {
            Close();
        }
    }

    private void Step()
    {
        try
        {
            RunCommands();
            NotifyOutdated();
            if (!RelieveOverflows())
                return;
            var result = _consumer.Consume(_seeks.Count == 0 && _overflowing.Count == 0 ? PollMs : BusyPollMs);
            if (result is null || !_partitions.TryGetValue(result.Partition.Value, out AssignedPartition? partition))
                return;
            partition.IsSettling = false;
            Put(partition, result.IsPartitionEOF
                ? PartitionEvent.End(result.Offset.Value)
                : PartitionEvent.Record(result, confirmation.Begun));
        }
        catch (ConsumeException e) when (e.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
        {
            if (!_partitions.TryGetValue(e.ConsumerRecord.Partition.Value, out AssignedPartition? partition))
                return;
            (partition.IsSettling, partition.HasStopped) = (false, true);
            Put(partition, PartitionEvent.OutOfRange());
        }
        catch (KafkaException e) when (!e.Error.IsFatal)
        {
            NoteFailure(e.Error);
            if (e.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition)
                watch.CheckNow();
        }
    }

    /// <summary>librdkafka repeats a failure about once a second; it is logged once.</summary>
    private void NoteFailure(Error error)
    {
        long now = time.GetTimestamp();
        var before = _failure is { } failure && time.GetElapsedTime(failure.Last) < FailureAge ? failure : null;
        var reason = clients.Reason(error);
        if (before?.Reason != reason)
            PollFailed(clients.Servers, error.Code, reason.Detailed);
        _failure = new Failure(reason, before?.First ?? now, now);
    }

    private void Close()
    {
        StopProcessors([.. _partitions.Keys.Select(Of)]);
        try
        {
            _consumer.Close();
        }
        catch (KafkaException e)
        {
            // The group notices by itself after the session timeout.
            PollFailed(clients.Servers, e.Error.Code, clients.Reason(e.Error).Detailed);
        }
    }

    private TopicPartition Of(int partition) => new(kafka.Value.Topic, partition);

    [LoggerMessage(16, LogLevel.Warning, "Kafka at {Address} does not answer ({Reason}); waiting. {Advice}")]
    private partial void KafkaAway(string address, string reason, string advice);

    [LoggerMessage(20, LogLevel.Error, "Kafka at {Address} has removed this consumer from the group ({Reason}). It ends.{Taken}")]
    private partial void CannotContinue(string address, string reason, string taken);

    [LoggerMessage(18, LogLevel.Warning, "Kafka at {Address} delivers nothing ({Code}: {Reason}); retrying.")]
    private partial void PollFailed(string address, ErrorCode code, string reason);

    private sealed record Failure(Explanation Reason, long First, long Last);
}
