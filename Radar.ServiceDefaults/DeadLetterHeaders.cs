using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Radar.Market;

namespace Radar.ServiceDefaults;

/// <summary>What a dead letter says about itself, beside the headers that the record came with.</summary>
public static class DeadLetterHeaders
{
    /// <summary>
    /// The record's own headers, then <c>radar.reason</c> (<see cref="TickRefusalNames"/>), <c>radar.topic</c>, <c>radar.partition</c>,
    /// <c>radar.offset</c> and <c>radar.timestamp</c> (Kafka's, Unix ms).
    /// </summary>
    public static Headers Of(IEnumerable<IHeader>? own, TickRefusal refusal, TopicPartitionOffset place, long timestampMs)
    {
        var headers = new Headers();
        foreach (IHeader header in own ?? [])
            headers.Add(header.Key, header.GetValueBytes());
        Add(headers, "radar.reason", refusal.Name());
        Add(headers, "radar.topic", place.Topic);
        Add(headers, "radar.partition", place.Partition.Value.ToString(CultureInfo.InvariantCulture));
        Add(headers, "radar.offset", place.Offset.Value.ToString(CultureInfo.InvariantCulture));
        Add(headers, "radar.timestamp", timestampMs.ToString(CultureInfo.InvariantCulture));
        return headers;
    }

    private static void Add(Headers headers, string name, string value) => headers.Add(name, Encoding.UTF8.GetBytes(value));
}
