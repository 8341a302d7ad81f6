using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.IO.Hashing;

namespace Radar.Api.Http.Requests;

/// <summary>
/// Where the next page of dead letters begins: before these offsets, one per partition. In base64url:
/// <code>
/// byte 1 (version) | int64 offset per partition | uint64 hash of the above
/// </code>
/// <see cref="PageToken"/> describes the hash. All integers are big-endian.
/// </summary>
internal static class DeadLetterPageToken
{
    /// <summary>A token for the API's document.</summary>
    public const string Example = "AQAAAAAAAAPrAAAAAAAAA-kAAAAAAAAD6nJp7GDg2aAA";

    private const byte Version = 1;

    public static string Format(ImmutableArray<long> before)
    {
        byte[] token = new byte[1 + (before.Length * sizeof(long)) + sizeof(ulong)];
        token[0] = Version;
        for (int partition = 0; partition < before.Length; partition++)
            BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(1 + (partition * sizeof(long))), before[partition]);
        var hashed = token.AsSpan(..^sizeof(ulong));
        BinaryPrimitives.WriteUInt64BigEndian(token.AsSpan(hashed.Length), XxHash3.HashToUInt64(hashed));
        return Base64Url.EncodeToString(token);
    }

    public static bool TryParse(string text, out ImmutableArray<long> before)
    {
        before = [];
        byte[] token = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromChars(text, token, out int read, out int written) != System.Buffers.OperationStatus.Done
            || read != text.Length || written < 1 + sizeof(ulong) || (written - 1) % sizeof(long) != 0 || token[0] != Version)
            return false;
        var hashed = token.AsSpan(..(written - sizeof(ulong)));
        if (BinaryPrimitives.ReadUInt64BigEndian(token.AsSpan(hashed.Length)) != XxHash3.HashToUInt64(hashed))
            return false;
        var offsets = ImmutableArray.CreateBuilder<long>();
        for (int at = 1; at < hashed.Length; at += sizeof(long))
            offsets.Add(BinaryPrimitives.ReadInt64BigEndian(hashed[at..]));
        before = offsets.ToImmutable();
        return true;
    }
}
