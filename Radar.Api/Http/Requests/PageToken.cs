using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Radar.Api.Http.Requests;

/// <summary>
/// Where the next page begins: behind this item. In base64url:
/// <code>
/// byte 3 (version) | uint16 partition | int64 last item: a trade's offset or a bar's open time | uint32 hash of the topic's identity
///                  | uint64 hash of the above and the query
/// </code>
/// The hash ties a token to its query and catches what was cut or mistyped. It is no secret: a forged one only leads to another
/// position in the same public list. All integers are big-endian.
/// </summary>
/// <param name="Partition">The partition that the pages come from, even where the symbol's newest trade is in another by now.</param>
/// <param name="Last">Offset or open time of the last item given.</param>
/// <param name="Topic">Hash of the topic in which it was: an offset of a recreated topic is another position.</param>
internal readonly record struct PageToken(int Partition, long Last, uint Topic)
{
    /// <summary>A token for the API's document.</summary>
    public const string Example = "AwADAAAAAAAAEmefhtCB1ZuY410NDJc";

    private const byte Version = 3;
    private const int TopicAt = 1 + sizeof(ushort) + sizeof(long);
    private const int HashAt = TopicAt + sizeof(uint);
    private const int Length = HashAt + sizeof(ulong);
    private static readonly int TextLength = Base64Url.GetEncodedLength(Length);

    public string Format(in PagedQuery query)
    {
        Span<byte> token = stackalloc byte[Length];
        token[0] = Version;
        BinaryPrimitives.WriteUInt16BigEndian(token[1..], (ushort)Partition);
        BinaryPrimitives.WriteInt64BigEndian(token[3..], Last);
        BinaryPrimitives.WriteUInt32BigEndian(token[TopicAt..], Topic);
        BinaryPrimitives.WriteUInt64BigEndian(token[HashAt..], Hash(token[..HashAt], query));
        return Base64Url.EncodeToString(token);
    }

    public static bool TryParse(string text, in PagedQuery query, out PageToken token)
    {
        token = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != TextLength
            || Base64Url.DecodeFromChars(text, bytes, out _, out int written) != System.Buffers.OperationStatus.Done
            || written != Length
            || bytes[0] != Version
            || BinaryPrimitives.ReadUInt64BigEndian(bytes[HashAt..]) != Hash(bytes[..HashAt], query))
        {
            return false;
        }

        token = new PageToken(
            BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]), BinaryPrimitives.ReadInt64BigEndian(bytes[3..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[TopicAt..]));
        return true;
    }

    private static ulong Hash(ReadOnlySpan<byte> token, in PagedQuery query)
    {
        string asked = string.Create(
            CultureInfo.InvariantCulture, $"{query.Kind} {query.Symbol} {query.StartMs} {query.EndMs} {query.Descending} {query.AsOfMs}");
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(asked.AsSpan()), (long)XxHash3.HashToUInt64(token));
    }
}

/// <summary>What a page token is bound to.</summary>
/// <param name="Kind">What is listed: <c>trades</c>, or <c>bars</c> with their timeframe.</param>
/// <param name="Symbol">Normalized.</param>
/// <param name="StartMs">Unix ms, inclusive.</param>
/// <param name="EndMs">Unix ms, inclusive.</param>
/// <param name="Descending">Newest first.</param>
/// <param name="AsOfMs">Point in time, Unix ms, or null.</param>
internal readonly record struct PagedQuery(string Kind, string Symbol, long StartMs, long EndMs, bool Descending, long? AsOfMs);
