using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Consumer;

/// <summary>
/// Sends refused records on, as they are, with the headers <c>radar.reason</c> (snake case of <see cref="TickRefusal"/>),
/// <c>radar.topic</c>, <c>radar.partition</c>, <c>radar.offset</c> and <c>radar.timestamp</c> (Kafka's, Unix ms). A record that is refused
/// again after a crash is sent again.
/// </summary>
internal sealed class DeadLetters(
    IProducer<byte[]?, byte[]?> producer, TopicSetup topics, IOptions<KafkaOptions> kafka, ConsumerMetrics metrics)
{
    private static readonly Dictionary<TickRefusal, string> Reasons =
        Enum.GetValues<TickRefusal>().ToDictionary(refusal => refusal, refusal => JsonNamingPolicy.SnakeCaseLower.ConvertName(refusal.ToString()));

    private bool _topicKnown;

    /// <summary>The reason in headers, metrics and logs.</summary>
    public static string Reason(TickRefusal refusal) => Reasons[refusal];

    /// <summary>Returns when the broker has acknowledged.</summary>
    /// <exception cref="ProduceException{TKey,TValue}">The broker did not take it.</exception>
    public async Task SendAsync(int partition, Arrival refused, TickRefusal refusal, CancellationToken cancellationToken)
    {
        if (!_topicKnown)
        {
            await topics.EnsureAsync(kafka.Value.DeadLetters, cancellationToken);
            _topicKnown = true;
        }

        var headers = new Headers();
        foreach (IHeader header in refused.Headers ?? [])
            headers.Add(header.Key, header.GetValueBytes());
        Add(headers, "radar.reason", Reason(refusal));
        Add(headers, "radar.topic", kafka.Value.Topic);
        Add(headers, "radar.partition", partition.ToString(CultureInfo.InvariantCulture));
        Add(headers, "radar.offset", refused.Offset.ToString(CultureInfo.InvariantCulture));
        Add(headers, "radar.timestamp", refused.RecordMs.ToString(CultureInfo.InvariantCulture));

        var letter = new Message<byte[]?, byte[]?> { Key = refused.Key.ToArray(), Value = refused.Value.ToArray(), Headers = headers };
        await producer.ProduceAsync(kafka.Value.DeadLetters, letter, cancellationToken);
        metrics.Refused(partition, Reason(refusal));
    }

    private static void Add(Headers headers, string name, string value) => headers.Add(name, Encoding.UTF8.GetBytes(value));
}
