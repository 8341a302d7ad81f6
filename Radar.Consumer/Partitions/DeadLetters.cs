using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Consumer.Partitions;

/// <summary>
/// Sends refused records on, as they are, with the headers of <see cref="DeadLetterHeaders"/>. A record that is refused again after a
/// crash is sent again. What the broker finds too large goes without its value, and says so.
/// </summary>
internal sealed partial class DeadLetters(
    IProducer<byte[]?, byte[]?> producer, TopicSetup topics, IOptions<KafkaOptions> kafka, ConsumerMetrics metrics,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DeadLetters> logger) : IDisposable
{
    private static readonly TimeSpan QueuePause = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim _single = new(1);
    private readonly Lock _topicGate = new();
    private Task<int>? _topic;

    /// <summary>Whether the dead-letter topic was found, or made.</summary>
    public bool IsTopicThere => Volatile.Read(ref _topic) is { IsCompletedSuccessfully: true };

    /// <summary>What is waited for where it was not.</summary>
    public string TopicIsMissing => $"the dead-letter topic {kafka.Value.DeadLetters}, which is not there: create it, or let Radar create it";

    /// <summary>Returns when the broker has acknowledged.</summary>
    /// <exception cref="ProduceException{TKey,TValue}">The broker did not take it; with the remedy where that is known.</exception>
    public async Task SendAsync(int partition, PartitionEvent refused, string reason, CancellationToken cancellationToken)
    {
        Task<int> topic = TopicAsync();
        await topic.WaitAsync(cancellationToken);
        var place = new TopicPartitionOffset(kafka.Value.Topic, partition, refused.Offset);
        var left = DeadLetterParts.None;
        try
        {
            if (!await TrySendAsync(() => ToDeadLetter(refused, reason, place, left), left, cancellationToken))
                left = await SendSinglyAsync(refused, reason, place, cancellationToken);
        }
        catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code is
            ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition)
        {
            Forget(topic); // somebody has deleted it: the next letter looks for it, and makes it again
            throw Named(
                e, $"the dead-letter topic {kafka.Value.DeadLetters} is gone ({e.Error.Reason}). Radar makes it again where the broker lets it; "
                + "otherwise create it.");
        }
        catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code is ErrorCode.MsgSizeTooLarge)
        {
            throw Named(
                e, $"the record at offset {refused.Offset} is too large for the dead-letter topic {kafka.Value.DeadLetters}, even without its key, "
                + "value and headers. Raise the topic's max.message.bytes.");
        }

        metrics.DeadLettered(partition, reason, left.Name());
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

    private static ProduceException<byte[]?, byte[]?> Named(ProduceException<byte[]?, byte[]?> e, string sentence) =>
        new(new Error(e.Error.Code, sentence), e.DeliveryResult, e);

    private void Forget(Task<int> topic)
    {
        lock (_topicGate)
            _topic = _topic == topic ? null : _topic;
    }

    /// <summary>
    /// The broker refuses a batch as a whole, and with it letters that only happened to be in it: one by one, it tells which is too large.
    /// </summary>
    /// <returns>What had to be left out.</returns>
    private async Task<DeadLetterParts> SendSinglyAsync(PartitionEvent refused, string reason, TopicPartitionOffset place, CancellationToken cancellationToken)
    {
        await _single.WaitAsync(cancellationToken);
        try
        {
            var left = DeadLetterParts.None;
            while (!await TrySendAsync(() => ToDeadLetter(refused, reason, place, left), left, cancellationToken))
                left++;
            if (left != DeadLetterParts.None)
                TooLarge(place.Partition.Value, place.Offset.Value, kafka.Value.DeadLetters, left.Name());
            return left;
        }
        finally
        {
            _single.Release();
        }
    }

    private static Message<byte[]?, byte[]?> ToDeadLetter(in PartitionEvent refused, string reason, TopicPartitionOffset place, DeadLetterParts left) => new()
    {
        Key = left == DeadLetterParts.All ? null : refused.Key.ToArray(),
        Value = left == DeadLetterParts.None ? refused.Value.ToArray() : null,
        Headers = DeadLetterHeaders.Of(refused.Headers, reason, place, refused.RecordMs, left),
    };

    /// <returns>False where it cannot be sent as it is (too large for the broker, odd for the client) and more can be left out.</returns>
    private async Task<bool> TrySendAsync(Func<Message<byte[]?, byte[]?>> letter, DeadLetterParts left, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await producer.ProduceAsync(kafka.Value.DeadLetters, letter(), cancellationToken);
                return true;
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code is ErrorCode.MsgSizeTooLarge && left != DeadLetterParts.All)
            {
                return false;
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code is ErrorCode.Local_QueueFull)
            {
                await Task.Delay(QueuePause, time, cancellationToken);
            }
            catch (Exception e) when (e is not (KafkaException or OperationCanceledException or OutOfMemoryException) && left != DeadLetterParts.All)
            {
                Odd(e);
                return false;
            }
        }
    }

    [LoggerMessage(22, LogLevel.Warning, "A dead letter cannot be made as it is; parts of it are left out.")]
    private partial void Odd(Exception exception);

    [LoggerMessage(21, LogLevel.Warning, "Partition {Partition} offset {Offset}: too large for {Topic}; its letter goes without {Left}. Raise the topic's max.message.bytes to keep such records whole.")]
    private partial void TooLarge(int partition, long offset, string topic, string left);
}
