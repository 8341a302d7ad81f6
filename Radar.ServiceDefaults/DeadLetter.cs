using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Radar.Market;

namespace Radar.ServiceDefaults;

/// <summary>A record that could not be applied, as it goes to the dead-letter topic.</summary>
public static class DeadLetter
{
    /// <summary>
    /// The record as it came, and behind its own headers <c>radar.reason</c> (of <see cref="TickRefusalNames"/>, or the type of an
    /// exception), <c>radar.topic</c>, <c>radar.partition</c>, <c>radar.offset</c> and <c>radar.timestamp</c> (Kafka's, Unix ms). Where the
    /// broker does not accept the whole record, <c>radar.left_out</c> names what is missing.
    /// </summary>
    public static Message<byte[]?, byte[]?> Of(
        Message<byte[]?, byte[]?> record, TopicPartitionOffset position, string reason, DeadLetterParts omitted) => new()
    {
        Key = omitted == DeadLetterParts.All ? null : record.Key,
        Value = omitted == DeadLetterParts.None ? record.Value : null,
        Headers = HeadersOf(
            omitted == DeadLetterParts.All ? null : record.Headers, position, reason, record.Timestamp.UnixTimestampMs, omitted),
    };

    /// <summary>
    /// What a dead letter omits after the broker found it too large. The broker refuses a batch as a whole, and with it dead letters that
    /// only happened to be in it: only one that was sent by itself omits more.
    /// </summary>
    public static DeadLetterParts AfterTooLarge(DeadLetterParts omitted, bool wasAlone) =>
        wasAlone && omitted != DeadLetterParts.All ? omitted + 1 : omitted;

    private static Headers HeadersOf(
        IEnumerable<IHeader>? own, TopicPartitionOffset position, string reason, long timestampMs, DeadLetterParts omitted)
    {
        var headers = new Headers();
        foreach (IHeader header in own ?? [])
        {
            if (header.Key is not null)
                headers.Add(header.Key, header.GetValueBytes());
        }

        Add(headers, "radar.reason", reason);
        Add(headers, "radar.topic", position.Topic);
        Add(headers, "radar.partition", position.Partition.Value.ToString(CultureInfo.InvariantCulture));
        Add(headers, "radar.offset", position.Offset.Value.ToString(CultureInfo.InvariantCulture));
        Add(headers, "radar.timestamp", timestampMs.ToString(CultureInfo.InvariantCulture));
        if (omitted != DeadLetterParts.None)
            Add(headers, "radar.left_out", omitted.Name());
        return headers;
    }

    private static void Add(Headers headers, string name, string value) => headers.Add(name, Encoding.UTF8.GetBytes(value));
}

/// <summary>What a dead letter omits of its record, since the broker finds the whole too large.</summary>
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
