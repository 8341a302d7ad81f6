using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Consumer.Partitions;

/// <summary>
/// Sends refused records to the dead-letter topic; see <see cref="DeadLetter"/>. A record that is refused again after a crash is sent
/// again. What the broker finds too large is sent without its value, and names what it omits.
/// </summary>
internal sealed partial class DeadLetters(
    IProducer<byte[]?, byte[]?> producer, TopicSetup topics, IOptions<KafkaOptions> kafka, ConsumerMetrics metrics,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DeadLetters> logger) : IDisposable
{
    private static readonly TimeSpan QueuePause = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim _single = new(1);
    private readonly Lock _topicGate = new();
    private Task<int>? _topic;

    /// <summary>Whether the dead-letter topic was found or created.</summary>
    public bool IsTopicThere => Volatile.Read(ref _topic) is { IsCompletedSuccessfully: true };

    /// <summary>What is waited for where it was not.</summary>
    public string TopicIsMissing =>
        $"the dead-letter topic {kafka.Value.DeadLetters}, which is not there: create it, or let Radar create it";

    /// <summary>Returns when the broker has acknowledged.</summary>
    /// <exception cref="ProduceException{TKey,TValue}">The broker did not accept it; with the remedy where that is known.</exception>
    public async Task SendAsync(int partition, PartitionEvent refused, string reason, CancellationToken cancellationToken)
    {
        Task<int> topic = TopicAsync();
        await topic.WaitAsync(cancellationToken);
        var position = new TopicPartitionOffset(kafka.Value.Topic, partition, refused.Offset);
        var omitted = DeadLetterParts.None;
        try
        {
            if (!await TrySendAsync(() => DeadLetter.Of(Record(refused), position, reason, omitted), omitted, cancellationToken))
                omitted = await SendSinglyAsync(refused, reason, position, cancellationToken);
        }
        catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code is
            ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition)
        {
            Forget(topic); // it was deleted: the next dead letter looks for it, and creates it again
            throw new NamedDeadLetterException(e, KafkaFault.WordsOf(e.Error).Within(words =>
                $"the dead-letter topic {kafka.Value.DeadLetters} is gone ({words}). Radar creates it again where the broker allows it; "
                + "otherwise create it."));
        }
        catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code is ErrorCode.MsgSizeTooLarge)
        {
            throw new NamedDeadLetterException(e, Explanation.Of(
                $"the record at offset {refused.Offset} is too large for the dead-letter topic {kafka.Value.DeadLetters}, even without "
                + "its key, value and headers. Raise the topic's max.message.bytes."));
        }

        metrics.DeadLettered(partition, reason, omitted.Name());
    }

    public void Dispose() => _single.Dispose();

    /// <summary>All processors wait for the topic together.</summary>
    private Task<int> TopicAsync()
    {
        lock (_topicGate)
        {
            if (_topic is not { IsFaulted: false } topic)
                _topic = topic = topics.EnsureAsync(kafka.Value.DeadLetters, lifetime.ApplicationStopped);
            return topic;
        }
    }

    private void Forget(Task<int> topic)
    {
        lock (_topicGate)
            _topic = _topic == topic ? null : _topic;
    }

    /// <summary>One at a time, so that only what is too large itself omits parts.</summary>
    /// <returns>What had to be omitted.</returns>
    private async Task<DeadLetterParts> SendSinglyAsync(
        PartitionEvent refused, string reason, TopicPartitionOffset position, CancellationToken cancellationToken)
    {
        await _single.WaitAsync(cancellationToken);
        try
        {
            var omitted = DeadLetterParts.None;
            while (!await TrySendAsync(() => DeadLetter.Of(Record(refused), position, reason, omitted), omitted, cancellationToken))
                omitted = DeadLetter.AfterTooLarge(omitted, wasAlone: true);
            if (omitted != DeadLetterParts.None)
                TooLarge(position.Partition.Value, position.Offset.Value, kafka.Value.DeadLetters, omitted.Name());
            return omitted;
        }
        finally
        {
            _single.Release();
        }
    }

    /// <returns>False where it cannot be sent as it is (too large for the broker, invalid for the client) and more can be
    /// omitted.</returns>
    private async Task<bool> TrySendAsync(
        Func<Message<byte[]?, byte[]?>> deadLetter, DeadLetterParts omitted, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await producer.ProduceAsync(kafka.Value.DeadLetters, deadLetter(), cancellationToken);
                return true;
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code is ErrorCode.MsgSizeTooLarge && omitted != DeadLetterParts.All)
            {
                return false;
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code is ErrorCode.Local_QueueFull)
            {
                await Task.Delay(QueuePause, time, cancellationToken);
            }
            catch (Exception e) when (e is not (KafkaException or OperationCanceledException or OutOfMemoryException)
                && omitted != DeadLetterParts.All)
            {
                Invalid(e);
                return false;
            }
        }
    }

    private static Message<byte[]?, byte[]?> Record(in PartitionEvent refused) => new()
    {
        Key = refused.Key.ToArray(),
        Value = refused.Value.ToArray(),
        Headers = refused.Headers,
        Timestamp = new Timestamp(refused.RecordMs, TimestampType.CreateTime),
    };

    [LoggerMessage(22, LogLevel.Warning, "A dead letter cannot be sent as it is; parts of it are omitted.")]
    private partial void Invalid(Exception exception);

    [LoggerMessage(21, LogLevel.Warning,
        "Partition {Partition} offset {Offset}: too large for {Topic}; its dead letter is sent without {Omitted}. Raise the topic's "
        + "max.message.bytes to keep such records complete.")]
    private partial void TooLarge(int partition, long offset, string topic, string omitted);
}

/// <summary>The broker did not accept a dead letter, for a reason that is known with its remedy.</summary>
internal sealed class NamedDeadLetterException(ProduceException<byte[]?, byte[]?> refused, Explanation reason)
    : ProduceException<byte[]?, byte[]?>(new Error(refused.Error.Code, reason.Detailed), refused.DeliveryResult, refused)
{
    public Explanation Reason => reason;
}
