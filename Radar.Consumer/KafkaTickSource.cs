using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.Consumer;

/// <summary>
/// Polls Kafka on one thread and hands every record to the processor of its partition. A processor that falls behind has its partition paused; the
/// others go on.
/// </summary>
internal sealed partial class KafkaTickSource(
    IServiceProvider services, KafkaClients clients, IConnectionMultiplexer redis, TopicSetup topics, TopicWatch watch, TopicConfirmation confirmation,
    PartitionProcessorFactory processors, IOptions<KafkaOptions> kafka, IOptions<ConsumerOptions> options, TimeProvider time, ILogger<KafkaTickSource> logger) : BackgroundService
{
    private const int PollMs = 100;
    private const int BusyPollMs = 5;

    /// <summary>Polling that failed so long ago counts as failing still: librdkafka tries again, and tells, about once a second.</summary>
    private static readonly TimeSpan FailureAge = TimeSpan.FromSeconds(10);

    /// <summary>How long a full processor is waited for before its partition is paused: pausing throws away what librdkafka has fetched.</summary>
    private static readonly TimeSpan FullInboxTimeout = TimeSpan.FromMilliseconds(200);

    private readonly ThrottledLog _awayLog = new(time, TimeSpan.FromSeconds(30));
    private readonly ConcurrentDictionary<int, PartitionProcessor> _processors = [];
    private readonly Dictionary<int, Queue<PartitionEvent>> _paused = [];

    private IConsumer<RecordBytes, RecordBytes> _consumer = null!;
    private string _epoch = "";
    private volatile Failure? _failure;

    /// <summary>The processors of the partitions that this process has.</summary>
    public ICollection<PartitionProcessor> Processors => _processors.Values;

    /// <summary>Partitions that are not read until their processors have caught up.</summary>
    public int PausedPartitions => _paused.Count;

    /// <summary>Why nothing is handed out: Redis names no epoch to write, or Kafka gives nothing; null where nothing is known.</summary>
    public Fault? Fault => _epochFailure is { } noEpoch ? new Fault($"Redis: {noEpoch.Reason}", time.GetElapsedTime(noEpoch.First), IsOver: false)
        : _failure is { } failure && time.GetElapsedTime(failure.Last) < FailureAge
        ? new Fault($"Kafka: {failure.Reason}", time.GetElapsedTime(failure.First), IsOver: false)
        : null;

    /// <summary>Everything before <paramref name="next"/> is in Redis: commit it when convenient.</summary>
    public void Applied(int partition, long next)
    {
        try
        {
            _consumer.StoreOffset(new TopicPartitionOffset(Of(partition), next));
        }
        catch (KafkaException e) when (e.Error.Code == ErrorCode.Local_State)
        {
            // Revoked meanwhile. Nothing depends on the commit.
        }
    }

    /// <summary>Partitions come, before their first record. They stand still at the end until their processor knows where to begin.</summary>
    public IEnumerable<TopicPartitionOffset> Assigned(List<TopicPartition> partitions)
    {
        foreach (TopicPartition assigned in partitions)
        {
            PartitionProcessor processor = processors.Create(this, _epoch, assigned.Partition.Value);
            _processors[assigned.Partition.Value] = processor;
            _settling.Add(assigned.Partition.Value);
            processor.Start();
        }

        watch.CheckNow(); // they may be new to the topic, too
        AssignedPartitions(partitions.Count, _processors.Count);
        return partitions.Select(assigned => new TopicPartitionOffset(assigned, Offset.End));
    }

    /// <summary>Partitions go to another consumer: their last writes are waited for, then committed.</summary>
    public void Revoked(List<TopicPartitionOffset> partitions) => StopProcessors(partitions);

    /// <summary>Partitions are gone already. The fence refuses what their processors may still write.</summary>
    public void Lost(List<TopicPartitionOffset> partitions) => StopProcessors(partitions);

    /// <summary>librdkafka's own troubles; it goes on by itself.</summary>
    public void Failed(Error error)
    {
        if (error.Code is ErrorCode.Local_AllBrokersDown && _awayLog.IsDue(out _))
            KafkaAway(clients.Servers, error.Reason);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await topics.EnsureAsync(kafka.Value.Topic, stoppingToken);
        _epoch = await EpochAsync(stoppingToken);
        _consumer = services.GetRequiredService<IConsumer<RecordBytes, RecordBytes>>();
        var watching = watch.RunAsync(_processors, stoppingToken);
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
            CannotGoOn(clients.Servers, e.Error.Reason, taken);
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
            RunSeeks();
            ResumeProcessors();
            NotifyOutdated();
            var result = _consumer.Consume(_seeks.IsEmpty && _paused.Count == 0 ? PollMs : BusyPollMs);
            if (result is null)
                return;
            _settling.Remove(result.Partition.Value);
            if (_processors.TryGetValue(result.Partition.Value, out PartitionProcessor? processor))
                HandOut(processor, result.IsPartitionEOF ? PartitionEvent.End(result.Offset.Value) : PartitionEvent.Record(result, confirmation.Begun));
        }
        catch (ConsumeException e) when (e.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
        {
            _settling.Remove(e.ConsumerRecord.Partition.Value);
            _stopped.Add(e.ConsumerRecord.Partition.Value);
            if (_processors.TryGetValue(e.ConsumerRecord.Partition.Value, out PartitionProcessor? processor))
                HandOut(processor, PartitionEvent.OutOfRange());
        }
        catch (KafkaException e) when (!e.Error.IsFatal)
        {
            NoteFailure(e.Error);
            if (e.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition)
                watch.CheckNow();
        }
    }

    /// <summary>librdkafka tells the same about once a second; one line says it.</summary>
    private void NoteFailure(Error error)
    {
        long now = time.GetTimestamp();
        var before = _failure is { } failure && time.GetElapsedTime(failure.Last) < FailureAge ? failure : null;
        if (before?.Reason != error.Reason)
            PollFailed(clients.Servers, error.Code, error.Reason);
        _failure = new Failure(error.Reason, before?.First ?? now, now);
    }

    private void Close()
    {
        StopProcessors([.. _processors.Keys.Select(partition => new TopicPartitionOffset(Of(partition), Offset.Unset))]);
        try
        {
            _consumer.Close();
        }
        catch (KafkaException e)
        {
            // The group notices by itself after the session timeout.
            PollFailed(clients.Servers, e.Error.Code, e.Error.Reason);
        }
    }

    private void NotifyOutdated()
    {
        while (watch.TryTakeOutdated(out PartitionProcessor? outdated))
        {
            if (_processors.TryGetValue(outdated.Partition, out PartitionProcessor? processor) && processor == outdated)
                HandOut(processor, PartitionEvent.TopicChanged());
        }
    }

    private void HandOut(PartitionProcessor processor, in PartitionEvent arrival)
    {
        if (_paused.TryGetValue(processor.Partition, out Queue<PartitionEvent>? waiting))
            waiting.Enqueue(arrival);
        else if (!processor.Inbox.TryPut(arrival))
            WaitOrPause(processor, arrival);
    }

    private void WaitOrPause(PartitionProcessor processor, PartitionEvent arrival)
    {
        if (SpinWait.SpinUntil(() => processor.Inbox.TryPut(arrival), FullInboxTimeout))
            return;
        _paused[processor.Partition] = new Queue<PartitionEvent>([arrival]);
        _consumer.Pause([Of(processor.Partition)]);
        Paused(processor.Partition);
    }

    private void ResumeProcessors()
    {
        if (_paused.Count == 0)
            return;
        foreach (var (partition, waiting) in _paused.ToArray())
        {
            if (!_processors.TryGetValue(partition, out PartitionProcessor? processor) || processor.Inbox.AboveLowWatermark)
                continue;
            while (waiting.TryPeek(out PartitionEvent arrival) && processor.Inbox.TryPut(arrival))
                waiting.Dequeue();
            if (waiting.Count > 0)
                continue;
            _paused.Remove(partition);
            _consumer.Resume([Of(partition)]);
            Resumed(partition);
        }
    }

    private void StopProcessors(List<TopicPartitionOffset> partitions)
    {
        var stopping = new List<Task>();
        foreach (TopicPartitionOffset gone in partitions)
        {
            if (_paused.Remove(gone.Partition.Value))
                ResumeGone(gone.TopicPartition);
            _settling.Remove(gone.Partition.Value);
            _stopped.Remove(gone.Partition.Value);
            if (_processors.TryRemove(gone.Partition.Value, out PartitionProcessor? processor))
                stopping.Add(processor.StopAsync(TimeSpan.FromSeconds(options.Value.HandOverSeconds)));
        }

        Task.WhenAll(stopping).GetAwaiter().GetResult();
        if (stopping.Count > 0)
            RevokedPartitions(stopping.Count, _processors.Count);
    }

    /// <summary>librdkafka keeps a pause over assignments: a partition that left paused would come back paused.</summary>
    private void ResumeGone(TopicPartition partition)
    {
        try
        {
            _consumer.Resume([partition]);
        }
        catch (KafkaException)
        {
            // It is not known any more, its topic was deleted; nothing stays paused.
        }
    }

    private TopicPartition Of(int partition) => new(kafka.Value.Topic, partition);

    [LoggerMessage(11, LogLevel.Information, "Assigned {Count} partitions; {Total} in all.")]
    private partial void AssignedPartitions(int count, int total);

    [LoggerMessage(12, LogLevel.Information, "Handed over {Count} partitions; {Total} left.")]
    private partial void RevokedPartitions(int count, int total);

    [LoggerMessage(13, LogLevel.Debug, "Partition {Partition} paused: its processor has enough to do.")]
    private partial void Paused(int partition);

    [LoggerMessage(14, LogLevel.Debug, "Partition {Partition} resumed.")]
    private partial void Resumed(int partition);

    [LoggerMessage(16, LogLevel.Warning, "Kafka at {Address} does not answer ({Reason}); waiting. Check ConnectionStrings:kafka.")]
    private partial void KafkaAway(string address, string reason);

    [LoggerMessage(20, LogLevel.Error, "Kafka at {Address} has put this consumer out of the group ({Reason}). It ends.{Taken}")]
    private partial void CannotGoOn(string address, string reason, string taken);

    [LoggerMessage(18, LogLevel.Warning, "Kafka at {Address} hands out nothing ({Code}: {Reason}); trying again.")]
    private partial void PollFailed(string address, ErrorCode code, string reason);

    private sealed record Failure(string Reason, long First, long Last);
}
