using System.Buffers;
using System.Buffers.Text;
using System.IO.Hashing;
using System.Text.Json;

namespace Radar.Market.Store;

/// <content>Checks whether a record is as it was written.</content>
public static partial class StoredRecord
{
    /// <summary>Length of a checksum, its mark included.</summary>
    internal const int ChecksumLength = 9;

    private const byte ChecksumMark = (byte)'~';

    /// <summary>What the private fields of records without a checksum consist of.</summary>
    private static readonly SearchValues<byte> FieldBytes = SearchValues.Create("0123456789abcdef-. "u8);

    /// <summary>
    /// Writes the checksum of <paramref name="bytes"/> to <paramref name="checksum"/>, which has <see cref="ChecksumLength"/> bytes.
    /// </summary>
    internal static void WriteChecksum(ReadOnlySpan<byte> bytes, Span<byte> checksum)
    {
        checksum[0] = ChecksumMark;
        Utf8Formatter.TryFormat(Crc32.HashToUInt32(bytes), checksum[1..], out _, new StandardFormat('x', 8));
    }

    /// <summary>True where the record has the checksum of its bytes, or is one of an older Radar, which wrote none.</summary>
    internal static bool IsIntact(ReadOnlySpan<byte> record, RecordKind kind)
    {
        if (!HasChecksum(record))
            return IsWithoutChecksum(record, kind);
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        WriteChecksum(record[..^ChecksumLength], checksum);
        return record[^ChecksumLength..].SequenceEqual(checksum);
    }

    /// <summary>The record up to the separator before its checksum.</summary>
    private static ReadOnlySpan<byte> WithoutChecksum(ReadOnlySpan<byte> record) =>
        HasChecksum(record) ? record[..^(ChecksumLength + (record[^(ChecksumLength + 1)] == Separator ? 0 : 1))] : record;

    private static bool HasChecksum(ReadOnlySpan<byte> record) =>
        record.Length > ChecksumLength && record[^ChecksumLength] == ChecksumMark
        && record[^(ChecksumLength + 1)] is Separator or (byte)' ';

    /// <summary>A record of an older Radar has the form of a record; more is unknown.</summary>
    private static bool IsWithoutChecksum(ReadOnlySpan<byte> record, RecordKind kind)
    {
        int end = record.IndexOf(Separator);
        if (kind == RecordKind.Day)
            return end < 0 && IsJson(record);
        if (end < 0 || !IsJson(record[..end]))
            return false;
        var fields = record[(end + 1)..];
        if (fields.ContainsAnyExcept(FieldBytes))
            return false;
        int count = 1 + fields.Count((byte)' ');
        bool isOfKind = kind switch
        {
            RecordKind.Latest => count == 3 || (count == 4 && fields.LastIndexOf((byte)' ') == fields.Length - TraceParent.Length - 1),
            RecordKind.Trade => count == 2,
            _ => count is 6 or 7,
        };
        for (int integers = kind == RecordKind.Bar ? 5 : 2; isOfKind && integers > 0; integers--)
        {
            isOfKind = Utf8Parser.TryParse(fields, out long _, out int length) && (length == fields.Length || fields[length] == ' ');
            fields = fields[Math.Min(length + 1, fields.Length)..];
        }

        return isOfKind;
    }

    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        try
        {
            var json = new Utf8JsonReader(text);
            return json.Read() && json.TokenType == JsonTokenType.StartObject && json.TrySkip() && !json.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>The kinds of <see cref="StoredRecord"/>.</summary>
internal enum RecordKind : byte
{
    /// <summary>A symbol's newest trade.</summary>
    Latest,

    /// <summary>A symbol's day figures.</summary>
    Day,

    /// <summary>One of its trades.</summary>
    Trade,

    /// <summary>One of its bars.</summary>
    Bar,
}
