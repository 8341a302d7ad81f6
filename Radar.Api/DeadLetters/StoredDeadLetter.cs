using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace Radar.Api.DeadLetters;

/// <summary>A dead letter as the topic has it; what its headers lack is null.</summary>
/// <param name="TimestampMs">Its Kafka timestamp, Unix ms; 0 where it has none.</param>
/// <param name="Partition">Of the dead-letter topic.</param>
/// <param name="Offset">Its own.</param>
/// <param name="Reason">Why the record was refused.</param>
/// <param name="Topic">Of the record.</param>
/// <param name="SourcePartition">Of the record.</param>
/// <param name="SourceOffset">Of the record.</param>
/// <param name="Omitted">What the dead letter is sent without, since the broker found it too large.</param>
/// <param name="Key">The key as text, up to <see cref="KeyBytesMax"/>; null where there is none.</param>
/// <param name="Value">The value as text, up to <see cref="ValueBytesMax"/>; null where there is none.</param>
/// <param name="ValueBytes">Length of the whole value.</param>
internal sealed record StoredDeadLetter(
    long TimestampMs, int Partition, long Offset, string Reason, string? Topic, int? SourcePartition, long? SourceOffset, string? Omitted,
    string? Key, string? Value, int ValueBytes)
{
    /// <summary>The reason of a dead letter that names none: other software wrote it.</summary>
    public const string NoReason = "unknown";

    public const int KeyBytesMax = 256;
    public const int ValueBytesMax = 1024;

    private const int ReasonBytesMax = 128;

    /// <summary>Reads a record of the dead-letter topic.</summary>
    public static StoredDeadLetter Of(ConsumeResult<byte[]?, byte[]?> record)
    {
        var headers = record.Message.Headers;
        return new(
            Math.Max(0, record.Message.Timestamp.UnixTimestampMs), record.Partition.Value, record.Offset.Value, ReasonOf(headers),
            Header(headers, "radar.topic"), Number(headers, "radar.partition") is { } partition and >= 0 and <= int.MaxValue
                ? (int)partition
                : null,
            Number(headers, "radar.offset"), Header(headers, "radar.left_out"), Text(record.Message.Key, KeyBytesMax),
            Text(record.Message.Value, ValueBytesMax), record.Message.Value?.Length ?? 0);
    }

    /// <summary>Why the record was refused.</summary>
    public static string ReasonOf(Headers? headers) => Header(headers, "radar.reason") is { Length: > 0 } reason ? reason : NoReason;

    private static string? Header(Headers? headers, string name) =>
        headers is not null && headers.TryGetLastBytes(name, out byte[]? value) ? Text(value, ReasonBytesMax) : null;

    private static long? Number(Headers? headers, string name) =>
        long.TryParse(Header(headers, name), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>What is no UTF-8, as half a character at the cut, is replaced.</summary>
    private static string? Text(byte[]? bytes, int max) =>
        bytes is null ? null : Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, max)));
}
