using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer.Topics;

/// <summary>
/// One consumer and one transactional producer, and the loop between them: read, map, send, and commit ticks, dead letters and offsets
/// together. Runs on one thread, rebalances included.
/// </summary>
/// <remarks>
/// The committed offsets are the only truth. After an abort the partitions are read again from the first record of the transaction; after
/// anything worse the session ends, and the next begins where the group's offsets stand. That a replica whose partitions have gone to
/// another cannot commit is Kafka's doing: the consumer's group metadata goes with every commit.
/// </remarks>
internal sealed class TopicSession : IDisposable
{
    private const int PollMs = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AbortPauseMax = TimeSpan.FromSeconds(10);

    private readonly TickTransaction _transaction;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly TopicMapping _mapping;
    private readonly TopicOptions _options;
    private readonly KafkaOptions _kafka;
    private readonly TopicMetrics _topicMetrics;
    private readonly ProducerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stop;
    private readonly SparseLog _refusedLog;
    private readonly SparseLog _unreadableLog;

    private readonly List<Tick> _ticks = [];
    private readonly List<TickRefusal> _refused = [];
    private readonly Dictionary<TopicPartition, (long First, long Next)> _read = [];
    private readonly HashSet<TopicPartition> _unplaced = [];
    private int _records;
    private long _openedAt;
    private int _abortsInARow;
    private bool _rewind;
    private bool _ended;
    private Exception? _failure;

    public TopicSession(
        KafkaClients clients,
        string transactionalId,
        ProducerOptions options,
        KafkaOptions kafka,
        TopicMapping mapping,
        TopicMetrics topicMetrics,
        ProducerMetrics metrics,
        TimeProvider time,
        ILogger logger,
        CancellationToken stop)
    {
        (_options, _kafka, _mapping, _topicMetrics, _metrics) = (options.Topic, kafka, mapping, topicMetrics, metrics);
        (_time, _logger, _stop) = (time, logger, stop);
        (_refusedLog, _unreadableLog) = (new SparseLog(time), new SparseLog(time));
        _transaction = new TickTransaction(clients, transactionalId, options, kafka, time, logger, stop);
        _consumer = clients.Consumer<byte[]?, byte[]?>(config => Configure(_options.GroupOf(kafka.Topic), config))
            .SetKeyDeserializer(Deserializers.ByteArray!).SetValueDeserializer(Deserializers.ByteArray!)
            .SetPartitionsAssignedHandler((_, partitions) => Log.TopicAssigned(_logger, partitions.Count, Topic))
            .SetPartitionsRevokedHandler((_, partitions) => Guard(() => Revoked(partitions)))
            .SetPartitionsLostHandler((_, partitions) => Guard(() => Lost(partitions)))
            .SetErrorHandler((_, _) => { })
            .Build();
    }

    /// <summary>Whether a transaction of this session was committed.</summary>
    public bool HasCommitted { get; private set; }

    private string Topic => _options.Name!;

    /// <summary>Reads and writes until the process is to end.</summary>
    /// <exception cref="TransactionsLostException">These clients cannot go on.</exception>
    /// <exception cref="ConfigurationException">This broker has no transactions.</exception>
    public void Run()
    {
        _transaction.Init();
        _consumer.Subscribe(Topic);
        try
        {
            while (!_stop.IsCancellationRequested)
                Step();
            if (_transaction.IsOpen)
                Commit();
        }
        catch (OperationCanceledException)
        {
            _transaction.Abort();
        }
        finally
        {
            Close();
        }
    }

    /// <summary>Frees both clients.</summary>
    public void Dispose()
    {
        _consumer.Dispose();
        _transaction.Dispose();
    }

    private static void Configure(string group, ConsumerConfig config)
    {
        config.GroupId = group;
        config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
        config.IsolationLevel = IsolationLevel.ReadCommitted;
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        config.AutoOffsetReset = AutoOffsetReset.Error; // where to begin is decided, and said, by Place
        config.FetchQueueBackoffMs = 10; // librdkafka's default of 1 s is an age for a loop that empties the queue in 0.1 s
        config.QueuedMaxMessagesKbytes = 16 * 1024;
    }

    private void Step()
    {
        try
        {
            var record = Poll();
            if (_failure is { } failure)
                throw failure;
            if (_rewind)
                Rewind(record);
            else if (record is not null)
                Take(record);
            if (_transaction.IsOpen && (_records >= _options.BatchRecordsMax || RemainingMs() <= 0))
                CommitOrRewind();
            foreach (TopicPartition partition in _unplaced.ToArray())
                Place(partition);
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            Unreadable(e.Error);
        }
        catch (KafkaException e) when (_transaction.IsOpen)
        {
            _transaction.Abort();
            Aborted(e.Error);
            Rewind(null);
        }
        catch (KafkaException e) when (e.Error.IsFatal)
        {
            throw new TransactionsLostException(e.Error);
        }
        catch (KafkaException e)
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
        catch (ConsumeException e) when (e.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.Local_NoOffset or ErrorCode.OffsetOutOfRange)
        {
            _unplaced.Add(e.ConsumerRecord.TopicPartition);
            return null;
        }
    }

    private void Take(ConsumeResult<byte[]?, byte[]?> record)
    {
        if (!_transaction.IsOpen)
            Begin();
        long offset = record.Offset.Value;
        _read[record.TopicPartition] = (_read.TryGetValue(record.TopicPartition, out var read) ? read.First : offset, offset + 1);
        _records++;

        var message = record.Message;
        var refusal = _mapping.Map(new TopicRecord(message.Key, message.Value, message.Headers, message.Timestamp.UnixTimestampMs), _ticks);
        if (refusal == TickRefusal.None)
        {
            foreach (Tick tick in _ticks)
                _transaction.Send(tick, message.Headers);
            return;
        }

        _transaction.SendDeadLetter(record, refusal);
        _refused.Add(refusal);
        if (_refusedLog.IsDue(out long unsaid))
            Log.TopicRecordRefused(_logger, Topic, record.Partition.Value, offset, refusal.Name(), _kafka.DeadLetters, unsaid);
    }

    private void Begin()
    {
        _transaction.Begin();
        _openedAt = _time.GetTimestamp();
        _records = 0;
        _refused.Clear();
        _read.Clear();
    }

    private bool CommitOrRewind()
    {
        if (Commit())
            return true;
        Rewind(null);
        return false;
    }

    /// <summary>Commits. Where it returns false, all was aborted and <see cref="Rewind"/> has to follow.</summary>
    private bool Commit()
    {
        var offsets = _read.Select(read => new TopicPartitionOffset(read.Key, read.Value.Next)).ToArray();
        if (_transaction.TryCommit(offsets, _consumer.ConsumerGroupMetadata) is { } error)
        {
            Aborted(error);
            return false;
        }

        _topicMetrics.Committed(_records, _refused);
        _metrics.TicksCommitted(_transaction.Ticks, _transaction.Bytes);
        _read.Clear();
        (_abortsInARow, HasCommitted) = (0, true);
        return true;
    }

    /// <summary>Says that a transaction was aborted, and waits: the longer, the more of them were.</summary>
    private void Aborted(Error error)
    {
        _topicMetrics.TransactionAborted();
        double waitMs = Math.Min(AbortPauseMax.TotalMilliseconds, 50 * Math.Pow(2, Math.Min(_abortsInARow++, 10)));
        Log.TransactionAborted(_logger, _records, error.Code, error.Reason, (long)waitMs);
        _stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(waitMs));
    }

    /// <summary>Goes back to the first record of the aborted transaction, in each of its partitions.</summary>
    /// <param name="polled">A record that came meanwhile and is not taken: it has to come again as well.</param>
    private void Rewind(ConsumeResult<byte[]?, byte[]?>? polled)
    {
        if (polled is not null)
            _read.TryAdd(polled.TopicPartition, (polled.Offset.Value, polled.Offset.Value));
        var assigned = _consumer.Assignment.ToHashSet();
        try
        {
            foreach (var (partition, read) in _read.Where(read => assigned.Contains(read.Key)))
                _consumer.Seek(new TopicPartitionOffset(partition, read.First));
        }
        catch (KafkaException e)
        {
            // A new consumer begins at the committed offsets by itself.
            throw new TransactionsLostException(e.Error);
        }

        _read.Clear();
        _rewind = false;
    }

    /// <summary>
    /// Decides where a partition begins that the group never read, or of which the topic has dropped what comes next, and commits that: a
    /// crash before the first record does not move it. The commit is read back; a broker that only plays transactions is noticed before
    /// the first tick is written.
    /// </summary>
    private void Place(TopicPartition partition)
    {
        if (_transaction.IsOpen && !CommitOrRewind())
            return;
        Offset committed = Committed(partition);
        var ends = _consumer.QueryWatermarkOffsets(partition, Patience);
        var start = committed;
        if (committed.IsSpecial || committed < ends.Low || committed > ends.High)
        {
            start = committed.IsSpecial && _options.Start == TopicStart.Latest ? ends.High : ends.Low;
            if (!TryCommitStart(partition, start))
                return;
            if (Committed(partition).IsSpecial)
            {
                Log.NoTransactions(_logger, Topic);
                throw new ConfigurationException("Producer:Source=kafka needs a broker with transactions.");
            }

            if (committed.IsSpecial)
                Log.TopicBegins(_logger, partition.Partition.Value, Topic, start.Value, _options.Start.ToString());
            else
                Log.TopicDropped(_logger, Topic, partition.Partition.Value, committed.Value, ends.Low.Value, ends.High.Value);
        }

        // librdkafka does not seek in a partition that it has stopped for want of an offset; it does begin one anew.
        if (_consumer.Assignment.Contains(partition))
            _consumer.IncrementalUnassign([partition]);
        _consumer.IncrementalAssign([new TopicPartitionOffset(partition, start)]);
        _unplaced.Remove(partition);
    }

    private Offset Committed(TopicPartition partition) => _consumer.Committed([partition], Patience)[0].Offset;

    private bool TryCommitStart(TopicPartition partition, Offset start)
    {
        Begin();
        _read[partition] = (start.Value, start.Value);
        bool committed = Commit();
        _read.Clear(); // nothing was read yet
        return committed;
    }

    /// <summary>Partitions go to another replica: what was read of them is committed before, or not at all.</summary>
    private void Revoked(List<TopicPartitionOffset> partitions)
    {
        _rewind |= _transaction.IsOpen && !_ended && !Commit();
        Forget(partitions);
        Log.TopicRevoked(_logger, partitions.Count, Topic);
    }

    /// <summary>Partitions are another replica's already, which reads again what is not committed.</summary>
    private void Lost(List<TopicPartitionOffset> partitions)
    {
        if (_transaction.IsOpen && !_ended)
        {
            _transaction.Abort();
            _topicMetrics.TransactionAborted();
            _rewind = true;
        }

        Forget(partitions);
        Log.TopicLost(_logger, partitions.Count, Topic);
    }

    private void Forget(List<TopicPartitionOffset> partitions)
    {
        foreach (TopicPartitionOffset gone in partitions)
        {
            _read.Remove(gone.TopicPartition);
            _unplaced.Remove(gone.TopicPartition);
        }
    }

    /// <summary>The client's callbacks return in any case; the loop throws what they cannot.</summary>
    private void Guard(Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception e) when (e is KafkaException or TransactionsLostException)
        {
            _failure ??= e is KafkaException kafka ? new TransactionsLostException(kafka.Error) : e;
        }
    }

    private void Unreadable(Error error)
    {
        if (_unreadableLog.IsDue(out long unsaid))
            Log.TopicUnreadable(_logger, Topic, error.Code, error.Reason, unsaid);
        _stop.WaitHandle.WaitOne(PollMs);
    }

    private void Close()
    {
        _ended = true;
        try
        {
            _consumer.Close();
        }
        catch (KafkaException e)
        {
            // The group notices by itself after the session timeout.
            Unreadable(e.Error);
        }
    }

    private double RemainingMs() => _options.BatchMs - _time.GetElapsedTime(_openedAt).TotalMilliseconds;
}
