using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Radar.Market;

namespace Radar.ServiceDefaults;

/// <summary>What a dead letter says about itself, beside the headers that the record came with.</summary>
public static class DeadLetterHeaders
{
    /// <summary>
    /// The record's own headers, then <c>radar.reason</c> (of <see cref="TickRefusalNames"/>, or the type of an exception), <c>radar.topic</c>, <c>radar.partition</c>,
    /// <c>radar.offset</c> and <c>radar.timestamp</c> (Kafka's, Unix ms). Where the broker did not take the whole record,
    /// <c>radar.left_out</c> names what is missing.
    /// </summary>
    public static Headers Of(
        IEnumerable<IHeader>? own, string reason, TopicPartitionOffset place, long timestampMs, DeadLetterParts leftOut = DeadLetterParts.None)
    {
        var headers = new Headers();
        foreach (IHeader header in leftOut == DeadLetterParts.All ? [] : own ?? [])
        {
            if (header.Key is not null)
                headers.Add(header.Key, header.GetValueBytes());
        }

        Add(headers, "radar.reason", reason);
        Add(headers, "radar.topic", place.Topic);
        Add(headers, "radar.partition", place.Partition.Value.ToString(CultureInfo.InvariantCulture));
        Add(headers, "radar.offset", place.Offset.Value.ToString(CultureInfo.InvariantCulture));
        Add(headers, "radar.timestamp", timestampMs.ToString(CultureInfo.InvariantCulture));
        if (leftOut != DeadLetterParts.None)
            Add(headers, "radar.left_out", leftOut.Name());
        return headers;
    }

    private static void Add(Headers headers, string name, string value) => headers.Add(name, Encoding.UTF8.GetBytes(value));
}

/// <summary>What a dead letter leaves out of its record, since the broker finds the whole too large.</summary>
public enum DeadLetterParts
{
    /// <summary>Nothing: the record is there as it came.</summary>
    None,

    /// <summary>The value; key and headers are there.</summary>
    Value,

    /// <summary>Key, value and the record's own headers.</summary>
    All,
}

/// <summary>Parts as <c>radar.left_out</c> names them.</summary>
public static class DeadLetterPartsNames
{
    /// <summary>For people: <c>value</c> or <c>key, value and headers</c>.</summary>
    public static string Name(this DeadLetterParts parts) => parts switch
    {
        DeadLetterParts.None => "nothing",
        DeadLetterParts.Value => "value",
        _ => "key, value and headers",
    };
}
