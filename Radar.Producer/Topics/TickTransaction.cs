using System.Diagnostics;
using Confluent.Kafka;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer.Topics;

/// <summary>
/// One transactional producer, one transaction at a time: ticks, dead letters and the offsets of what they were made from become visible
/// together, or never.
/// </summary>
/// <remarks>
/// Errors are of three kinds. Retriable ones are tried again, the same call, as long as Kafka may still keep the transaction. Abortable
/// ones are answered by <see cref="Abort"/>; the caller then reads again. All others end this producer
/// (<see cref="TransactionsLostException"/>): a new one goes on at the committed offsets, which are right whatever became of the last call.
/// </remarks>
internal sealed class TickTransaction : IDisposable
{
    /// <summary>A new producer may succeed where this one does not; where Kafka is away, it makes no difference.</summary>
    private static readonly TimeSpan InitLimit = TimeSpan.FromSeconds(60);

    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly ProducerOptions _options;
    private readonly KafkaOptions _kafka;
    private readonly ILogger _logger;
    private readonly CancellationToken _stop;
    private readonly TickMessages _messages;
    private readonly TransactionCalls _calls;
    private readonly Action<DeliveryReport<byte[]?, byte[]?>> _onReport;

    /// <summary>Letters of a batch that the broker found too large, and what each leaves out when it is sent again.</summary>
    private readonly Dictionary<TopicPartitionOffset, DeadLetterParts> _refusedLetters = [];
    private Error? _deliveryError;

    public TickTransaction(
        KafkaClients clients,
        string transactionalId,
        ProducerOptions options,
        KafkaOptions kafka,
        TopicStatus status,
        TimeProvider time,
        ILogger logger,
        CancellationToken stop)
    {
        (_options, _kafka, _logger, _stop) = (options, kafka, logger, stop);
        _messages = new TickMessages(new SendTrace(kafka.Topic, clients.Server, options, time));
        _onReport = OnReport;
        _producer = clients.Producer<byte[]?, byte[]?>(config => Configure(options, transactionalId, config))
            .SetKeySerializer(Serializers.ByteArray!).SetValueSerializer(Serializers.ByteArray!)
            .SetErrorHandler((_, _) => { })
            .Build();
        _calls = new TransactionCalls(_producer, clients, status, TimeSpan.FromMilliseconds(options.FlushMs), time, logger, stop);
    }

    /// <summary>Whether a transaction has begun.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Why a record of this transaction was not taken, the first one; null where all were so far.</summary>
    public Error? DeliveryError => Volatile.Read(ref _deliveryError);

    /// <summary>Ticks of this transaction.</summary>
    public int Ticks { get; private set; }

    /// <summary>Bytes of the values of <see cref="Ticks"/>.</summary>
    public long Bytes { get; private set; }

    private TimeSpan TransactionTimeout => TimeSpan.FromMilliseconds(_options.Topic.TransactionTimeoutMs);

    /// <summary>Ends what an earlier process of this name left open.</summary>
    /// <exception cref="OperationCanceledException">The process is to end.</exception>
    /// <exception cref="TransactionsLostException">Kafka refuses, or does not answer.</exception>
    public void Init() => _calls.Make(
        "InitTransactions", () => _producer.InitTransactions(TransactionCalls.CallTimeout), InitLimit, endsAtStop: true);

    /// <summary>Begins a transaction; Kafka is not asked.</summary>
    /// <exception cref="TransactionsLostException">This producer cannot go on.</exception>
    public void Begin()
    {
        try
        {
            _calls.Make("BeginTransaction", _producer.BeginTransaction, TransactionCalls.CallTimeout);
        }
        catch (KafkaException e)
        {
            throw new TransactionsLostException(e.Error);
        }

        (IsOpen, Ticks, Bytes, _deliveryError) = (true, 0, 0, null);
    }

    /// <summary>Adds a tick. <paramref name="headers"/> are those of the record that it was made from; a trace in them goes on.</summary>
    /// <exception cref="KafkaException">The transaction has to be aborted.</exception>
    public void Send(in Tick tick, Headers? headers)
    {
        var message = _messages.Of(tick, headers, out Activity? sampled);
        Ticks++;
        Bytes += message.Value!.Length;
        if (sampled is null)
        {
            Produce(_kafka.Topic, message, _onReport);
            return;
        }

        try
        {
            Produce(_kafka.Topic, message, report =>
            {
                SendTrace.Stop(sampled, report);
                OnReport(report);
            });
        }
        catch (KafkaException e)
        {
            SendTrace.Stop(sampled, e.Error);
            throw;
        }
    }

    /// <summary>
    /// Adds a record that cannot be mapped, as it came; what the broker refuses as too large is sent without a part, and logged.
    /// </summary>
    /// <exception cref="KafkaException">The transaction has to be aborted.</exception>
    public void SendDeadLetter(ConsumeResult<byte[]?, byte[]?> record, string reason)
    {
        var place = record.TopicPartitionOffset;
        bool alone;
        DeadLetterParts left;
        lock (_refusedLetters)
            alone = _refusedLetters.TryGetValue(place, out left);
        if (!alone)
        {
            Send(DeadLetterParts.None);
            return;
        }

        // The broker refuses a batch as a whole, including dead letters of the right size: sent one by one, only those too large are
        // refused.
        if (left != DeadLetterParts.None)
            Log.DeadLetterTooLarge(_logger, place.Topic, place.Partition.Value, place.Offset.Value, left.Name());
        _producer.Flush(TransactionTimeout);
        Send(left);
        _producer.Flush(TransactionTimeout);

        void Send(DeadLetterParts leftOut)
        {
            Produce(_kafka.DeadLetters, DeadLetter.Of(record.Message, place, reason, leftOut), report =>
            {
                if (report.Error.Code == ErrorCode.MsgSizeTooLarge)
                {
                    lock (_refusedLetters)
                        _refusedLetters[place] = DeadLetter.AfterTooLarge(leftOut, alone);
                }

                OnReport(report);
            });
        }
    }

    /// <summary>Commits records and offsets together.</summary>
    /// <returns>Null, or why the transaction was aborted instead.</returns>
    /// <exception cref="TransactionsLostException">This producer cannot go on.</exception>
    public Error? TryCommit(IReadOnlyCollection<TopicPartitionOffset> offsets, IConsumerGroupMetadata group)
    {
        try
        {
            _calls.Make("SendOffsetsToTransaction",
                () => _producer.SendOffsetsToTransaction(offsets, group, TransactionCalls.CallTimeout), TransactionTimeout);
            _calls.Make("CommitTransaction", () => _producer.CommitTransaction(TransactionCalls.CallTimeout), TransactionTimeout);
        }
        catch (KafkaException e)
        {
            Abort();
            return DeliveryError ?? e.Error;
        }

        IsOpen = false;
        lock (_refusedLetters)
        {
            foreach (var place in _refusedLetters.Keys.Where(
                place => offsets.Any(done => done.TopicPartition == place.TopicPartition && done.Offset > place.Offset)))
                _refusedLetters.Remove(place);
        }

        return null;
    }

    /// <summary>Makes void what the transaction holds.</summary>
    /// <exception cref="TransactionsLostException">This producer cannot go on.</exception>
    public void Abort()
    {
        if (!IsOpen)
            return;
        try
        {
            _calls.Make("AbortTransaction", () => _producer.AbortTransaction(TransactionCalls.CallTimeout), TransactionTimeout);
        }
        catch (KafkaException e)
        {
            throw new TransactionsLostException(e.Error);
        }

        IsOpen = false;
    }

    /// <summary>Frees the client. Kafka aborts an open transaction when its time is over.</summary>
    public void Dispose() => _calls.Dispose();

    /// <summary>The client's settings; <c>Kafka:Client</c> is applied before them.</summary>
    private static void Configure(ProducerOptions options, string transactionalId, ProducerConfig config)
    {
        KafkaTickSink.Configure(options, config);
        config.TransactionalId = transactionalId;
        config.TransactionTimeoutMs = options.Topic.TransactionTimeoutMs;
        config.MessageTimeoutMs = options.Topic.TransactionTimeoutMs; // a record that waits longer has no transaction any more
        config.MessageMaxBytes = 1_000_000_000; // the broker decides how large a dead letter may be
        config.DeliveryReportFields = "none";
    }

    private void Produce(string topic, Message<byte[]?, byte[]?> message, Action<DeliveryReport<byte[]?, byte[]?>> onReport)
    {
        while (true)
        {
            try
            {
                _producer.Produce(topic, message, onReport);
                return;
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                _stop.ThrowIfCancellationRequested();
                _calls.Pause();
            }
        }
    }

    private void OnReport(DeliveryReport<byte[]?, byte[]?> report)
    {
        // An abort purges what was not sent; the reason for the abort came before it.
        if (report.Error.IsError && report.Error.Code is not (ErrorCode.Local_PurgeQueue or ErrorCode.Local_PurgeInflight))
            Interlocked.CompareExchange(ref _deliveryError, report.Error, null);
    }
}
