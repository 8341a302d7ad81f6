using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Radar.Market;

namespace Radar.Api.Http.Requests;

/// <summary>
/// Where the next page of a list of symbols begins: behind this one. In base64url:
/// <code>
/// byte 2 (version) | symbol in UTF-8 | uint64 hash of the above and the query, big-endian
/// </code>
/// <see cref="PageToken"/> describes the hash.
/// </summary>
internal static class SymbolPageToken
{
    /// <summary>A token for the API's document.</summary>
    public const string Example = "AkJUQ1VTRFTsvLMx0HKExg";

    private const byte Version = 2;
    private const int LengthMax = 1 + SymbolName.BytesMax + sizeof(ulong);
    private static readonly int TextLengthMax = Base64Url.GetEncodedLength(LengthMax);

    public static string Format(string last, in SymbolQuery query)
    {
        Span<byte> token = stackalloc byte[LengthMax];
        token[0] = Version;
        int hashAt = 1 + Encoding.UTF8.GetBytes(last, token[1..]);
        BinaryPrimitives.WriteUInt64BigEndian(token[hashAt..], Hash(token[..hashAt], query));
        return Base64Url.EncodeToString(token[..(hashAt + sizeof(ulong))]);
    }

    public static bool TryParse(string text, in SymbolQuery query, out string last)
    {
        last = "";
        Span<byte> token = stackalloc byte[LengthMax];
        if (text.Length > TextLengthMax
            || Base64Url.DecodeFromChars(text, token, out int read, out int written) != System.Buffers.OperationStatus.Done
            || read != text.Length
            || text.Length != Base64Url.GetEncodedLength(written)
            || written < 1 + 1 + sizeof(ulong)
            || token[0] != Version)
        {
            return false;
        }

        int hashAt = written - sizeof(ulong);
        if (BinaryPrimitives.ReadUInt64BigEndian(token[hashAt..]) != Hash(token[..hashAt], query))
            return false;
        last = Encoding.UTF8.GetString(token[1..hashAt]);
        return true;
    }

    private static ulong Hash(ReadOnlySpan<byte> token, in SymbolQuery query) => XxHash3.HashToUInt64(
        MemoryMarshal.AsBytes($"{query.Kind} {query.Asked} {query.AsOfMs}".AsSpan()), (long)XxHash3.HashToUInt64(token));
}

/// <summary>What a page token of a list of symbols is bound to.</summary>
/// <param name="Kind">What is listed: <c>symbols</c> or <c>tickers</c>.</param>
/// <param name="Asked">The prefix, or the symbols; empty for all.</param>
/// <param name="AsOfMs">Point in time, Unix ms, or null.</param>
internal readonly record struct SymbolQuery(string Kind, string Asked, long? AsOfMs);
