using System.Buffers.Binary;
using System.Text;

namespace Radar.Tests.Fixtures.Otlp;

/// <summary>Reads one protobuf message field by field, as the wire has it: tag, then a varint, 4, 8 or a counted number of bytes.</summary>
/// <param name="message">The whole message, without a length before it.</param>
/// <remarks>The properties are those of the field that <see cref="Next"/> went to. <see cref="IOException"/>: it ends too early.</remarks>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;
    private const int VarintBytesMax = 10;

    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Number of the field.</summary>
    public int Field { get; private set; }

    /// <summary>Value of a varint or fixed field.</summary>
    public ulong Number { get; private set; }

    /// <summary>Value of a string, bytes, message or packed field.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    public readonly string Hex => Convert.ToHexStringLower(Bytes);

    public readonly double Double => BitConverter.UInt64BitsToDouble(Number);

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty)
            return false;
        ulong tag = ReadVarint();
        Field = (int)(tag >> 3);
        Number = 0;
        Bytes = default;
        switch ((int)(tag & 7))
        {
            case Varint:
                Number = ReadVarint();
                break;
            case Fixed64:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case LengthDelimited:
                Bytes = Take(ReadVarint());
                break;
            case Fixed32:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            default:
                throw new IOException($"Field {Field} has the wire type {tag & 7}, which OTLP does not use.");
        }

        return true;
    }

    /// <summary>Adds what a repeated field of 8 bytes each has, which may be packed or not.</summary>
    public readonly void AddTo(List<ulong> numbers)
    {
        if (Bytes.IsEmpty)
            numbers.Add(Number);
        for (var packed = Bytes; !packed.IsEmpty; packed = packed[sizeof(ulong)..])
            numbers.Add(BinaryPrimitives.ReadUInt64LittleEndian(packed));
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int i = 0; i < VarintBytesMax; i++)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
                return value;
        }

        throw new IOException("A varint is longer than 10 bytes.");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
            throw new IOException($"A protobuf message ends {count - (ulong)_rest.Length} bytes too early.");
        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
