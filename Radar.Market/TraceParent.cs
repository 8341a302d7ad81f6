using System.Buffers;
using System.Diagnostics;

namespace Radar.Market;

/// <summary>
/// A trace context as W3C Trace Context writes it, in ASCII: <c>00-&lt;trace id, 32 hex&gt;-&lt;span id, 16 hex&gt;-&lt;flags, 2
/// hex&gt;</c>. Headers come from anybody, so only what is well-formed is read; everything else counts as no trace.
/// </summary>
public static class TraceParent
{
    /// <summary>Bytes of version 00.</summary>
    public const int Length = 55;

    private const int TraceIdAt = 3, TraceIdLength = 32, SpanIdAt = 36, SpanIdLength = 16, FlagsAt = 53;

    private static readonly SearchValues<byte> Hex = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>
    /// Reads a header's value, null and empty included. A later version is read as far as this one goes, as the standard asks.
    /// </summary>
    /// <returns>False where it is not a trace context.</returns>
    public static bool TryRead(ReadOnlySpan<byte> header, out ActivityContext context)
    {
        context = default;
        if (header.Length < Length || header[2] != '-' || header[35] != '-' || header[52] != '-')
            return false;
        ReadOnlySpan<byte> version = header[..2], traceId = TraceId(header), spanId = header.Slice(SpanIdAt, SpanIdLength);
        ReadOnlySpan<byte> flags = header.Slice(FlagsAt, 2);
        if (version.SequenceEqual("00"u8) ? header.Length != Length : header.Length > Length && header[Length] != '-')
            return false;
        if (version.ContainsAnyExcept(Hex) || version.SequenceEqual("ff"u8) || flags.ContainsAnyExcept(Hex))
            return false;
        if (!IsId(traceId) || !IsId(spanId))
            return false;

        var recorded = IsOdd(flags[1]) ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None;
        context = new ActivityContext(
            ActivityTraceId.CreateFromUtf8String(traceId), ActivitySpanId.CreateFromUtf8String(spanId), recorded, isRemote: true);
        return true;
    }

    /// <summary>Reads the context of a trace that is recorded; one that its sender did not sample does not count.</summary>
    public static bool TryReadSampled(ReadOnlySpan<byte> header, out ActivityContext context) =>
        TryRead(header, out context) && context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);

    /// <summary>The text of a sampled context.</summary>
    public static string Format(in ActivityContext context) => $"00-{context.TraceId.ToHexString()}-{context.SpanId.ToHexString()}-01";

    /// <summary>The trace id, 32 hex digits, of a well-formed text.</summary>
    public static ReadOnlySpan<byte> TraceId(ReadOnlySpan<byte> traceParent) => traceParent.Slice(TraceIdAt, TraceIdLength);

    /// <inheritdoc cref="TraceId(ReadOnlySpan{byte})"/>
    public static ReadOnlyMemory<byte> TraceId(ReadOnlyMemory<byte> traceParent) => traceParent.Slice(TraceIdAt, TraceIdLength);

    private static bool IsId(ReadOnlySpan<byte> hex) => !hex.ContainsAnyExcept(Hex) && hex.ContainsAnyExcept((byte)'0');

    /// <summary>Of the digit's value. In ASCII <c>0</c> is even as its value is; <c>a</c>, ten, is odd.</summary>
    private static bool IsOdd(byte hexDigit) => ((hexDigit <= '9' ? hexDigit : hexDigit + 1) & 1) != 0;
}
