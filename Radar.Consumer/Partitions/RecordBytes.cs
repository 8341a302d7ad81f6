using Confluent.Kafka;

namespace Radar.Consumer.Partitions;

/// <summary>A key or a value as it was received; null where the record has none.</summary>
internal readonly struct RecordBytes(byte[]? chunk, int start, int length)
{
    public bool IsNull => chunk is null;

    public int Length => length;

    public ReadOnlySpan<byte> Span => chunk.AsSpan(start, length);

    public byte[]? ToArray() => chunk is null ? null : Span.ToArray();
}

/// <summary>
/// Copies keys and values out of librdkafka's memory, many into one array: a processor decodes them later, on another thread. Used by the
/// polling thread only.
/// </summary>
internal sealed class RecordBytesDeserializer : IDeserializer<RecordBytes>
{
    private const int ChunkBytes = 64 * 1024; // below the large object heap, about 400 records

    private byte[] _chunk = new byte[ChunkBytes];
    private int _used;

    public RecordBytes Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        if (isNull)
            return default;
        if (data.Length > ChunkBytes)
            return new RecordBytes(data.ToArray(), 0, data.Length);
        if (data.Length > ChunkBytes - _used)
            (_chunk, _used) = (new byte[ChunkBytes], 0);

        var copy = new RecordBytes(_chunk, _used, data.Length);
        data.CopyTo(_chunk.AsSpan(_used));
        _used += data.Length;
        return copy;
    }
}
