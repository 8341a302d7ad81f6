using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer.Topics;

/// <summary>
/// A consumer, a transactional producer, and the loop between them: read, map, send, and commit ticks, dead letters and offsets together.
/// Runs on one thread, rebalances included.
/// </summary>
/// <remarks>
/// The committed offsets are the only truth: after an abort, and after a producer that cannot go on, the partitions concerned are placed
/// there again (<see cref="SetPositions"/>), and nothing is taken from them before. That a replica whose partitions have gone to another
/// cannot commit is Kafka's doing: the consumer's group metadata goes with every commit.
/// </remarks>
internal sealed partial class TopicSession : IDisposable
{
    private const int PollMs = 100;
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AbortPauseMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AbortPauseMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RenewalPauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RenewalPauseMax = TimeSpan.FromSeconds(30);

    private readonly KafkaClients _clients;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly TopicMapping _mapping;
    private readonly ProducerOptions _producer;
    private readonly TopicOptions _options;
    private readonly KafkaOptions _kafka;
    private readonly TopicMetrics _topicMetrics;
    private readonly ProducerMetrics _metrics;
    private readonly TopicStatus _status;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stop;
    private readonly ThrottledLog _refusedLog;
    private readonly ThrottledLog _unreadableLog;
    private readonly ThrottledLog _correctionLog;

    private readonly Backoff _abortBackoff = new(AbortPauseMin, AbortPauseMax);
    private readonly Backoff _renewalBackoff = new(RenewalPauseMin, RenewalPauseMax);
    private readonly List<Tick> _ticks = [];
    private readonly List<string> _refused = [];
    private readonly Dictionary<TopicPartition, RecordFailures> _failures = [];
    private readonly Dictionary<TopicPartition, Offset> _next = []; // of the open transaction
    private readonly HashSet<TopicPartition> _unplaced = [];
    private TickTransaction _transaction = null!;
    private int _records;
    private int _noTrades;
    private int _corrections;
    private long _openedAt;
    private bool _ended;
    private TransactionsLostException? _failure;

    public TopicSession(
        KafkaClients clients,
        ProducerOptions options,
        KafkaOptions kafka,
        TopicMapping mapping,
        TopicMetrics topicMetrics,
        ProducerMetrics metrics,
        TopicStatus status,
        TimeProvider time,
        ILogger logger,
        CancellationToken stop)
    {
        (_clients, _producer, _options, _kafka, _mapping) = (clients, options, options.Topic, kafka, mapping);
        (_topicMetrics, _metrics, _status, _time, _logger, _stop) = (topicMetrics, metrics, status, time, logger, stop);
        (_refusedLog, _unreadableLog) = (new ThrottledLog(time, SayEvery), new ThrottledLog(time, SayEvery));
        _correctionLog = new ThrottledLog(time, SayEvery);
        _consumer = clients.Consumer<byte[]?, byte[]?>(config => Configure(_options.GroupOf(kafka.Topic), config))
            .SetKeyDeserializer(Deserializers.ByteArray!).SetValueDeserializer(Deserializers.ByteArray!)
            .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions.Count))
            .SetPartitionsRevokedHandler((_, partitions) => Guard(() => Revoked(partitions)))
            .SetPartitionsLostHandler((_, partitions) => Guard(() => Lost(partitions)))
            .SetErrorHandler((_, _) => { })
            .Build();
    }

    private string Topic => _options.Name!;

    /// <summary>Reads and writes until the process is to end. A producer that cannot go on is followed by a new one.</summary>
    /// <exception cref="KafkaException">The consumer cannot go on.</exception>
    /// <exception cref="TransactionsLostException">Another process uses the same <see cref="TopicOptions.Instance"/>.</exception>
    /// <exception cref="ConfigurationException">This broker has no transactions.</exception>
    public void Run()
    {
        _consumer.Subscribe(Topic);
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    RunTransactions();
                }
                catch (TransactionsLostException e) when (!e.IsFenced || _options.Instance is null)
                {
                    StartAgain(e.Error);
                }
            }
        }
        finally
        {
            Close();
        }
    }

    /// <summary>Frees the consumer.</summary>
    public void Dispose() => _consumer.Dispose();

    private static void Configure(string group, ConsumerConfig config)
    {
        config.GroupId = group;
        GroupTimes.SetDefaults(config);
        config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
        config.IsolationLevel = IsolationLevel.ReadCommitted;
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        config.AutoOffsetReset = AutoOffsetReset.Error; // where to begin is decided, and logged, by SetPositions
        config.FetchQueueBackoffMs = 10; // librdkafka's default of 1 s is an age for a loop that empties the queue in 0.1 s
        config.QueuedMaxMessagesKbytes = 16 * 1024;
    }

    private void RunTransactions()
    {
        // Without an instance's name each has a new id: a broker was seen to leave the old one's transaction undecided for minutes, and to
        // refuse its id meanwhile.
        string transactionalId = $"{_options.GroupOf(_kafka.Topic)}-{_options.Instance ?? Guid.NewGuid().ToString("N")}";
        using var transaction = new TickTransaction(_clients, transactionalId, _producer, _kafka, _status, _time, _logger, _stop);
        _transaction = transaction;
        transaction.Init();
        Log.WritesInTransactions(_logger, _kafka.Topic, transactionalId);
        _status.UnhealthyReason = null;
        try
        {
            while (!_stop.IsCancellationRequested)
                Step();
            if (transaction.IsOpen)
                Commit();
        }
        catch (OperationCanceledException)
        {
            transaction.Abort();
        }
    }

    private void StartAgain(Error error)
    {
        TimeSpan pause = _renewalBackoff.Next();
        var reason = _clients.Reason(error);
        _status.UnhealthyReason = reason.Public;
        Log.TransactionsLost(_logger, error.Code, reason.Detailed, (long)pause.TotalMilliseconds);
        _next.Clear();
        _unplaced.UnionWith(_consumer.Assignment);
        _failure = null;
        _stop.WaitHandle.WaitOne(pause);
    }

    private void Step()
    {
        try
        {
            var record = Poll();
            if (_failure is { } failure)
                throw failure;
            if (record is not null && !_unplaced.Contains(record.TopicPartition))
                Take(record);
            if (_transaction.IsOpen && (_records >= _options.BatchRecordsMax || RemainingMs() <= 0))
                Commit();
            if (_unplaced.Count > 0)
                SetPositions();
        }
        catch (KafkaException e) when (_transaction.IsOpen && e is not ConsumeException)
        {
            _transaction.Abort();
            Error error = _transaction.DeliveryError ?? e.Error; // after a failed delivery, a call only reports that there was one
            Aborted(error.Code, _clients.Reason(error));
        }
        catch (KafkaException e) when (!e.Error.IsFatal)
        {
            Unreadable(e.Error);
        }
    }

    private ConsumeResult<byte[]?, byte[]?>? Poll()
    {
        try
        {
            return _consumer.Consume(_transaction.IsOpen ? (int)Math.Clamp(RemainingMs(), 0, PollMs) : PollMs);
        }
        catch (ConsumeException e) when (
            e.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.Local_NoOffset or ErrorCode.OffsetOutOfRange)
        {
            _unplaced.Add(e.ConsumerRecord.TopicPartition);
            return null;
        }
    }

    private void Take(ConsumeResult<byte[]?, byte[]?> record)
    {
        if (!_transaction.IsOpen)
            Begin();
        _next[record.TopicPartition] = record.Offset + 1;
        _records++;

        string? reason = _failures.GetValueOrDefault(record.TopicPartition)?.GivenUp(record.Offset.Value);
        try
        {
            reason ??= TrySend(record);
        }
        catch (Exception e) when (e is not (
            KafkaException or TransactionsLostException or OperationCanceledException or OutOfMemoryException))
        {
            Failed(record, e);
            return;
        }

        if (reason is null)
            return;
        _transaction.SendDeadLetter(record, reason);
        _refused.Add(reason);
        if (_refusedLog.IsDue(out long suppressed))
            Log.TopicRecordRefused(_logger, Topic, record.Partition.Value, record.Offset.Value, reason, _kafka.DeadLetters, suppressed);
    }

    /// <returns>Why the record is refused; null where its ticks are sent.</returns>
    private string? TrySend(ConsumeResult<byte[]?, byte[]?> record)
    {
        var message = record.Message;
        var refusal = _mapping.Map(new TopicRecord(message.Key, message.Value, message.Headers, message.Timestamp.UnixTimestampMs), _ticks);
        if (refusal != TickRefusal.None)
            return refusal.Name();
        (_noTrades, _corrections) = (_noTrades + _mapping.NoTrades, _corrections + _mapping.Corrections);
        _ticks.ForEach(tick => _status.Venues.Look(tick));
        if (_mapping.Corrections > 0 && _correctionLog.IsDue(out long suppressed))
            Log.TopicCorrection(_logger, Topic, record.Partition.Value, record.Offset.Value, suppressed);
        foreach (Tick tick in _ticks)
            _transaction.Send(tick, message.Headers);
        return null;
    }

    private void Begin()
    {
        _transaction.Begin();
        _openedAt = _time.GetTimestamp();
        (_records, _noTrades, _corrections) = (0, 0, 0);
        _refused.Clear();
    }

    /// <summary>Commits; false where all was aborted instead, and will be read again.</summary>
    private bool Commit()
    {
        var offsets = _next.Select(next => new TopicPartitionOffset(next.Key, next.Value)).ToArray();
        long began = _time.GetTimestamp();
        if (_transaction.TryCommit(offsets, _consumer.ConsumerGroupMetadata) is { } error)
        {
            Aborted(error.Code, _clients.Reason(error));
            return false;
        }

        _metrics.CommitAnswered(_time.GetElapsedTime(began));
        _topicMetrics.Committed(_records, _refused);
        _topicMetrics.LeftOut(_noTrades, _corrections);
        _metrics.TicksCommitted(_transaction.Ticks, _transaction.Bytes);
        _next.Clear();
        _abortBackoff.Reset();
        _renewalBackoff.Reset();
        _status.UnhealthyReason = null;
        return true;
    }

    /// <summary>
    /// A transaction was aborted: its partitions are positioned again, after a pause that grows with every abort in a row.
    /// </summary>
    private void Aborted(ErrorCode code, Explanation reason)
    {
        _unplaced.UnionWith(_next.Keys);
        _next.Clear();
        _status.UnhealthyReason = reason.Public;
        _topicMetrics.TransactionAborted();
        TimeSpan pause = _abortBackoff.Next();
        Log.TransactionAborted(_logger, _records, code, reason.Detailed, (long)pause.TotalMilliseconds);
        _stop.WaitHandle.WaitOne(pause);
    }

    private void Unreadable(Error error)
    {
        var reason = _clients.Reason(error);
        _status.UnhealthyReason = reason.Public;
        if (_unreadableLog.IsDue(out long suppressed))
            Log.TopicUnreadable(_logger, Topic, error.Code, reason.Detailed, suppressed);
        _stop.WaitHandle.WaitOne(PollMs);
    }

    private double RemainingMs() => _options.BatchMs - _time.GetElapsedTime(_openedAt).TotalMilliseconds;
}
