using System.Buffers;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer;

/// <summary>
/// Sends ticks to the topic: in order per symbol, idempotent, never dropping. What is on its way is bounded; the caller waits.
/// </summary>
/// <remarks>
/// Senders take turns, a batch each; delivery reports come on Kafka's own thread and, while it flushes, on that of the one who flushes.
/// </remarks>
internal sealed class KafkaTickSink : IDisposable
{
    private static readonly TimeSpan QueuePause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(1);

    private readonly IProducer<byte[], byte[]> _producer;
    private readonly Backpressure _backpressure;
    private readonly SendTrace _trace;
    private readonly ProducerMetrics _metrics;
    private readonly ProducerOptions _options;
    private readonly ThrottledLog _failures;
    private readonly TimeProvider _time;
    private readonly ILogger<KafkaTickSink> _logger;
    private readonly string _topic;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly SymbolKeys _keys = new();
    private readonly SymbolVenues _venues;
    private readonly ArrayBufferWriter<byte> _value = new(1024);
    private readonly Message<byte[], byte[]> _message = new();
    private readonly Action<DeliveryReport<byte[], byte[]>> _onReport;
    private long _sent;
    private long _reported;
    private long _budget;
    private volatile bool _isTiming;
    private volatile bool _isTooLarge;
    private int _bytesMax;
    private bool _isOpen;

    public KafkaTickSink(
        IProducer<byte[], byte[]> producer,
        Backpressure backpressure,
        ProducerMetrics metrics,
        IOptions<ProducerOptions> options,
        IOptions<KafkaOptions> kafka,
        KafkaClients clients,
        SymbolVenues venues,
        TimeProvider time,
        ILogger<KafkaTickSink> logger)
    {
        _venues = venues;
        (_producer, _backpressure, _metrics, _options, _time, _logger) = (producer, backpressure, metrics, options.Value, time, logger);
        _topic = kafka.Value.Topic;
        _trace = new SendTrace(_topic, clients.Server, _options, time);
        _failures = new ThrottledLog(time, SayEvery);
        _onReport = OnReport;
    }

    /// <summary>Ticks handed to Kafka that it has not yet answered.</summary>
    public long InFlight => _sent - Reported;

    /// <summary>Ticks that Kafka has answered.</summary>
    public long Reported => Volatile.Read(ref _reported);

    /// <summary>The client's settings; <c>Kafka:Client</c> is applied before them.</summary>
    public static void Configure(ProducerOptions options, ProducerConfig config)
    {
        config.EnableIdempotence = true;
        config.Acks = Acks.All;
        config.Partitioner = Partitioner.Murmur2Random;
        config.CompressionType = options.Compression;
        config.LingerMs = options.LingerMs;
        config.BatchSize = options.BatchBytes;
        config.BatchNumMessages = 1_000_000; // BatchBytes is the limit
        config.QueueBufferingMaxMessages = options.QueueTicksMax + 1; // InFlight reaches its limit first
        config.QueueBufferingMaxKbytes = 1 << 20;
        config.MessageTimeoutMs = 0; // a tick waits for Kafka, however long it is away
        config.TopicMetadataRefreshIntervalMs ??= GroupTimes.MetadataRefreshMs;
        config.DeliveryReportFields = "key"; // of the report, only the symbol is of use
    }

    /// <summary>Looks at the topic's partitions, once. Called before the first tick.</summary>
    public async Task OpenAsync(int partitions, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (!_isOpen)
                await _backpressure.OpenAsync(partitions, cancellationToken);
            _isOpen = true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends all of <paramref name="ticks"/> in their order; waits while Kafka or the consumers are behind.</summary>
    /// <exception cref="KafkaException">The client cannot go on (fatal errors only).</exception>
    /// <exception cref="ConfigurationException">The topic takes no batches of this size: more would be lost.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<Tick> ticks, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await SendInTurnAsync(ticks, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Waits for the last acknowledgements, at most <see cref="ProducerOptions.FlushMs"/>, and reports the outcome of all ticks.
    /// </summary>
    public async Task CloseAsync()
    {
        var limit = TimeSpan.FromMilliseconds(_options.FlushMs);
        long start = _time.GetTimestamp();
        while (InFlight > 0 && _time.GetElapsedTime(start) < limit)
        {
            // Flush may return while the last reports are still being worked on.
            await Task.Run(() => _producer.Flush(limit - _time.GetElapsedTime(start)));
            await Task.Delay(InFlight > 0 ? QueuePause : TimeSpan.Zero, _time);
        }

        long unacknowledged = InFlight;
        if (unacknowledged > 0)
            Log.Unacknowledged(_logger, unacknowledged, _options.FlushMs);
        Log.Totals(_logger, _metrics.Acknowledged, _metrics.Failed, unacknowledged, _metrics.Skipped, _metrics.Broken);
    }

    /// <summary>Frees what makes senders take turns.</summary>
    public void Dispose() => _turn.Dispose();

    private async ValueTask SendInTurnAsync(ReadOnlyMemory<Tick> ticks, CancellationToken cancellationToken)
    {
        int next = 0;
        while (true)
        {
            if (_isTooLarge)
            {
                throw new ConfigurationException(
                    $"Topic {_topic} does not take batches of Producer:BatchBytes={_options.BatchBytes}: its max.message.bytes is less. "
                    + "Lower Producer:BatchBytes to less than that, or raise it, and send what was not taken again.");
            }

            next += SendReady(ticks.Span[next..]);
            if (next == ticks.Length)
                return;
            if (_backpressure.IsOn && InFlight < _options.QueueTicksMax && BackpressureCredit() <= 0)
                await _backpressure.WaitAsync(BackpressureCredit, cancellationToken);
            else
                await Task.Delay(QueuePause, _time, cancellationToken);
        }
    }

    /// <summary>Sends until a limit is reached. Returns the number of ticks sent.</summary>
    private int SendReady(ReadOnlySpan<Tick> ticks)
    {
        _trace.ReadClock();
        for (int i = 0; i < ticks.Length; i++)
        {
            if (_budget <= 0)
            {
                _budget = Math.Min(_options.QueueTicksMax - InFlight, BackpressureCredit());
                if (_budget <= 0)
                    return i;
            }

            if (!TrySend(ticks[i]))
                return i;
            _budget--;
        }

        return ticks.Length;
    }

    private bool TrySend(in Tick tick)
    {
        SymbolKey key = _keys.Of(tick.Symbol);
        if (!ReferenceEquals(key.Venue, tick.Venue))
        {
            key.Venue = tick.Venue;
            _venues.Look(tick);
        }

        _value.ResetWrittenCount();
        TickCodec.Write(_value, tick);
        int bytes = key.Utf8.Length + _value.WrittenCount;
        if (bytes > _bytesMax && !FitsLarger(bytes))
            return false;

        var message = _message;
        var onReport = _onReport;
        Activity? sampled = null;
        if (_trace.IsDue(key.Traces) && (sampled = _trace.Start(tick)) is not null)
        {
            message = new Message<byte[], byte[]> { Headers = SendTrace.Headers(sampled) };
            onReport = report => OnSampledReport(report, sampled);
        }

        bool isTimed = !_isTiming && _metrics.MeasuresOperations;
        if (isTimed)
            onReport = Timed(onReport);
        message.Key = key.Utf8;
        message.Value = _value.WrittenSpan.ToArray();
        _sent++;
        try
        {
            _producer.Produce(_topic, message, onReport);
        }
        catch (ProduceException<byte[], byte[]> e)
        {
            if (isTimed)
                _isTiming = false;
            return Refused(e, tick, sampled);
        }

        _metrics.BytesSent(message.Value.Length);
        return true;
    }

    /// <summary>True where the tick is dealt with; false where it is to be sent again.</summary>
    private bool Refused(ProduceException<byte[], byte[]> e, in Tick tick, Activity? sampled)
    {
        _sent--;
        SendTrace.Stop(sampled, e.Error);
        if (e.Error.Code == ErrorCode.Local_QueueFull)
            return false;
        if (e.Error.IsFatal)
            throw new KafkaException(e.Error, e);
        Failed(tick.Symbol, e.Error);
        return true;
    }

    private void Failed(string symbol, Error error)
    {
        _isTooLarge |= error.Code == ErrorCode.MsgSizeTooLarge;
        _metrics.TickFailed(error.Code.ToString());
        if (_failures.IsDue(out long suppressed))
            Log.DeliveryFailed(_logger, symbol, error.Code.ToString(), KafkaFault.WordsOf(error).Detailed, suppressed);
    }

    private void OnReport(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            Failed(Encoding.UTF8.GetString(report.Key ?? []), report.Error);
        }
        else
        {
            _backpressure.Acknowledged(report.Partition, report.Offset);
            _metrics.TickAcknowledged();
        }

        // Last, so that a tick is always either on its way or part of its partition's end.
        Interlocked.Increment(ref _reported);
    }

    /// <summary>
    /// One tick at a time is timed, so that it costs nothing to speak of: the next is the one that is sent after the answer.
    /// </summary>
    private Action<DeliveryReport<byte[], byte[]>> Timed(Action<DeliveryReport<byte[], byte[]>> answered)
    {
        _isTiming = true;
        long began = _time.GetTimestamp();
        return report =>
        {
            _metrics.Answered(_time.GetElapsedTime(began), report.Error.IsError ? report.Error.Code.ToString() : null);
            _isTiming = false;
            answered(report);
        };
    }

    private void OnSampledReport(DeliveryReport<byte[], byte[]> report, Activity sampled)
    {
        SendTrace.Stop(sampled, report);
        OnReport(report);
    }

    private long BackpressureCredit() => _backpressure.Credit(InFlight, _bytesMax);

    /// <summary>A larger tick than all before makes the credit smaller.</summary>
    private bool FitsLarger(int bytes)
    {
        _bytesMax = bytes;
        _budget = Math.Min(_budget, BackpressureCredit());
        return _budget > 0;
    }
}
