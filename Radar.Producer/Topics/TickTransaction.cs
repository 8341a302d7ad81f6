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
    // A call that waits for Kafka looks in between whether the process is to end.
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan QueuePause = TimeSpan.FromMilliseconds(2);

    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly ProducerOptions _options;
    private readonly KafkaOptions _kafka;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stop;
    private readonly TickMessages _messages;
    private readonly KafkaClients _clients;
    private readonly Action<DeliveryReport<byte[]?, byte[]?>> _onReport;

    /// <summary>Letters of a batch that the broker found too large, and what each leaves out when it is sent again.</summary>
    private readonly Dictionary<TopicPartitionOffset, DeadLetterParts> _refusedLetters = [];
    private readonly ManualResetEventSlim _pause = new(); // never set: a thread of its own may wait
    private Error? _deliveryError;

    public TickTransaction(
        KafkaClients clients,
        string transactionalId,
        ProducerOptions options,
        KafkaOptions kafka,
        TimeProvider time,
        ILogger logger,
        CancellationToken stop)
    {
        (_options, _kafka, _time, _logger, _stop) = (options, kafka, time, logger, stop);
        _clients = clients;
        _messages = new TickMessages(new SendTrace(kafka.Topic, clients.Server, options, time));
        _onReport = OnReport;
        _producer = clients.Producer<byte[]?, byte[]?>(config => Configure(options, transactionalId, config))
            .SetKeySerializer(Serializers.ByteArray!).SetValueSerializer(Serializers.ByteArray!)
            .SetErrorHandler((_, _) => { })
            .Build();
    }

    /// <summary>Whether a transaction has begun.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Why a record of this transaction was not taken, the first one; null where all were so far.</summary>
    public Error? DeliveryError => Volatile.Read(ref _deliveryError);

    /// <summary>Ticks of this transaction.</summary>
    public int Ticks { get; private set; }

    /// <summary>Bytes of the values of <see cref="Ticks"/>.</summary>
    public long Bytes { get; private set; }

    /// <summary>Ends what an earlier process of this name left open. Waits for Kafka as long as it takes.</summary>
    /// <exception cref="OperationCanceledException">The process is to end.</exception>
    /// <exception cref="TransactionsLostException">Kafka refuses.</exception>
    public void Init() => Call("InitTransactions", () => _producer.InitTransactions(CallLimit), Timeout.InfiniteTimeSpan);

    /// <summary>Begins a transaction; Kafka is not asked.</summary>
    /// <exception cref="TransactionsLostException">This producer cannot go on.</exception>
    public void Begin()
    {
        try
        {
            _producer.BeginTransaction();
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
        _producer.Flush(TimeSpan.FromMilliseconds(_options.Topic.TransactionTimeoutMs));
        Send(left);
        _producer.Flush(TimeSpan.FromMilliseconds(_options.Topic.TransactionTimeoutMs));

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
        var limit = _stop.IsCancellationRequested
            ? TimeSpan.FromMilliseconds(_options.FlushMs)
            : TimeSpan.FromMilliseconds(_options.Topic.TransactionTimeoutMs);
        try
        {
            Call("SendOffsetsToTransaction", () => _producer.SendOffsetsToTransaction(offsets, group, CallLimit), limit);
            Call("CommitTransaction", () => _producer.CommitTransaction(CallLimit), limit);
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
            Call("AbortTransaction", () => _producer.AbortTransaction(CallLimit),
                TimeSpan.FromMilliseconds(_options.Topic.TransactionTimeoutMs));
        }
        catch (KafkaException e)
        {
            throw new TransactionsLostException(e.Error);
        }

        IsOpen = false;
    }

    /// <summary>Frees the client. Kafka aborts an open transaction when its time is over.</summary>
    public void Dispose()
    {
        _producer.Dispose();
        _pause.Dispose();
    }

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
                _pause.Wait(QueuePause, CancellationToken.None);
            }
        }
    }

    private void OnReport(DeliveryReport<byte[]?, byte[]?> report)
    {
        // An abort purges what was not sent; the reason for the abort came before it.
        if (report.Error.IsError && report.Error.Code is not (ErrorCode.Local_PurgeQueue or ErrorCode.Local_PurgeInflight))
            Interlocked.CompareExchange(ref _deliveryError, report.Error, null);
    }

    private void Call(string step, Action call, TimeSpan limit)
    {
        long start = _time.GetTimestamp();
        bool logged = false;
        while (true)
        {
            try
            {
                call();
                return;
            }
            catch (KafkaRetriableException e) when (limit == Timeout.InfiniteTimeSpan)
            {
                _stop.ThrowIfCancellationRequested();
                Say(e.Error);
            }
            catch (KafkaRetriableException e)
            {
                if (_time.GetElapsedTime(start) >= limit)
                    throw new TransactionsLostException(e.Error);
                Say(e.Error);
            }
            catch (KafkaException e) when (e is not KafkaTxnRequiresAbortException && IsFatal(e.Error))
            {
                throw new TransactionsLostException(e.Error);
            }
        }

        void Say(Error error)
        {
            if (!logged)
                Log.TransactionWaits(_logger, _clients.Servers, step, _clients.Reason(error));
            logged = true;
            _pause.Wait(QueuePause, CancellationToken.None);
        }
    }

    private static bool IsFatal(Error error) => error.IsFatal || error.Code is ErrorCode.Local_Fatal or ErrorCode.Local_Fenced;
}

/// <summary>A transactional producer cannot go on. Nothing is lost or doubled by that: the committed offsets define what is done.</summary>
internal sealed class TransactionsLostException(Error error) : Exception(KafkaFault.WordsOf(error))
{
    /// <summary>The error of Kafka or its client.</summary>
    public Error Error { get; } = error;

    /// <summary>Another producer of the same transactional id has taken over, or Kafka has given this one up.</summary>
    public bool IsFenced => Error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;
}
